"""A worker that dies anywhere leaves a job that ends as if it had not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.crash.conftest import Count
from tests.crash.world import ALICE, APP, BOB, Death, Dying, Killed, World
from workflows.model import EventKind, JobState

People = Callable[[World], None]
Story = tuple[Callable[[], World], People]


def approve(world: World) -> None:
    name = world.asked()
    if name:
        world.service.approve("J1", name, world.job.record(name).shown, BOB)


def agreeing(world: World) -> None:
    """Everybody says yes."""
    if world.job.state is JobState.STOPPED:
        raise AssertionError(world.job.reason)
    approve(world)


def turning_back(at: str, world: World) -> None:
    """Bob rolls back when the question `at` is open, and says yes before."""
    if world.asked() == at:
        world.service.roll_back("J1", BOB)
    else:
        agreeing(world)


def declining(at: str, world: World) -> None:
    """Bob declines at `at`, and alice rolls back or, after the stop, bob does."""
    if world.asked() == at:
        world.service.decline("J1", at, world.job.record(at).shown, BOB)
    elif world.job.state is JobState.STOPPED:
        world.service.roll_back("J1", BOB)
    else:
        agreeing(world)


def declining_once(world: World) -> None:
    """Bob declines the first question, alice asks again, bob agrees."""
    declined = [e for e in world.store.told["J1"] if e.kind is EventKind.DECLINED]
    if world.asked() == "stop?" and not declined:
        world.service.decline("J1", "stop?", world.job.record("stop?").shown, BOB)
    elif world.job.state is JobState.STOPPED:
        world.service.retry("J1", ALICE)
    else:
        approve(world)


def mending(world: World) -> None:
    """A host refuses until somebody has read of it, puts it right and retries."""
    if world.job.state is JobState.STOPPED:
        world.hosts.allow("h2")
        world.service.retry("J1", ALICE)
    else:
        approve(world)


def plain() -> World:
    return World().start()


def with_a_broken_host() -> World:
    world = World()
    world.hosts.refuse("h2")
    return world.start()


STORIES: dict[str, Story] = {
    "forward": (plain, agreeing),
    "back at stop?": (plain, partial(turning_back, "stop?")),
    "back at delete?": (plain, partial(turning_back, "delete?")),
    "declined at stop?": (plain, partial(declining, "stop?")),
    "declined at delete?": (plain, partial(declining, "delete?")),
    "declined once": (plain, declining_once),
    "a host mended": (with_a_broken_host, mending),
}


def calls_of(story: Story) -> int:
    """How many points there are at which the undisturbed story could have died."""
    make, people = story
    death = Death(left=10**9)
    world = make()
    world.live(people, lambda port: Dying(port, death))
    return 10**9 - death.left


def died_at(story: Story, point: int) -> World:
    make, people = story
    world, death = make(), Death(point)
    try:
        world.live(people, lambda port: Dying(port, death))
    except Killed:
        world.live(people)
    return world


def deaths(story: Story) -> tuple[int, list[int]]:
    """How many points were tried, and those that changed the end."""
    make, people = story
    undisturbed = make()
    undisturbed.live(people)
    expected = undisturbed.snapshot()
    points = calls_of(story)
    return points, [n for n in range(1, points + 1) if died_at(story, n).snapshot() != expected]


@pytest.mark.parametrize("story", STORIES)
def test_dying_at_any_call_changes_nothing_in_the_end(story: str, count: Count) -> None:
    points, different = deaths(STORIES[story])
    count(points, len(different))

    assert different == []
    assert points > 100


@pytest.mark.parametrize("at", ["stop?", "delete?"])
def test_rolling_back_puts_everything_as_it_was(at: str) -> None:
    before, world = World(), plain()
    world.live(partial(turning_back, at))

    assert world.job.state is JobState.UNDONE
    world.forget_what_was_collected()
    assert world.surroundings() == before.surroundings()


def test_a_logstore_that_holds_lines_is_kept_and_said_to_be() -> None:
    world = plain()
    world.live(partial(turning_back, "stop?"))

    said = [e.text for e in world.store.told["J1"] if e.step == "destination"][-1]
    assert "app-b" in world.target.logstore_bodies
    assert said.startswith("logstore app-b is kept: it holds lines")


def test_a_logstore_that_stayed_empty_is_deleted() -> None:
    before, world = World(), plain()

    def early(world: World) -> None:
        if world.job.state is JobState.RUNNING and world.target.logstore_bodies:
            world.service.roll_back("J1", ALICE)

    world.live(early)
    assert world.job.state is JobState.UNDONE
    assert world.surroundings() == before.surroundings()


def test_a_finished_migration_can_be_taken_back_whole() -> None:
    before, world = World(), plain()
    world.live(agreeing)
    assert world.job.state is JobState.SUCCEEDED
    world.service.roll_back("J1", BOB)
    world.live(agreeing)

    assert world.job.state is JobState.UNDONE
    world.forget_what_was_collected()
    assert world.surroundings() == before.surroundings()


def test_each_effect_happens_once_and_in_the_safe_order() -> None:
    world = plain()
    world.live(agreeing)

    assert world.target.journal == [
        "create group app-b",
        "create logstore app-b",
        "create index app-b",
        "create config app-b",
        "apply app-b app-b",
    ]
    assert world.source.journal == ["remove old-config old-hosts", "delete config old-config"]


def test_undo_takes_the_source_back_first_and_the_identity_last() -> None:
    world = plain()
    world.live(partial(turning_back, "delete?"))

    taken = [e.step for e in world.store.told["J1"] if e.kind is EventKind.TAKEN_BACK]
    assert taken == ["stop", "proof", "both", "destination", "identity", "group", "pilot"]


def test_what_was_there_before_is_not_undone() -> None:
    world = World()
    world.target.groups["app-b"] = {
        "groupName": "app-b", "machineIdentifyType": "userdefined", "machineList": ["app-b"],
    }  # fmt: skip
    world.start().live(partial(turning_back, "stop?"))

    assert list(world.target.groups) == ["app-b"]
    assert "delete group app-b" not in world.target.journal


def test_a_host_that_refuses_stops_the_job_with_its_name_and_reason() -> None:
    world = with_a_broken_host()
    while world.job.state is not JobState.STOPPED:
        world.look(world.engine(), world.store)

    assert "1 of 3 hosts: h2: connecting to h2: connection refused" in world.job.reason
    assert world.target.journal == []
    told = world.store.told["J1"][-1]
    assert [(result.host, result.ok) for result in told.hosts] == [("h2", False)]


def test_a_plan_looks_at_everything_and_touches_nothing() -> None:
    world, before = World(), World()
    world.service.plan(APP.name, ALICE, "C1")
    world.look(world.engine(), world.store)

    lines = world.store.told["J1"][-1].lines
    assert world.job.state is JobState.SUCCEEDED
    assert world.surroundings() == before.surroundings()
    looked = [line.partition(": ")[2][:22] for line in lines if "?" not in line.splitlines()[0]]
    assert looked[:9] == [
        "config old-config (cla",
        "3 hosts, by the settin",
        "both sides collect for",
        "add account id 1234567",
        "create machine group a",
        "add account id 1234567",
        "wait for the heartbeat",
        "create logstore app-b ",
        "create config app-b wi",
    ]


def test_a_group_of_that_name_that_is_another_is_never_overwritten() -> None:
    world = World()
    world.target.groups["app-b"] = {
        "groupName": "app-b", "machineIdentifyType": "ip", "machineList": ["10.0.0.99"],
    }  # fmt: skip
    world.start()
    while world.job.state is not JobState.STOPPED:
        world.look(world.engine(), world.store)

    assert "exists in the target with another machineIdentifyType" in world.job.reason
    assert world.target.groups["app-b"]["machineList"] == ["10.0.0.99"]
