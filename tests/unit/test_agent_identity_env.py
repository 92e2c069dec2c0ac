"""How ids of the environment and ids of the files go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.hosts.disk import RealDisk
from sandbox.hosts.identity import env_accounts, env_ids, read_identity
from sandbox.hosts.root import CUSTOM_IDS, USERS
from sandbox.hosts.versions import traits
from tests.unit.agent_kit import A, B, Bench

OLD, NEW = "ALIYUN_LOGTAIL_USER_DEFINED_ID", "LOONG_USER_DEFINED_ID"


def test_logtail_adds_the_ids_of_the_environment_to_those_of_the_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    found = read_identity(RealDisk(bench.root), B, {OLD: "from-env, app-b-hosts,"})

    assert found.ids == ("app-b-hosts", "from-env")


def test_loongcollector_takes_the_environments_ids_in_place_of_the_files(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "3.3.5")
    found = read_identity(RealDisk(bench.root), B, {OLD: "from-env"}, traits((3, 3, 5)))

    assert found.ids == ("from-env",)


def test_an_environment_without_ids_leaves_the_file_in_force(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "3.3.5")
    found = read_identity(RealDisk(bench.root), B, {OLD: ""}, traits((3, 3, 5)))

    assert found.ids == ("app-b-hosts",)


def test_loongcollector_tries_its_own_name_first_and_logtail_does_not_know_it() -> None:
    env = {OLD: "old", NEW: "new"}

    assert env_ids(env, traits((3, 0, 5))) == ("new",)
    assert env_ids(env, traits((1, 8, 8))) == ("old",)


@pytest.mark.parametrize(
    ("value", "accounts"),
    [(A, {A}), (f" {A},", {A}), (f"{A},{B}", set()), ("", set()), ("ram-user", set())],
)
def test_the_environment_names_one_account_and_no_more(value: str, accounts: set[str]) -> None:
    assert env_accounts({"ALIYUN_LOGTAIL_USER_ID": value}) == accounts


def test_a_heartbeat_carries_the_account_of_the_environment_beside_those_of_files(
    tmp_path: Path,
) -> None:
    other = "1300000000000123"
    bench = Bench(tmp_path, env={"ALIYUN_LOGTAIL_USER_ID": A})
    (bench.root / USERS).mkdir()
    (bench.root / USERS / other).touch()
    bench.start()

    assert bench.door.beats[-1].accounts == {A, B, other}


def test_a_removed_id_file_leaves_the_host_with_its_ip_within_a_minute(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.start()
    (bench.root / CUSTOM_IDS).unlink()
    bench.round(60)
    bench.round(60)

    assert bench.door.beats[0].ids == ("app-b-hosts",)
    assert bench.door.beats[-1].ids == ()
