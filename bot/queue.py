"""
Threads and wake-ups: dramatiq carries the ids of jobs as hints ("look at this one"), and the Ticker
hints whatever is due. A hint may be lost, late or doubled: bot/mover.py claims before it moves.

No Retries (their delayed messages hang after a reconnect), no TimeLimit (moves end by their own
timeouts), no results: the job record and `due` are the only timers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import dramatiq
import redis
import structlog
from dramatiq.brokers.redis import RedisBroker

from bot.redis_server import connect
from workflows.errors import StoreAway
from workflows.ports import Queue, Store

NAMESPACE = "logmigrate-hints"
ACTOR = "look"

log = structlog.get_logger()


def open_broker(url: str) -> RedisBroker:
    """The hints, in the database after that of the jobs, because dramatiq scans all its keys."""
    broker: RedisBroker = RedisBroker(  # type: ignore[no-untyped-call]
        client=connect(_hints_url(url)),
        namespace=NAMESPACE,
        maintenance_chance=100_000,  # of a million commands: hand on the hints of dead workers
        middleware=[],
    )
    broker.declare_queue(ACTOR)
    return broker


def _hints_url(url: str) -> str:
    parts = urlsplit(url)
    number = parts.path.strip("/") or "0"
    if parts.scheme not in {"redis", "rediss"} or not number.isdigit():
        return url
    beside = urlunsplit(parts._replace(path=f"/{int(number) + 1}"))
    return beside if _exists(beside) else url


def _exists(url: str) -> bool:
    client = connect(url, retries=0)
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

    def __init__(self, broker: RedisBroker) -> None:
        self._broker = broker

    def hint(self, job_id: str) -> None:
        message: dramatiq.Message[Any] = dramatiq.Message(
            queue_name=ACTOR, actor_name=ACTOR, args=(job_id,), kwargs={}, options={}
        )
        try:
            self._broker.enqueue(message)
        except Exception as error:  # noqa: BLE001 - the ticker hints again
            log.warning("hinting", job=job_id, error=str(error))


class Ticker:
    """Hints all that is due, each `every` seconds; goes on when Redis is back."""

    def __init__(self, store: Store, queue: Queue, every: float = 0.25) -> None:
        self._store = store
        self._queue = queue
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
        for job_id in self._store.due():
            self._queue.hint(job_id)
        if self._away:
            log.info("Redis answers again")
        self._away = False


def run_worker(
    broker: RedisBroker,
    look: Callable[[str], None],
    threads: int,
    stop: threading.Event,
    grace: float = 30.0,
) -> None:
    """Look at hinted jobs until `stop` is set, then let moves end within `grace` seconds."""
    dramatiq.actor(actor_name=ACTOR, queue_name=ACTOR, broker=broker)(look)
    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=threads)
    worker.queue_prefetch = threads  # a hint taken beyond that would wait while others idle
    worker.start()
    stop.wait()
    try:
        worker.stop(timeout=int(grace * 1000))
    except redis.RedisError as error:  # unread hints stay with this worker until another takes them
        log.warning("giving hints back", error=str(error))
