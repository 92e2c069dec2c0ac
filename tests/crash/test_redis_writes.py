"""Bot and worker die, or stall beyond their claim, at any write that reaches a real server."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from tests.crash.conftest import Count
from tests.crash.on_redis import CLAIM, Calm, OnRedis, Redis, Worker
from tests.crash.test_crashes import STORIES, agreeing
from tests.crash.world import ALICE, BOB, World
from workflows.model import EventKind, JobState, RecordState

# Thousands of lives, in minutes where the machine has other things to do as well.
pytestmark = [pytest.mark.usefixtures("_quiet"), pytest.mark.timeout(1200)]

People = Callable[[World], None]
EFFECTS = ("run", "create_", "delete_", "apply", "remove")


def back_after(step: str, world: World) -> None:
    """Alice rolls back as soon as `step` is done."""
    turned = any(e.kind is EventKind.TURNED for e in world.store.told["J1"])
    if not turned and world.job.record(step).state is RecordState.DONE:
        world.service.roll_back("J1", BOB)
    else:
        agreeing(world)


def retried_back(world: World) -> None:
    """A host refuses while all is taken back, until somebody has read of it and retries."""
    if world.job.state is JobState.STOPPED:
        world.hosts.allow("h2")
        world.service.retry("J1", ALICE)
    elif world.job.state is JobState.RUNNING and "app-b" in world.target.groups:
        world.hosts.refuse("h2")
        world.service.roll_back("J1", BOB)


# Those that meet each state and each request of people once; on fakes all are told.
TOLD: dict[str, People] = {
    **{name: STORIES[name][1] for name in ("forward", "back at delete?", "declined once")},
    "a host mended": STORIES["a host mended"][1],
    **{f"back after {step}": partial(back_after, step) for step in ("identity", "group")},
    "back, and retried": retried_back,
}


def begun(served: Redis, story: str) -> OnRedis:
    world = OnRedis(served)
    if story == "a host mended":
        world.hosts.refuse("h2")
    return world


@dataclass
class Deaths:
    """
    At each tick all processes die, new ones go on, and the end is compared. After one write and
    before the next are two points; where nothing came between they are one state, tried once.
    """

    world: OnRedis
    people: People
    expected: tuple[object, ...]
    points: int = 0
    tried: int = 0
    different: list[int] = field(default_factory=list)
    tried_last: object = None

    def tick(self) -> None:
        self.points += 1
        before_a_write = self.points % 2 == 1
        now = self.world.clock.now(), self.world.surroundings()
        if before_a_write and now == self.tried_last:
            return
        self.tried, self.tried_last = self.tried + 1, now
        with self.world.standing_still():
            other = self.world.branch()
            if other.live_on(self.people).snapshot() != self.expected:
                self.different.append(self.points)
            other.gone()


@pytest.mark.parametrize("story", TOLD)
def test_dying_at_any_write_changes_nothing_in_the_end(
    served: Redis, story: str, count: Count
) -> None:
    people = TOLD[story]
    expected = begun(served, story).live_on(people).snapshot()
    world = begun(served, story)
    deaths = Deaths(world, people, expected)
    world.live_on(people, deaths)
    count(deaths.points, len(deaths.different))

    assert deaths.different == []
    assert deaths.points > 30
    assert world.snapshot() == expected


@dataclass
class Stall:
    """At the n-th tick the process stands still, and `meanwhile` happens."""

    left: int
    meanwhile: Callable[[], None]

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.meanwhile()


class After:
    """A port that ticks after each effect: one that is under way cannot be called back."""

    def __init__(self, port: Any, fate: Stall) -> None:
        self._port, self._fate = port, fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not name.startswith(EFFECTS):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            answer = found(*args, **kwargs)
            self._fate.tick()
            return answer

        return call


Ends = list[tuple[object, ...]]
Others = Callable[[OnRedis], tuple[object, ...]]  # what they make of the job, when they have


def stalled(world: OnRedis, point: int, others: Others) -> Ends:
    """
    A worker stalls at that point of its look, past its claim, and wakes when others had the job.
    How it stood before that, and after the look; nothing where the look has no such point.
    """
    ends: Ends = []

    def meanwhile() -> None:
        heart.sleep(CLAIM + 1)
        for _ in range(CLAIM + 1):
            world.second()
            world.let_pass(1)
        ends.append(others(world))

    fate = Stall(point, meanwhile)
    worker = world.worker(fate, lambda port: After(port, fate))
    *_, heart = worker
    world.work(worker)
    return [*ends, world.snapshot()] if ends else []


def taking(world: OnRedis) -> tuple[object, ...]:
    """Another worker has just taken the job, and saved nothing yet."""
    world.served.store(world.prefix, Calm()).claim("J1")
    return world.snapshot()


class Stalling(OnRedis):
    """Before each look of its worker, tries in branches what a stall at each point of it does."""

    def __init__(self, served: Redis, people: People, expected: tuple[object, ...]) -> None:
        super().__init__(served)
        self.ending: Others = lambda world: world.live_on(people).snapshot()
        self.expected = [expected, expected]
        self.points = 0
        self.different: list[int] = []

    def work(self, worker: Worker) -> None:
        with self.standing_still():
            self._try_stalls()
        super().work(worker)

    def _try_stalls(self) -> None:
        for point in itertools.count(1):
            taken, ended = self._stalled(point, taking), self._stalled(point, self.ending)
            if not ended:
                break
            self.points += 1
            if ended != self.expected or taken[0] != taken[1]:
                self.different.append(self.points)

    def _stalled(self, point: int, others: Others) -> Ends:
        other = self.branch()
        ends = stalled(other, point, others)
        other.gone()
        return ends


@pytest.mark.parametrize("story", ["forward", "back after group"])
def test_a_worker_that_wakes_after_its_claim_writes_nothing_and_starts_nothing(
    served: Redis, story: str, count: Count
) -> None:
    people = TOLD[story]
    expected = begun(served, story).live_on(people).snapshot()
    world = Stalling(served, people, expected)
    world.live_on(people)
    count(world.points, len(world.different))

    assert world.different == []
    assert world.points > 30
