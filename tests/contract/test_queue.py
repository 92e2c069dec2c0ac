"""Hints reach a worker, and a job outlives the worker that moves it, Redis, and lost hints."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import redis

from bot.queue import CLICKS, CROWDED, TICKS, DramatiqQueue, Ticker, open_broker, run_worker
from bot.redis_address import Address
from tests.contract.process_kit import ready
from tests.contract.redis_servers import KINDS, RunningServer, a_job, a_store, running, told, until
from tests.fakes import FakeQueue, FakeStore
from workflows.errors import StoreAway

PREFIX = "{here}"


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningServer]:
    with running(request.param, tmp_path) as one:
        yield one


def worker_process(url: str, mode: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """One worker as in production; see tests/contract/worker.py."""
    return ready("tests.contract.worker", url, PREFIX, mode)


@contextmanager
def worker_thread(url: str, look: Callable[[str], None], grace: float = 30.0) -> Iterator[None]:
    stop = threading.Event()
    args = (Address(url), look, 2, stop, grace)
    thread = threading.Thread(target=run_worker, args=args, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30.0)
        assert not thread.is_alive()


def test_a_hint_reaches_a_worker(server: RunningServer) -> None:
    looked: list[str] = []

    with worker_thread(server.url, looked.append):
        DramatiqQueue(open_broker(server.address)).hint("7Q2")
        until(lambda: looked)

    assert looked == ["7Q2"]


def test_hints_lie_beside_the_jobs_in_a_database_of_their_own(server: RunningServer) -> None:
    DramatiqQueue(open_broker(server.address)).hint("7Q2")

    assert redis.Redis(port=server.port, db=0).dbsize() == 0
    assert redis.Redis(port=server.port, db=1).dbsize() > 0


def test_a_server_with_one_database_takes_the_hints_there(tmp_path: Path) -> None:
    with running("valkey", tmp_path, "--databases", "1") as server:
        DramatiqQueue(open_broker(server.address)).hint("7Q2")

        assert redis.Redis(port=server.port).dbsize() > 0


def test_a_hint_that_cannot_be_given_is_no_error(server: RunningServer) -> None:
    queue = DramatiqQueue(open_broker(server.address))
    server.kill()

    assert queue.hint("7Q2") is None  # type: ignore[func-returns-value]


def test_an_error_in_a_look_leaves_the_worker_working(server: RunningServer) -> None:
    looked: list[str] = []

    def look(job_id: str) -> None:
        looked.append(job_id)
        if job_id == "BAD":
            raise ZeroDivisionError

    with worker_thread(server.url, look):
        queue = DramatiqQueue(open_broker(server.address))
        queue.hint("BAD")
        until(lambda: looked)
        queue.hint("7Q2")
        until(lambda: "7Q2" in looked)

    assert looked == ["BAD", "7Q2"]


def test_a_worker_that_is_stopped_ends_the_look_it_is_in(server: RunningServer) -> None:
    begun, ended, stop = threading.Event(), threading.Event(), threading.Event()

    def look(job_id: str) -> None:
        begun.set()
        assert stop.wait(10.0)
        ended.set()

    args = (server.address, look, 2, stop)
    thread = threading.Thread(target=run_worker, args=args, daemon=True)
    thread.start()
    DramatiqQueue(open_broker(server.address)).hint("7Q2")
    assert begun.wait(10.0)

    stop.set()
    thread.join(20.0)

    assert not thread.is_alive()
    assert ended.is_set()


def test_what_a_person_asks_for_does_not_wait_for_moves_that_keep_all_threads_busy(
    server: RunningServer,
) -> None:
    looked: list[str] = []
    release = threading.Event()

    def look(job_id: str) -> None:
        looked.append(job_id)
        if job_id.startswith("LONG"):
            assert release.wait(20.0)

    with worker_thread(server.url, look):  # two threads for what is due
        due = DramatiqQueue(open_broker(server.address), TICKS)
        for number in range(20):
            due.hint(f"LONG{number}")
        until(lambda: len(looked) == 2)
        DramatiqQueue(open_broker(server.address), CLICKS).hint("CLICK")
        until(lambda: "CLICK" in looked)
        busy = list(looked)
        release.set()

    assert busy == ["LONG0", "LONG1", "CLICK"]


def test_what_is_due_is_not_hinted_again_and_again_while_no_thread_is_free() -> None:
    class Due(FakeStore):
        """One job, due all the time."""

        def due(self, limit: int = 100) -> tuple[str, ...]:
            return ("7Q2",)

    class Full(FakeQueue):
        """Full from the third hint on."""

        looks = 0

        def crowded(self) -> bool:
            self.looks += 1
            return len(self.hints) > 2

    lane = Full()
    ticker = Ticker(Due(), lane, every=0.01)
    ticker.start()
    until(lambda: lane.looks > 20)
    ticker.stop()

    assert lane.hints == ["7Q2"] * 3


def test_a_lane_with_many_hints_that_nobody_takes_is_crowded(server: RunningServer) -> None:
    lane = DramatiqQueue(open_broker(server.address), TICKS)
    before = lane.crowded()
    for _ in range(CROWDED + 1):
        lane.hint("7Q2")

    assert not before
    assert lane.crowded()


def test_the_ticker_hints_what_is_due_also_after_an_outage() -> None:
    class Due(FakeStore):
        """Away at first, then one job."""

        asked = 0

        def due(self, limit: int = 100) -> tuple[str, ...]:
            self.asked += 1
            if self.asked < 4:
                raise StoreAway("asking Redis: away")
            return ("7Q2",) if self.asked == 4 else ()

    queue, store = FakeQueue(), Due()
    ticker = Ticker(store, queue, every=0.01)
    ticker.start()
    until(lambda: store.asked > 5)
    ticker.stop()

    assert queue.hints == ["7Q2"]


def test_the_job_of_a_killed_worker_is_moved_by_another_once_its_claim_is_over(
    server: RunningServer,
) -> None:
    store = a_store(server, PREFIX)
    store.create(a_job(), told("started"))
    with worker_process(server.url, "hang") as first:
        until(lambda: store.working("7Q2"))
        with worker_process(server.url, "finish"):
            assert store.load("7Q2").reason == ""
            first.kill()
            first.wait()
            until(lambda: store.load("7Q2").reason == "moved")

    assert [event.text for _, event in store.events("7Q2")] == ["started", "moved"]


def test_a_job_is_moved_after_redis_was_killed_and_came_back(server: RunningServer) -> None:
    store = a_store(server, PREFIX)
    with worker_process(server.url, "finish"):
        server.kill()
        server.start()
        store.create(a_job(), told("started"))

        until(lambda: store.load("7Q2").reason == "moved")

    assert [event.text for _, event in store.events("7Q2")] == ["started", "moved"]
