"""What others do meanwhile: nothing is deleted, detached or given up that somebody still needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from tests.crash.test_crashes import agreeing, approve, plain, turning_back
from tests.crash.world import ALICE, APP, BOB, CONF, WAITS, A, World
from workflows.engine import Engine
from workflows.errors import ClaimLost, NotYet
from workflows.logmigrate import LOGMIGRATE
from workflows.model import Claim, EventKind, JobState
from workflows.ports import Machine
from workflows.step import Context
from workflows.steps import cutover, destination

USER_FILE = f"{CONF}/users/{A}"
ROWS = [row.name for row in LOGMIGRATE.steps]
CHANGES = ("create_", "delete_", "apply", "remove")


def until(world: World, reached: Callable[[World], bool]) -> World:
    """Let the story run until `reached`, with everybody agreeing before."""

    class Reached(Exception):
        pass

    def people(world: World) -> None:
        if reached(world):
            raise Reached
        agreeing(world)

    with pytest.raises(Reached):
        world.live(people)
    return world


def look_until_stopped(world: World) -> None:
    for _ in range(50):
        world.look(world.engine(), world.store)
        if world.job.state is JobState.STOPPED:
            return
    raise AssertionError(f"does not stop: {world.job}")


def said_of(world: World, step: str) -> str:
    told = world.store.told["J1"]
    return [e.text for e in told if e.kind is EventKind.TAKEN_BACK and e.step == step][-1]


def test_the_account_id_stays_where_another_app_collects_into_the_target_by_now() -> None:
    world = until(plain(), lambda w: w.asked() == "stop?")
    world.target.groups["app-c"] = {"groupName": "app-c", "machineList": ["app-b"]}
    world.target.config_bodies["app-c"] = {}
    world.target.bound.add(("app-c", "app-c"))
    second = world.hosts.hosts["h2"].files
    second[f"{CONF}/user_defined_id"] += b"app-c\n"
    world.target.groups["app-c"]["machineList"] = ["app-c"]
    world.service.roll_back("J1", ALICE)
    world.live(agreeing)

    assert USER_FILE in second
    assert b"app-b" not in second[f"{CONF}/user_defined_id"]
    assert USER_FILE not in world.hosts.hosts["h1"].files
    assert "on h2: left the account id, which ##1.0##shop-a$app-c may need" in said_of(
        world, "identity"
    )


def test_a_logstore_whose_index_is_gone_is_not_taken_for_an_empty_one() -> None:
    world = until(plain(), lambda w: w.asked() == "stop?")
    del world.target.indexes["app-b"]
    world.service.roll_back("J1", ALICE)
    world.live(agreeing)

    assert "app-b" in world.target.logstore_bodies
    assert "it holds lines" in said_of(world, "destination")


def test_a_config_that_others_use_by_now_is_not_deleted() -> None:
    world = until(plain(), lambda w: w.asked() == "stop?")
    world.target.bound.add(("app-b", "others"))
    world.service.roll_back("J1", ALICE)
    look_until_stopped(world)
    assert "config app-b is applied to others too" in world.job.reason
    assert "app-b" in world.target.config_bodies
    world.target.bound.discard(("app-b", "others"))
    world.service.retry("J1", ALICE)
    world.live(agreeing)

    assert world.job.state is JobState.UNDONE


def test_the_target_goes_on_while_the_source_was_detached_by_hand() -> None:
    world = until(plain(), lambda w: w.asked() == "stop?")
    world.source.remove("old-config", "old-hosts")
    world.service.roll_back("J1", ALICE)
    look_until_stopped(world)

    assert "nobody would collect" in world.job.reason
    assert ("app-b", "app-b") in world.target.bound


def test_a_retry_days_after_the_approval_proves_again_before_it_detaches() -> None:
    world = until(plain(), lambda w: w.asked() == "stop?")
    real, denied = world.source.remove, NotYet("log:RemoveConfigFromMachineGroup was denied")

    def refuse(config: str, group: str) -> None:
        raise denied

    world.source.remove = refuse  # type: ignore[method-assign]
    approve(world)
    world.look(world.engine(), world.store)
    assert world.job.record("stop").state == "doing"
    world.source.remove = real  # type: ignore[method-assign]
    for _ in range(60):
        world.second()
        world.target.lines["app-b"].clear()  # the agents send nothing there by now
    world.look(world.engine(), world.store)

    assert ("old-config", "old-hosts") in world.source.bound
    assert "different" in world.job.record("stop").note


def test_a_source_that_is_attached_again_must_receive_before_the_target_goes() -> None:
    world = until(plain(), lambda w: w.asked() == "delete?")
    ship = world.source.lines
    world.service.roll_back("J1", BOB)
    for _ in range(40):
        world.look(world.engine(), world.store)
        world.second()
        ship["old-logs"].clear()

    assert ("app-b", "app-b") in world.target.bound
    assert "the source has no line yet" in world.job.record("stop").note


def test_a_machine_of_the_source_that_the_settings_forgot_blocks_the_move() -> None:
    world = World()
    stranger = Machine("10.0.0.99", "UUID-99", world.clock.now())
    world.source.beats["old-hosts"] = (stranger,)
    world.start()
    look_until_stopped(world)
    assert "10.0.0.99" in world.job.reason
    assert world.target.journal == []

    late = World()
    late.source.beats["old-hosts"] = (Machine("10.0.0.99", "U", late.clock.now() - 31),)
    late.start().live(agreeing)
    assert late.job.state is JobState.SUCCEEDED


def test_a_stop_of_a_config_that_was_applied_nowhere_has_nothing_to_take_back() -> None:
    world = World()
    context = Context(APP, WAITS, world.hosts, world.source, world.target, world.clock)

    assert "no group before" in cutover.attach_again(context, {"groups": []})
    assert "was not there before" in cutover.recreate(context, {"config": None})
    assert world.source.journal == []


def test_an_index_that_we_added_to_a_logstore_of_others_is_all_that_goes() -> None:
    world = World()
    world.target.logstore_bodies["app-b"] = {"logstoreName": "app-b", "ttl": 7}
    world.start().live(partial(turning_back, "stop?"))

    assert world.target.logstore_bodies["app-b"]["ttl"] == 7
    assert world.target.indexes == {}
    assert destination.FOREVER_AGO == 0


class Watched:
    """A port that notes the name of each call."""

    def __init__(self, port: Any, calls: list[str]) -> None:
        self._port, self._calls = port, calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._calls.append(name)
            return found(*args, **kwargs)

        return call


class Asking(World):
    """A world whose worker notes when a step asks whether the claim still holds."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.calls: list[str] = []

    def look(self, engine: Engine, store: Any) -> None:
        claim = store.claim("J1")
        if claim is None:
            return
        newest: list[Claim] = [claim]
        ours = partial(self.calls.append, "ours")
        seconds = engine.advance(claim, ours=ours, saved=newest.append)
        store.release(newest[-1], seconds)


@pytest.mark.parametrize("at", ["never", "delete?"])
def test_each_effect_asks_for_the_claim_right_before(at: str) -> None:
    """A slow answer may outlive the claim, and somebody else may be rolling back by then."""
    world = Asking()
    world.start()
    watch = partial(Watched, calls=world.calls)
    world.live(partial(turning_back, at), watch)
    if at == "never":
        world.service.roll_back("J1", BOB)
        world.live(agreeing, watch)

    pairs = [pair for pair in pairwise(world.calls) if pair[1].startswith(CHANGES)]
    assert len(pairs) > 6
    assert [pair for pair in pairs if pair[0] != "ours"] == []


def test_a_claim_that_is_lost_half_way_starts_no_new_effect() -> None:
    world = until(plain(), lambda w: w.job.record("group").state == "done")
    before = destination.look(
        Context(APP, WAITS, world.hosts, world.source, world.target, world.clock)
    )
    asked: list[int] = []

    def ours() -> None:
        asked.append(1)
        if len(asked) == 2:
            raise ClaimLost("over")

    world.target.delete_logstore("app-b")
    world.target.journal.clear()
    context = Context(APP, WAITS, world.hosts, world.source, world.target, world.clock, ours=ours)
    with pytest.raises(ClaimLost):
        destination.create(context, {**before, "create_logstore": {"logstoreName": "app-b"}})

    assert world.target.journal == ["create logstore app-b"]


@pytest.mark.parametrize(("kind", "said"), [("ip", True), ("userdefined", False)])
def test_a_first_custom_id_beside_a_group_by_ip_is_cautioned_against(kind: str, said: bool) -> None:
    world = World()
    world.source.groups["old-hosts"]["machineIdentifyType"] = kind
    del world.hosts.hosts["h1"].files[f"{CONF}/user_defined_id"]
    world.service.plan(APP.name, ALICE, "C1")
    world.look(world.engine(), world.store)

    line = world.store.told["J1"][-1].lines[ROWS.index("pilot")]
    assert ("old-hosts: it knows hosts by ip, and a first custom id on h1 may" in line) is said
