"""A host that died: named, left out by a person, remembered, and honest at the roll back."""

from __future__ import annotations

import pytest

from tests.crash.test_crashes import agreeing, plain, turning_back
from tests.crash.test_dangers import until
from tests.crash.world import ALICE, APP, BOB, CONF, A, World
from workflows.errors import Refused
from workflows.logmigrate import LOGMIGRATE
from workflows.model import EventKind, JobState, RecordState

USER_FILE = f"{CONF}/users/{A}"


def with_a_dead_host() -> World:
    world = World()
    world.dead.add("h2")
    world.hosts.refuse("h2", "no route to host")
    return world


def stopped(world: World) -> World:
    engine = world.engine()
    while world.job.state is not JobState.STOPPED:
        world.look(engine, world.store)
    return world


def leaving_out(world: World) -> None:
    if world.job.state is JobState.STOPPED:
        world.service.leave_out("app-b", ["h2"], ALICE)
        world.service.retry("J1", ALICE)
    else:
        agreeing(world)


def test_a_dead_host_stops_the_job_and_left_out_of_it_the_others_are_moved() -> None:
    world = with_a_dead_host().start()
    world.live(leaving_out)

    assert world.job.state is JobState.SUCCEEDED
    assert world.job.without == ("h2",)
    assert USER_FILE in world.hosts.hosts["h1"].files
    assert USER_FILE not in world.hosts.hosts["h2"].files
    asked = next(e for e in world.store.told["J1"] if e.kind is EventKind.ASKED)
    assert "receives nothing from h1, h3; left out: h2" in asked.lines[1]


def test_a_host_may_be_left_out_from_the_start_and_the_plan_says_so() -> None:
    world = with_a_dead_host()
    world.service.plan(APP.name, ALICE, "C1", ["h2"])
    world.look(world.engine(), world.store)

    lines = world.store.told["J1"][-1].lines
    at = [row.name for row in LOGMIGRATE.steps].index("hosts")
    assert (
        lines[at] == "Look at every host of the app: 2 hosts, by the settings' list; left out: h2"
    )
    assert "h2" not in " ".join(lines[at + 1 : at + 5])


def test_a_host_that_dies_after_it_was_prepared_is_left_as_it_is_and_the_roll_back_says_so() -> (
    None
):
    world = plain()
    engine = world.engine()
    while world.job.record("identity").state is not RecordState.DONE:
        world.look(engine, world.store)
        world.second()
    world.dead.add("h2")
    world.hosts.refuse("h2", "no route to host")

    def people(world: World) -> None:
        if world.job.state is JobState.STOPPED:
            leaving_out(world)
        else:
            turning_back("stop?", world)

    world.live(people)

    assert world.job.state is JobState.UNDONE
    assert USER_FILE in world.hosts.hosts["h2"].files
    assert USER_FILE not in world.hosts.hosts["h1"].files
    taken = [e.text for e in world.store.told["J1"] if e.kind is EventKind.TAKEN_BACK]
    assert any("on h2: nothing was taken back, since it was left out" in text for text in taken)


def test_only_a_stopped_migration_can_go_on_without_a_host() -> None:
    world = plain()
    with pytest.raises(Refused, match="is queued; hosts are left out of a stopped job"):
        world.service.leave_out("J1", ["h2"], ALICE)
    world.service.plan(APP.name, ALICE, "C1")
    with pytest.raises(Refused, match="is no migration"):
        world.service.leave_out("J2", ["h2"], ALICE)


def test_strangers_and_unknown_hosts_and_all_hosts_are_refused() -> None:
    world = stopped(with_a_dead_host().start())
    with pytest.raises(Refused, match="You are not an approver"):
        world.service.leave_out("J1", ["h2"], "UCAROL")
    with pytest.raises(Refused, match="app-b has no host h7") as refusal:
        world.service.leave_out("J1", ["h7"], ALICE)
    assert refusal.value.hint == "Its hosts: h1, h2, h3."
    with pytest.raises(Refused, match="has no host left to move"):
        world.service.leave_out("J1", ["h1", "h2", "h3"], ALICE)

    assert world.job.without == ()
    assert world.service.leave_out("J1", ["h2"], BOB).without == ("h2",)


def test_once_the_source_is_stopped_every_host_counts() -> None:
    world = until(plain(), lambda w: w.job.record("alone").state is RecordState.PROVING)
    world.source.bound.add(("old-config", "old-hosts"))  # by somebody else
    while world.job.state is not JobState.STOPPED:
        world.look(world.engine(), world.store)
        world.second()

    assert "config old-config is applied to old-hosts again" in world.job.reason
    with pytest.raises(Refused, match="collected by nobody"):
        world.service.leave_out("J1", ["h2"], ALICE)


def test_a_host_that_cannot_be_asked_any_more_holds_up_neither_way_once_it_is_left_out() -> None:
    world = plain()
    world.live(_broken_at_the_stop)

    assert EventKind.RED in [event.kind for event in world.store.told["J1"]]
    assert world.job.state is JobState.SUCCEEDED
    assert world.job.without == ("h2",)


def _broken_at_the_stop(world: World) -> None:
    """The hand-over is not seen to its end on h2: back by itself, which waits for h2 as well."""
    if world.job.state is JobState.STOPPED:
        if world.job.back_to:
            world.dead.add("h2")
            world.service.leave_out("J1", ["h2"], ALICE)
        world.service.retry("J1", ALICE)
        return
    agreeing(world)
    if world.job.record("stop").state is RecordState.PROVING and not world.job.without:
        world.hosts.refuse("h2")
