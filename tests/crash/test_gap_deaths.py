"""A worker that dies anywhere in a roll back leaves a source with every line, and a true account."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.crash.conftest import Count
from tests.crash.test_crashes import agreeing
from tests.crash.test_dangers import until
from tests.crash.world import APP, BOB, Death, Dying, Killed, World
from tests.fake_sls import FakeSls
from workflows.model import EventKind, JobState
from workflows.ports import Line, Lines

WRITTEN = re.compile(r"([\d,]+) lines? of the target written")
AGAIN = re.compile(r"repeated ([\d,]+) line")
ADDRESSES = {host.name: f"10.0.0.{number}" for number, host in enumerate(APP.hosts, 11)}
Key = tuple[str, int, str]


class Lined(World):
    """Agents ship whole lines; with a config that is new to them they begin `tail` lines back."""

    tail = 10

    def __post_init__(self) -> None:
        self.files = defaultdict[str, list[tuple[int, str]]](list)
        self.places: dict[tuple[str, str], int] = {}
        super().__post_init__()

    def second(self) -> None:
        self.clock.tick(1)
        now = int(self.clock.now())
        for number, host in enumerate(APP.hosts, 11):
            self.files[host.name] += [(now, f"{now}"), (now, "the same each time")]
            self._ship(host.name, self._agent(host.name, number))

    def _ship(self, host: str, keys: set[str]) -> None:
        for name, key in list(self.places):
            if name == host and key not in keys:
                del self.places[name, key]
        for sls, side in ((self.source, APP.source), (self.target, APP.target)):
            for config, _ in sls.configs(side.logstore):
                if (key := f"##1.0##{side.project}${config}") in keys:
                    self._send(sls, side.logstore, host, key)

    def _send(self, sls: FakeSls, logstore: str, host: str, key: str) -> None:
        lines = self.files[host]
        start = self.places.get((host, key), max(0, len(lines) - self.tail))
        self.places[host, key] = len(lines)
        made = tuple(Line(at, (("content", text),)) for at, text in lines[start:])
        now = int(self.clock.now())
        tags = (("__hostname__", host),)
        sls.arrive(logstore, Lines(made, source=ADDRESSES[host], tags=tags, received=now))

    @property
    def written(self) -> Counter[Key]:
        return Counter((h, at, text) for h, lines in self.files.items() for at, text in lines)

    def held(self) -> Counter[Key]:
        return Counter(
            (dict(group.tags)["__hostname__"], line.time, line.fields[0][1])
            for group in self.source.held["old-logs"]
            for line in group.lines
        )

    def told(self) -> str:
        told = self.store.told["J1"]
        kind = EventKind.TAKEN_BACK
        return next(e.text for e in told if e.kind is kind and e.step == "stop")


class FromTheStart(Lined):
    """Files are so small that an agent begins at their first line."""

    tail = 10**6


POINTS: dict[str, Callable[[World], bool]] = {
    "asked to delete": lambda world: world.asked() == "delete?",
    "moved": lambda world: world.job.state is JobState.SUCCEEDED,
}


def begun(make: type[Lined], point: str) -> Lined:
    """A world at that point, right after somebody asked to roll back."""
    world = make()
    until(world.start(), POINTS[point]) if point != "moved" else world.start().live(agreeing)
    for _ in range(20):
        world.second()
    world.service.roll_back("J1", BOB)
    return world


def wrong(world: Lined) -> str:
    """What is not as it should be; "" where all is."""
    missing, more = world.written - world.held(), world.held() - world.written
    again = AGAIN.search(world.told())
    if world.job.state is not JobState.UNDONE:
        return str(world.job.state)
    if missing:
        return f"{missing.total()} lines are missing"
    told = int(again[1].replace(",", "")) if again else -1
    return "" if more.total() == told else f"{more.total()} lines too many, told {told}"


def died(make: type[Lined], point: str, left: int) -> tuple[Lined, int]:
    world, death = begun(make, point), Death(left)
    wrap = partial(_dying, death)
    try:
        world.live(agreeing, wrap)
    except Killed:
        world.live(agreeing)
    for _ in range(10):
        world.second()
    return world, death.left


def _dying(death: Death, port: Any) -> Any:
    return Dying(port, death)


@pytest.mark.parametrize("make", [Lined, FromTheStart])
@pytest.mark.parametrize("point", POINTS)
def test_a_death_at_any_call_loses_no_line_and_doubles_none(
    make: type[Lined], point: str, count: Count
) -> None:
    undisturbed, left = died(make, point, 10**9)
    points = 10**9 - left
    bad = {n: text for n in range(1, points + 1) if (text := wrong(died(make, point, n)[0]))}
    count(points, len(bad))

    assert wrong(undisturbed) == ""
    assert bad == {}
    assert points > 100
    assert bool(WRITTEN.search(undisturbed.told())) is (make is Lined)
