"""
Threads and wake-ups: dramatiq carries the ids of jobs as hints ("look at this one"), and the Ticker
hints whatever is due. A hint may be lost, late or doubled: bot/mover.py claims before it moves.

There are two lanes, each with threads of its own: what a person asked for does not queue behind
polls, and not behind moves that keep every other thread busy.

No Retries (their delayed messages hang after a reconnect), no TimeLimit (moves end by their own
timeouts), no results: the job record and `due` are the only timers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

import dramatiq
import redis
import structlog
from dramatiq.brokers.redis import RedisBroker

from bot.redis_address import Address
from bot.redis_server import connect
from workflows.errors import StoreAway
from workflows.ports import Store

NAMESPACE = "logmigrate-hints"
CLICKS = "clicks"  # the lane of what people ask for
TICKS = "ticks"  # the lane of what is due
ACTOR = "look"
CROWDED = 500  # hints in the lane of ticks; more would only be the same jobs again

log = structlog.get_logger()


def open_broker(address: Address) -> RedisBroker:
    """The hints, in the database after that of the jobs, because dramatiq scans all its keys."""
    beside = address.next_database
    broker: RedisBroker = RedisBroker(  # type: ignore[no-untyped-call]
        client=connect(beside if beside and _exists(beside) else address),
        namespace=NAMESPACE,
        maintenance_chance=100_000,  # of a million commands: hand on the hints of dead workers
        middleware=[],
    )
    for lane in (CLICKS, TICKS):
        broker.declare_queue(lane)
    return broker


def _exists(address: Address) -> bool:
    client = connect(address, retries=0)
    try:
        client.ping()
    except redis.ResponseError:  # this server has only one database, or the account only one
        return False
    except redis.RedisError:  # away; it is there as far as anybody knows
        return True
    finally:
        client.close()
    return True


class DramatiqQueue:
    """ports.Queue: the id of a job in a message, nothing else."""

    def __init__(self, broker: RedisBroker, lane: str = CLICKS) -> None:
        self._broker = broker
        self._lane = lane

    def hint(self, job_id: str) -> None:
        message: dramatiq.Message[Any] = dramatiq.Message(
            queue_name=self._lane, actor_name=ACTOR, args=(job_id,), kwargs={}, options={}
        )
        try:
            self._broker.enqueue(message)
        except Exception as error:  # noqa: BLE001 - the ticker hints again
            log.warning("hinting", job=job_id, error=str(error))

    def crowded(self) -> bool:
        """Whether so many hints wait that more would only repeat them."""
        try:
            waiting = self._broker.client.llen(f"{NAMESPACE}:{self._lane}")
        except redis.RedisError:
            return False
        return int(waiting) > CROWDED


class Lane(Protocol):
    """Where the Ticker's hints go."""

    def hint(self, job_id: str) -> None: ...
    def crowded(self) -> bool: ...


class Ticker:
    """Hints all that is due, each `every` seconds; goes on when Redis is back."""

    def __init__(self, store: Store, lane: Lane, every: float = 0.25) -> None:
        self._store = store
        self._lane = lane
        self._every = every
        self._away = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ticker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                self._tick()
            except StoreAway as error:
                if not self._away:  # said once per outage, not four times a second
                    log.warning("asking what is due", error=str(error))
                self._away = True
            except Exception:  # a ticker that ends would leave every job lying
                log.exception("asking what is due")

    def _tick(self) -> None:
        if self._lane.crowded():  # all threads are busy: what is due stays due
            return
        for job_id in self._store.due():
            self._lane.hint(job_id)
        if self._away:
            log.info("Redis answers again")
        self._away = False


def run_worker(
    address: Address,
    look: Callable[[str], None],
    threads: int,
    stop: threading.Event,
    grace: float = 30.0,
) -> None:
    """Look at hinted jobs until `stop` is set, then let moves end within `grace` seconds."""
    lanes = [
        _lane(address, look, CLICKS, max(2, threads // 2)),
        _lane(address, look, TICKS, threads),
    ]
    for worker in lanes:
        worker.start()
    stop.wait()
    log.info("ending; a second signal ends at once", moves_may_take_seconds=grace)
    ends = [threading.Thread(target=_stop, args=(worker, grace)) for worker in lanes]
    for end in ends:
        end.start()
    for end in ends:
        end.join()


def _lane(
    address: Address, look: Callable[[str], None], name: str, threads: int
) -> dramatiq.Worker:
    """A broker for each, because a Worker listens to all that goes on in its broker."""
    broker = open_broker(address)
    dramatiq.actor(actor_name=ACTOR, queue_name=name, broker=broker)(look)
    worker = dramatiq.Worker(broker, queues={name}, worker_timeout=100, worker_threads=threads)
    worker.queue_prefetch = threads  # a hint taken beyond that would wait while others idle
    return worker


def _stop(worker: dramatiq.Worker, grace: float) -> None:
    try:
        worker.stop(timeout=int(grace * 1000))
    except redis.RedisError as error:  # unread hints stay with this worker until another takes them
        log.warning("giving hints back", error=str(error))
