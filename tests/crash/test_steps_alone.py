"""Each step by itself, against what was there before it or came in between."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.crash.test_crashes import agreeing, plain
from tests.crash.world import AGENT, ALICE, APP, CONF, WAITS, A, World
from workflows.errors import NotYet, Refused, StepFailed
from workflows.model import Facts
from workflows.ports import Machine
from workflows.step import Context
from workflows.steps import config, cutover, destination, group, roster
from workflows.steps.identity import Identity

IDENTITY = Identity(lambda hosts: hosts)  # of all hosts at once
HELD = f"{AGENT}/user_log_config.json"
IDS = f"{CONF}/user_defined_id"
USER_FILE = f"{CONF}/users/{A}"
NEW = "##1.0##shop-a$app-b"
OLD = "##1.0##shop-b$old-config"


def alone(world: World) -> Context:
    """As the engine makes it, once the first step has looked at the hosts."""
    bare = Context(APP, WAITS, world.hosts, world.source, world.target, world.clock)
    return replace(bare, known={"hosts": roster.look(bare)})


def files(world: World, host: str) -> dict[str, bytes]:
    return world.hosts.hosts[host].files


def holding(world: World, *keys: str) -> None:
    for host in world.hosts.hosts.values():
        host.files[HELD] = json.dumps(keys).encode()


def ready() -> World:
    """Group, logstore and config of the target are made; nothing is applied."""
    world = World()
    group.create(alone(world), {})
    world.target.logstore_bodies["app-b"] = {"logstoreName": "app-b"}
    world.target.config_bodies["app-b"] = made(world)
    return world


def made(world: World) -> Facts:
    (row,) = config.look(alone(World()))["configs"]
    return dict(row["create"])


def test_ids_that_were_there_before_stay() -> None:
    world = World()
    files(world, "h1")[USER_FILE] = b""
    files(world, "h2")[IDS] += b"app-b\n"
    before = IDENTITY.look(alone(world))
    IDENTITY.add(alone(world), before)
    IDENTITY.remove_ours(alone(world), before)

    assert USER_FILE in files(world, "h1")
    assert b"app-b" not in files(world, "h1")[IDS]
    assert b"app-b\n" in files(world, "h2")[IDS]
    assert USER_FILE not in files(world, "h2")


def test_a_config_that_was_held_without_the_account_id_is_no_reason_to_keep_it() -> None:
    world = World()
    holding(world, OLD, "##1.0##shop-x$other")
    before = IDENTITY.look(alone(world))
    IDENTITY.add(alone(world), before)
    said = IDENTITY.remove_ours(alone(world), before)

    assert said == "our ids were taken off 3 hosts"
    assert USER_FILE not in files(world, "h1")


@pytest.mark.parametrize(("age", "ok"), [(30, True), (31, False)])
def test_a_heartbeat_counts_while_it_is_fresh(age: int, ok: bool) -> None:
    world = World()
    before = group.look(alone(world))
    group.create(alone(world), before)
    at = world.clock.now() - age
    world.target.beats["app-b"] = tuple(
        Machine(f"10.0.0.{n}", f"UUID-{n}", at) for n in (11, 12, 13)
    )

    if ok:
        assert "3 of 3" in group.all_beating(alone(world), before).text
    else:
        with pytest.raises(NotYet, match="0 of 3 hosts have a heartbeat"):
            group.all_beating(alone(world), before)


def test_a_group_goes_only_if_it_is_ours_and_serves_nobody_else() -> None:
    world = ready()
    world.target.bound.add(("others", "app-b"))
    assert "was there before" in group.delete_ours(alone(world), {"group": {"groupName": "app-b"}})
    with pytest.raises(StepFailed, match="serves others"):
        group.delete_ours(alone(world), {"group": None})

    assert "app-b" in world.target.groups


def test_a_new_index_is_waited_for_and_one_of_others_stays() -> None:
    world = World()
    before = destination.look(alone(world))
    destination.create(alone(world), before)
    with pytest.raises(NotYet, match="counts in 3 s"):
        destination.counting(alone(world), before)
    there = {"logstore": {"ttl": 7}, "index": {"line": {}}}
    destination.delete_if_empty(alone(world), there)

    assert "app-b" in world.target.indexes


@pytest.mark.parametrize("applied", [False, True])
def test_a_config_that_was_there_stays_and_so_does_its_binding(applied: bool) -> None:
    world = ready()
    world.target.bound.add(("app-b", "app-b"))
    holding(world, OLD)
    before: dict[str, Any] = {"config": made(world), "applied": applied, "source_groups": []}
    config.withdraw(alone(world), before)

    assert "app-b" in world.target.config_bodies
    assert (("app-b", "app-b") in world.target.bound) is applied


def test_both_sides_collect_only_when_the_config_is_bound_and_held() -> None:
    world = ready()
    holding(world, OLD, NEW)
    before = {"create": made(world)}
    with pytest.raises(NotYet, match="is not applied to app-b yet"):
        config.held_by_all(alone(world), before)
    world.target.bound.add(("app-b", "app-b"))
    assert "3 of 3 hosts hold" in config.held_by_all(alone(world), before).text
    files(world, "h3")[HELD] = b"[]"

    with pytest.raises(NotYet, match="1 of 3 hosts: h3"):
        config.held_by_all(alone(world), before)


def test_the_source_is_stopped_only_when_nothing_is_bound_and_no_host_holds_it() -> None:
    world = World()
    holding(world, NEW)
    with pytest.raises(NotYet, match="still applied to old-hosts"):
        cutover.only_target(alone(world), {})
    world.source.bound.clear()
    files(world, "h2")[HELD] = json.dumps([OLD]).encode()

    with pytest.raises(NotYet, match="1 of 3 hosts: h2"):
        cutover.only_target(alone(world), {})


def test_the_source_is_attached_again_only_when_every_host_holds_it() -> None:
    world = World()
    holding(world, NEW)
    world.source.bound.clear()

    with pytest.raises(NotYet, match="3 of 3 hosts"):
        cutover.attach_again(alone(world), {"groups": ["old-hosts"]})
    assert ("old-config", "old-hosts") in world.source.bound


def test_a_config_that_was_applied_again_is_not_deleted() -> None:
    world = World()

    with pytest.raises(StepFailed, match="applied to old-hosts again"):
        cutover.delete(alone(world), {"config": {}})
    assert "old-config" in world.source.config_bodies


def test_after_the_stop_only_an_approver_rolls_back() -> None:
    world = plain()

    def people(world: World) -> None:
        if world.asked() == "delete?":
            with pytest.raises(Refused, match="only an approver may roll back"):
                world.service.roll_back("J1", ALICE)
        agreeing(world)

    world.live(people)
    with pytest.raises(Refused, match="only an approver may roll back"):
        world.service.roll_back("J1", ALICE)
