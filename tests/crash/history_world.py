"""The history's job alone, on fakes: a past in the source, and what the target's agents brought of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from tests.crash.world import ALICE, APP, BOB, WAITS, A, B, Wrap, untouched
from tests.fake_hosts import FakeHosts
from tests.fake_sls import FakeSls
from tests.fakes import FakeClock, FakeNotifier, FakeQueue, FakeStore
from workflows.apps import App, People, Proving, Roles
from workflows.engine import Engine
from workflows.logmigrate import LOGMIGRATE
from workflows.model import (
    ENDED,
    Claim,
    Event,
    EventKind,
    Facts,
    Job,
    JobKind,
    JobState,
    Record,
    RecordState,
)
from workflows.ports import Copying, Line, Lines
from workflows.service import Service
from workflows.step import Context

NOW = 1_700_000_000
LIVE, BEGAN, PROVEN = NOW - 7200, NOW - 7260, NOW - 1800
FROM = NOW - 86_400
SECONDS = 400  # of the world; a story that is not over by then hangs
ROLES = Roles(f"acs:ram::{B}:role/reader", f"acs:ram::{A}:role/writer", "here")
Seen = Counter[tuple[str, int, tuple[tuple[str, str], ...]]]


@dataclass
class CopyingSls(FakeSls):
    """One whose copying jobs copy at once, and end."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.into: FakeSls | None = None
        self.status = "SUCCEEDED"

    def create_copying(self, body: Facts) -> None:
        if body["name"] in self.copies:
            return
        super().create_copying(body)
        asked = body["configuration"]
        for one in list(self.held[asked["logstore"]]):
            if asked["fromTime"] <= one.received < asked["toTime"] and self.into:
                now = int(self.clock.now())
                self.into.arrive(
                    body["configuration"]["sinks"][0]["logstore"], replace(one, received=now)
                )

    def copying(self, name: str) -> Copying | None:
        found = super().copying(name)
        return replace(found, status=self.status) if found else None


def lines(time: int, *texts: str, host: str = "h1") -> Lines:
    made = tuple(Line(time, (("content", text),)) for text in texts)
    return Lines(made, source=host, tags=(("__hostname__", host),), received=time)


class World:
    """`rate` lines a second at most, so that there are several looks."""

    def __init__(self, app: App = APP, rate: int = 2) -> None:
        self.clock, self.app, self.rate = FakeClock(NOW), app, rate
        self.store, self.notifier = FakeStore(self.clock), FakeNotifier()
        self.source, self.target = CopyingSls(B, self.clock), FakeSls(A, self.clock)
        self.source.into = self.target
        for sls, name in ((self.source, "old-logs"), (self.target, "app-b")):
            sls.create_logstore({"logstoreName": name, "ttl": 30})
            sls.create_index(name, {})
        self.service = Service(
            LOGMIGRATE, {APP.name: app}, People(frozenset({BOB})), self.store, FakeQueue(),
            self.clock, lambda: "J1",
        )  # fmt: skip
        self._past()

    def _past(self) -> None:
        """Ordinary lines, the same line twice at once, and the same once more in another group."""
        for n in range(8):
            at = FROM + 1000 + 9000 * n
            for host in ("h1", "h2"):
                self.source.arrive("old-logs", lines(at, f"line {n}", "same", "same", host=host))
            self.source.arrive("old-logs", lines(at, "same", f"again {n}"))
        tail = lines(LIVE - 20, "tail 1", "tail 2", "twice")
        self.source.arrive("old-logs", lines(LIVE - 20, "just before it", "tail 1", "tail 2"))
        self.source.arrive("old-logs", lines(LIVE - 20, "twice", "twice"))
        self.target.arrive("app-b", replace(tail, received=LIVE - 5))
        for at in range(LIVE, LIVE + 3000, 600):
            for sls, name in ((self.source, "old-logs"), (self.target, "app-b")):
                sls.arrive(name, lines(at, f"both at {at}"))

    def begin(self, **asked: int) -> World:
        records = tuple(Record(row.name) for row in LOGMIGRATE.rows(JobKind.HISTORY))
        times = {"from": FROM, "at": NOW, "began": BEGAN, "live": LIVE, "proven": PROVEN}
        job = Job(
            id="J1", app="app-b", requested_by=ALICE, channel="C1", created=NOW, records=records,
            kind=JobKind.HISTORY, names=self.app.names,
            asked={**times, **asked, "move": "J0", "hosts": {}},
        )  # fmt: skip
        self.store.create(job, Event(NOW, "J1", EventKind.STARTED))
        return self

    def engine(self, wrap: Wrap = untouched) -> Engine:
        hosts: Any = FakeHosts({})
        ports = hosts, wrap(self.source), wrap(self.target), self.clock
        context = Context(self.app, WAITS, *ports, proving=Proving(rate=self.rate))
        store, notifier = wrap(self.store), wrap(self.notifier)
        return Engine(LOGMIGRATE, store, notifier, self.clock, WAITS, lambda _grip: context)

    @property
    def job(self) -> Job:
        return self.store.load("J1")

    def live(self, wrap: Wrap = untouched) -> JobState:
        """Until the job has ended or stopped; bob agrees to what is asked."""
        engine, store = self.engine(wrap), wrap(self.store)
        for _ in range(SECONDS):
            for _due in self.store.due():
                self._look(engine, store)
            self.clock.tick(1)
            self._agree()
            if self.job.state in {*ENDED, JobState.STOPPED}:
                return self.job.state
        raise AssertionError(f"hangs: {self.job}")

    def _look(self, engine: Engine, store: Any) -> None:
        if claim := store.claim("J1"):
            newest: list[Claim] = [claim]
            seconds = engine.advance(claim, saved=newest.append)
            store.release(newest[-1], seconds)

    def _agree(self) -> None:
        for record in self.job.records:
            if record.state is RecordState.ASKED and self.job.state is JobState.WAITING:
                self.service.approve("J1", record.name, record.shown, BOB)

    def seen(self, sls: FakeSls, name: str) -> Seen:
        """Every line there is, counted by all that a test can see of it."""
        return Counter(
            (one.source, line.time, line.fields) for one in sls.held[name] for line in one.lines
        )

    def told(self) -> str:
        return "; ".join((self.job.reason, *(event.text for event in self.store.told["J1"])))
