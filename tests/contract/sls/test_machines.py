"""Who is in a machine group of the SLS server: its list, changed in place, and ListMachines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_sls20201230 import models

from tests.contract.sls.speak_tea import OverTea
from tests.contract.sls.world import SOURCE_KEY, World, add_group, beat


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        add_group(made, ids=("app-a", "app-b"))
        yield made


def listed(world: World) -> list[str]:
    detail = world.source.get_machine_group("web", "hosts").get_machine_group()
    machines: list[str] = detail.machine_list
    return machines


def test_machines_are_added_and_deleted_without_the_rest_of_the_group(world: World) -> None:
    tea = OverTea(SOURCE_KEY, world.server.proxy)
    change: Any = models.UpdateMachineGroupMachineRequest
    for action, machines in (("add", ["app-c", "app-b"]), ("delete", ["app-a", "app-z"])):
        request = change(action=action, body=machines)
        tea.client.update_machine_group_machine("web", "hosts", request)

    assert listed(world) == ["app-b", "app-c"]


@pytest.mark.parametrize(
    ("body", "params", "code"),
    [
        (["a"], {}, "ParameterInvalid"),
        (["a"], {"action": "set"}, "ParameterInvalid"),
        ({"machines": ["a"]}, {"action": "add"}, "InvalidParameter"),
        ([1], {"action": "add"}, "InvalidParameter"),
    ],
)
def test_a_malformed_change_of_machines_is_refused(
    world: World, body: Any, params: dict[str, str], code: str
) -> None:
    path, raw = "/machinegroups/hosts/machines", json.dumps(body).encode()
    status, _, answer = world.send("PUT", path, raw, params=params)

    assert (status, answer["errorCode"], listed(world)) == (400, code, ["app-a", "app-b"])


def test_a_machine_shows_the_five_fields_of_the_present_api(world: World) -> None:
    world.server.door.beat(beat(ids=("app-b",), host_id="H-1"))
    (machine,) = world.send("GET", "/machinegroups/hosts/machines")[2]["machines"]

    assert abs(machine.pop("lastHeartbeatTime") - world.clock.now()) < 5
    assert machine == {
        "ip": "10.0.0.11", "machine-uniqueid": "uid-10.0.0.11",
        "userdefined-id": "app-b", "host-id": "H-1",
    }  # fmt: skip
