"""What tests of pulling share: a logstore on each side, in shards, to which lines are only added."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

from bot.scan import Group, exactly, summed
from tests.fakes import FakeClock
from workflows.apps import App, Proving, Side, Waits
from workflows.collection.forms import Form
from workflows.errors import NotYet, Unavailable
from workflows.model import Facts
from workflows.ports import Line, Lines, Scanned
from workflows.proof.cells import Cell
from workflows.proof.comparison import Comparison
from workflows.step import Context
from workflows.steps import by_pull

START = 1_700_000_040  # a whole minute
MADE = START - 130  # the target's config
SETTLE = 30
HOSTS = {"h1": "10.0.0.1", "h2": "10.0.0.2", "h3": "10.0.0.3"}
FILE = "/var/log/a.log"
WAITS = Waits(minute=60, minutes=3, settle=SETTLE, soak=0)


def line(time: int, text: str = "x", **more: str) -> Line:
    return Line(time, (("content", text), *more.items()))


def parcel(host: str, *lines: Line, received: int = 0, file: str = FILE) -> Lines:
    """What an agent sends at once."""
    tags = (("__path__", file), ("__receive_time__", str(received)))
    at = received or max((one.time for one in lines), default=START) + 2
    return Lines(lines, source=HOSTS.get(host, host), tags=tags, received=at)


@dataclass
class Shards:
    """One side. A cursor is how many groups of its shard were read; `exact` as the bot's own."""

    size: int = 2
    page: int = 3
    made: int = MADE
    scans: int = 0
    pages: int = 0
    away: frozenset[int] = frozenset()  # pages at which it does not answer, by their number
    shards: list[list[Lines]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shards = [[] for _ in range(self.size)]

    def add(self, *parcels: Lines, shard: int = -1) -> None:
        for one in sorted(parcels, key=lambda each: each.received):
            where = crc32(repr(one).encode()) % self.size if shard < 0 else shard
            self.shards[where].append(one)

    def scan(
        self,
        logstore: str,
        start: int,
        end: int,
        *,
        minute: int = 60,
        after: Mapping[int, str] | None = None,
        exact: bool = False,
    ) -> Iterator[Scanned]:
        self.scans += 1
        made = exactly if exact else _as_it_lies
        for shard, held in enumerate(self.shards):
            begin, stop = _first(held, start), _first(held, end)
            begin = int((after or {}).get(shard, begin))
            for at in range(begin, stop, self.page):
                self._answer()
                upto = min(at + self.page, stop)
                yield summed(map(made, held[at:upto]), minute, shard, str(upto))

    def pull(self, logstore: str, start: int, end: int) -> Iterator[Lines]:
        for held in self.shards:
            self._answer()
            yield from [one for one in held if start <= one.received < end]

    def _answer(self) -> None:
        self.pages += 1
        if self.pages in self.away:
            raise Unavailable("reading lines: no answer")

    def count(self, logstore: str, start: int, end: int) -> int:
        return sum(
            start <= each.time < end for held in self.shards for one in held for each in one.lines
        )

    def config(self, name: str, form: Form = Form.CLASSIC) -> Facts | None:
        return {"configName": name, "createTime": self.made} if self.made else None


def _first(held: list[Lines], at: int) -> int:
    return next((n for n, one in enumerate(held) if one.received >= at), len(held))


def _as_it_lies(lines: Lines) -> Group:
    """Marks go by the order of the fields too."""
    seconds: dict[int, Cell] = {}
    for one in lines.lines:
        told = Line(one.time, (("", repr(one.fields)),), one.nanos)
        cell = exactly(replace(lines, lines=(told,))).seconds[one.time]
        seconds[one.time] = seconds.get(one.time, Cell()).plus(cell)
    return exactly(lines)._replace(seconds=seconds)


@dataclass
class World:
    """Two sides and a clock; `state` goes through JSON between looks, as the job keeps it."""

    source: Shards = field(default_factory=Shards)
    target: Shards = field(default_factory=Shards)
    clock: FakeClock = field(default_factory=lambda: FakeClock(START))
    state: Facts = field(default_factory=lambda: {"from": START})
    without: frozenset[str] = frozenset()
    rate: float = 1e9
    engine: Any = by_pull
    known: dict[str, Facts] = field(default_factory=dict)
    noted: Facts = field(default_factory=dict)  # whatever else was put with the job

    def context(self) -> Context:
        expected = {name: {"ip": ip, "unique_id": name} for name, ip in HOSTS.items()}
        known: dict[str, Facts] = {
            "hosts": {"expected": expected},
            "both": {"configs": [{"source": "c", "target": "c", "form": Form.CLASSIC}]},
        }
        none: Any = None
        source: Any = self.source
        target: Any = self.target
        side = Side("p", "l", "c", "g")
        return Context(
            App("app-b", "app-b", side, side, ()),
            WAITS,
            none,
            source,
            target,
            self.clock,
            known={**known, **self.known},
            jot=self.jot,
            without=self.without,
            proving=Proving(rate=self.rate),  # type: ignore[arg-type]
        )

    def jot(self, facts: Facts) -> None:
        if "state" not in facts:
            self.noted |= facts
            return
        self.state = json.loads(json.dumps(facts["state"]))

    def look(self, at: int = START + 60 + SETTLE) -> Comparison:
        """Until an answer comes."""
        self.clock.time = at
        found: Comparison
        for _ in range(10_000):
            try:
                found, state = self.engine.compared(self.context(), self.state)
            except (NotYet, Unavailable):
                continue
            self.jot({"state": state})
            return found
        raise AssertionError("no answer")

    def both(self, *parcels: Lines) -> None:
        self.source.add(*parcels)
        self.target.add(*parcels)
