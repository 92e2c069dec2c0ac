"""What a host looks like before anybody touches it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.hosts.root import (
    AGENT_CONFIG,
    APP_INFO,
    CUSTOM_IDS,
    USERS,
    Machine,
    inside,
    lay_out,
    nth_ip,
)


def machine(version: str = "1.8.8") -> Machine:
    return Machine("h1", "10.0.0.11", "cn-hangzhou", version)


def read(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.read_text())
    return found


@pytest.mark.parametrize(("newline", "text"), [(True, b"app-b-hosts\n"), (False, b"app-b-hosts")])
def test_a_host_has_bs_custom_id_and_nobodys_account(
    tmp_path: Path, newline: bool, text: bytes
) -> None:
    lay_out(tmp_path, machine(), "app-b-hosts", final_newline=newline)

    assert (tmp_path / CUSTOM_IDS).read_bytes() == text
    assert not (tmp_path / USERS).exists()


def test_the_agents_version_decides_the_names_of_its_fields(tmp_path: Path) -> None:
    lay_out(tmp_path / "old", machine("1.8.8"), "x")
    lay_out(tmp_path / "new", machine("3.3.5"), "x")

    assert read(tmp_path / "old" / APP_INFO)["logtail_version"] == "1.8.8"
    assert read(tmp_path / "new" / APP_INFO)["loongcollector_version"] == "3.3.5"
    assert set(read(tmp_path / "old" / AGENT_CONFIG)) == {
        "config_server_address",
        "data_server_list",
    }
    assert read(tmp_path / "new" / AGENT_CONFIG)["primary_region"] == "cn-hangzhou"


def test_no_path_leads_out_of_the_root(tmp_path: Path) -> None:
    assert inside(tmp_path, "/../../etc/x/../passwd") == tmp_path / "etc/passwd"


def test_addresses_are_valid_and_all_different() -> None:
    addresses = [nth_ip(index) for index in range(1000)]

    assert addresses[:2] == ["10.0.0.11", "10.0.0.12"]
    assert len(set(addresses)) == 1000
    assert all(1 <= int(one.rsplit(".", 1)[1]) <= 254 for one in addresses)
