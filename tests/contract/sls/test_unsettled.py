"""What public sources leave open about SLS: the server does either, as it is told."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from aliyun.log import LogItem, MachineGroupDetail, PutLogsRequest

from sandbox.sls.settings import DAY, Limits, Unsettled
from tests.contract.sls.world import World, add_group, beat, refusal, regex_config


def machines(world: World, group: str = "hosts") -> list[dict[str, Any]]:
    found: list[dict[str, Any]]
    found = world.send("GET", f"/machinegroups/{group}/machines")[2]["machines"]
    return found


@pytest.mark.parametrize("status", [400, 404])
def test_a_config_that_exists_is_one_status_or_the_other(status: int) -> None:
    with World(unsettled=Unsettled(config_exists=status)) as world:
        body = json.dumps(regex_config().to_json()).encode()
        world.send("POST", "/configs", body)
        got = world.send("POST", "/configs", body)

    assert (got[0], got[2]["errorCode"]) == (status, "ConfigAlreadyExist")
    assert got[2]["errorMessage"] == "config nginx already exists"


def removal(unsettled: Unsettled) -> int:
    with World(unsettled=unsettled) as world:
        add_group(world)
        world.send("POST", "/configs", json.dumps(regex_config().to_json()).encode())
        world.send("PUT", "/machinegroups/hosts/configs/nginx")
        applied = world.send("DELETE", "/machinegroups/hosts/configs/nginx")
        again: int = world.send("DELETE", "/machinegroups/hosts/configs/nginx")[0]

    assert applied[0] == 200
    return again


def test_removing_an_unapplied_pair_succeeds_or_is_not_found() -> None:
    assert removal(Unsettled()) == 200
    assert removal(Unsettled(remove_unapplied=404)) == 404


@pytest.mark.parametrize("quota", [100, 200])
def test_a_project_holds_100_or_200_configs(quota: int) -> None:
    with World(limits=Limits(configs=quota)) as world:
        configs = world.server.state.project("web").configs
        body = json.dumps(regex_config().to_json()).encode()
        configs |= {f"c-{number}": {"configName": f"c-{number}"} for number in range(quota - 1)}
        last = world.send("POST", "/configs", body)
        more = world.send("POST", "/configs", body.replace(b'"nginx"', b'"second"'))

    assert (last[0], more[2]["errorCode"]) == (200, "ProjectQuotaExceed")


def put_aged(limits: Limits, age: float) -> int:
    with World(limits=limits) as world:
        world.logstore(index=False)
        item = LogItem(int(world.clock.now() - age), contents=[("message", "old")])
        request = PutLogsRequest("web", "app", logitems=[item])
        if limits.put_oldest != math.inf:
            return refusal(lambda: world.source.put_logs(request))[0]
        world.source.put_logs(request)
        return len(world.pulled())


def test_lines_outside_the_window_are_refused_or_taken() -> None:
    no_window = Limits(put_oldest=math.inf, put_newest=math.inf)

    assert (put_aged(Limits(), 8 * DAY), put_aged(Limits(), -1000)) == (400, 400)
    assert (put_aged(no_window, 8 * DAY), put_aged(no_window, -1000)) == (1, 1)


@pytest.mark.parametrize(("listed", "expected"), [(False, 0), (True, 1)])
def test_a_silent_machine_is_absent_or_still_listed(listed: bool, expected: int) -> None:
    with World(unsettled=Unsettled(stale_machines=listed)) as world:
        add_group(world)
        world.server.door.beat(beat())
        fresh = len(machines(world))
        world.clock.forward(301)
        stale = len(machines(world))

    assert (fresh, stale) == (1, expected)


@pytest.mark.parametrize("separator", ["\n", ",", ";"])
def test_several_custom_ids_are_joined_by_either_separator(separator: str) -> None:
    with World(unsettled=Unsettled(id_separator=separator)) as world:
        add_group(world)
        world.server.door.beat(beat(ids=("app-a", "app-b")))
        (machine,) = machines(world)

    assert machine["userdefined-id"] == f"app-a{separator}app-b"


def delivered_by_ip(unsettled: Unsettled, ids: tuple[str, ...]) -> tuple[int, int]:
    with World(unsettled=unsettled) as world:
        here: Any = ["10.0.0.11"]
        world.source.create_machine_group("web", MachineGroupDetail("by-ip", "ip", here))
        world.send("POST", "/configs", json.dumps(regex_config().to_json()).encode())
        world.source.apply_config_to_machine_group("web", "nginx", "by-ip")
        configs = world.server.door.beat(beat(ids=ids))
        return len(configs), len(machines(world, "by-ip"))


def test_a_custom_id_leaves_the_ip_to_ip_groups_or_hides_it() -> None:
    hiding = Unsettled(custom_id_hides_ip=True)

    assert delivered_by_ip(Unsettled(), ("app-b",)) == (1, 1)
    assert delivered_by_ip(hiding, ("app-b",)) == (0, 0)
    assert delivered_by_ip(hiding, ()) == (1, 1)


def test_a_machine_that_gets_its_first_custom_id_is_hidden_at_once_when_ids_hide_ips() -> None:
    with World(unsettled=Unsettled(custom_id_hides_ip=True)) as world:
        here: Any = ["10.0.0.11"]
        world.source.create_machine_group("web", MachineGroupDetail("by-ip", "ip", here))
        world.server.door.beat(beat(ids=()))
        before = len(machines(world, "by-ip"))
        add_group(world)
        world.server.door.beat(beat(ids=("app-b",)))
        after = [len(machines(world, name)) for name in ("by-ip", "hosts")]

    assert (before, after[1]) == (1, 1)
    # The group keeps the heartbeat it knows until that is stale: no newer one reaches it.
    assert after[0] == 1


def test_resource_policies_are_not_there_and_say_so() -> None:
    with World() as world:
        status, _, answer = world.send("GET", "/resource-policies")

    assert (status, answer["errorCode"]) == (501, "NotImplemented")


@pytest.mark.parametrize("full", [True, False])
def test_a_group_shows_all_attributes_or_the_documented_two(full: bool) -> None:
    with World(unsettled=Unsettled(all_group_attributes=full)) as world:
        add_group(world)
        attributes = world.send("GET", "/machinegroups/hosts")[2]["groupAttribute"]

    more = {"osType", "region", "policy"} if full else set()
    assert attributes.keys() == {"externalName", "groupTopic"} | more
