"""The watch on a real Redis: one worker a round, people first, each finding told once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import redis
from structlog.testing import capture_logs

from bot.watch import TURNS, Watch
from tests.contract.redis_servers import KINDS, RunningServer, a_store, running, told, until
from tests.crash.world import APP, WAITS, World
from tests.fakes import FakeClock, FakeNotifier
from tests.unit.test_drift_looks import edit_target, lose_line, moved
from workflows.apps import Waits
from workflows.errors import StoreAway
from workflows.model import EventKind, Job, JobState
from workflows.step import Context

PREFIX = "{here}"
LONG = 600.0  # seconds of a round; over at once where a test drops its mark


@pytest.fixture(scope="module", params=KINDS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    with running(request.param, tmp_path_factory.mktemp(request.param)) as one:
        yield one


@dataclass
class Bench:
    """A migration on fakes whose job lies in Redis, and watches over it."""

    server: RunningServer
    to: str = "delete?"
    looked: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        with self.client() as client:
            client.flushdb()
        self.store = a_store(self.server, PREFIX)
        self.world: World = moved(self.to)
        self.notifier = FakeNotifier()
        self.store.create(replace(self.world.job, version=0), told("started", "J1"))
        claim = self.store.claim("J1")
        assert claim is not None
        self.store.release(self.store.commit(claim, claim.job), None)

    def close(self) -> None:
        self.store.close()

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.server.port, decode_responses=True)

    def watch(self, waits: Waits | None = None, days: float = 14.0) -> Watch:
        waits = waits or replace(WAITS, watch=LONG)
        return Watch(self.store, self.context, self.notifier, self.clock, waits, days)

    @property
    def clock(self) -> FakeClock:
        return self.world.clock

    def context(self, job: Job) -> Context | None:
        world = self.world
        self.looked.append(job.id)
        self.meanwhile()
        return Context(APP, WAITS, world.hosts, world.source, world.target, world.clock)

    def due_again(self, *keys: str) -> None:
        """What was taken for a round's length is free, as it is after that."""
        with self.client() as client:
            for key in keys or ("watch",):
                client.delete(f"{PREFIX}:once:{key}")

    @property
    def said(self) -> list[tuple[str, str]]:
        return [(str(event.kind), event.text) for _, event in self.store.events("J1")][1:]

    @property
    def job(self) -> Job:
        return self.store.load("J1")


@pytest.fixture
def bench(server: RunningServer) -> Iterator[Bench]:
    with closing(Bench(server)) as one:
        yield one


@pytest.fixture
def ended(server: RunningServer) -> Iterator[Bench]:
    with closing(Bench(server, "end")) as one:
        yield one


def test_of_two_workers_one_looks_in_a_round(bench: Bench) -> None:
    first, second = bench.watch(), bench.watch()

    first.round()
    second.round()
    bench.due_again()
    second.round()

    assert bench.looked == ["J1", "J1"]


def test_a_finding_is_told_once_and_once_more_when_it_is_settled(bench: Bench) -> None:
    watch, agreed = bench.watch(), dict(bench.world.target.config_bodies)
    edit_target(bench.world)

    for _ in range(3):
        watch.round()
        bench.due_again()
    found = bench.job
    bench.world.target.config_bodies = agreed
    watch.round()

    assert [kind for kind, _ in bench.said] == [EventKind.DRIFT, EventKind.SETTLED]
    assert [one.key.split()[0] for one in found.drift] == ["target/config"]
    assert bench.job.drift == ()
    assert bench.notifier.shown == ["J1", "J1"]


def test_where_nothing_changed_nothing_is_written(bench: Bench) -> None:
    before = bench.job

    bench.watch().round()

    assert bench.looked == ["J1"]
    assert bench.job == before
    assert bench.said == []


def test_who_clicks_while_the_watch_looks_comes_first(bench: Bench) -> None:
    edit_target(bench.world)
    bench.meanwhile = lambda: bench.store.amend(bench.job, told("click", "J1"))

    bench.watch().round()
    dropped = bench.said
    bench.meanwhile = lambda: None
    bench.due_again()
    bench.watch().round()

    assert dropped == [("started", "click")]
    assert [kind for kind, _ in bench.said] == ["started", EventKind.DRIFT]


def test_a_worker_at_the_job_comes_first(bench: Bench) -> None:
    edit_target(bench.world)
    claim = bench.store.claim("J1")
    assert claim is not None

    bench.watch().round()

    assert bench.said == []
    assert bench.store.commit(claim, claim.job).job.drift == ()


def test_an_approval_that_hangs_stays_as_it_is(bench: Bench) -> None:
    """The question's digest is over the plan; a finding neither closes it nor makes it due."""
    edit_target(bench.world)
    asked = bench.job.record("delete?")

    bench.watch().round()

    assert bench.job.record("delete?") == asked
    assert bench.job.state is JobState.WAITING
    assert bench.job.drift
    assert bench.store.due() == ()


def test_the_hosts_themselves_are_looked_at_now_and_then(bench: Bench) -> None:
    watch = bench.watch()
    watch.round()
    lose_line(bench.world)

    bench.due_again()
    watch.round()
    between = bench.said
    bench.due_again("watch", "watch:J1")
    watch.round()

    assert between == []
    assert [kind for kind, _ in bench.said] == [EventKind.DRIFT]
    assert TURNS == 6


def test_after_its_end_a_job_is_watched_for_days_and_bears_it(ended: Bench) -> None:
    bench = ended
    edit_target(bench.world)
    with bench.client() as client:
        kept = client.pttl(f"{PREFIX}:job:J1")
        bench.watch().round()
        kept_then = client.pttl(f"{PREFIX}:job:J1")
    bench.due_again()
    bench.clock.tick(14 * 86400)
    bench.watch().round()
    bench.due_again()
    bench.watch().round()

    assert 0 < kept_then <= kept
    assert bench.store.holder("app-b") is None
    assert [text for _, text in bench.said][1:] == [
        "app-b is no longer watched, 14 days after its move; 1 finding was open to the end"
    ]
    assert bench.job.drift == ()
    assert bench.looked == ["J1"]


def test_a_job_whose_look_breaks_hides_no_other(bench: Bench) -> None:
    edit_target(bench.world)
    other = replace(bench.job, id="J2", app="app-c", created=bench.clock.now() + 9, version=0)
    bench.store.create(other, told("started", "J2"))

    def context(job: Job) -> Context | None:
        if job.id == "J2":
            raise RuntimeError("nobody foresaw this")
        return bench.context(job)

    waits = replace(WAITS, watch=LONG)
    Watch(bench.store, context, bench.notifier, bench.clock, waits, 14.0).round()

    assert [kind for kind, _ in bench.said] == [EventKind.DRIFT]


def test_what_is_not_told_yet_is_logged_once(bench: Bench) -> None:
    bench.world.hosts.refuse("h2", "no route to host")

    with capture_logs() as logs:
        for _ in range(3):
            bench.watch().round()
            bench.due_again()

    errors = [entry["error"] for entry in logs if "error" in entry]
    assert errors == ["h2: what it holds cannot be watched: connecting to h2: no route to host"]
    assert bench.said == []


def test_an_app_that_left_the_settings_is_not_watched(bench: Bench) -> None:
    watch = Watch(
        bench.store, lambda job: None, bench.notifier, bench.clock, replace(WAITS, watch=LONG), 14.0
    )

    watch.round()

    assert bench.said == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_watch_goes_on_when_redis_is_back(kind: str, tmp_path: Any) -> None:
    with running(kind, tmp_path) as server, closing(Bench(server)) as bench:
        watch = bench.watch(replace(WAITS, watch=0.2))
        watch.start()
        try:
            until(lambda: bench.looked)
            server.settled()
            server.kill()
            with pytest.raises(StoreAway):
                bench.store.load("J1")
            server.start()
            edit_target(bench.world)
            until(lambda: bench.said)
        finally:
            watch.stop()

    assert bench.notifier.shown
