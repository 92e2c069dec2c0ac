"""
What the engine's bookkeeping costs: jobs from start to end on two workers, then clicks under load.

A toy workflow of seven steps stands for the migration; store, queue, workers and settings are those
of production, on the Valkey that comes with the package.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import redis
import structlog

from bench.servers import cpu_seconds, until, valkey, worker
from bench.toy import apps, service
from bot.redis_address import Address
from bot.redis_server import connect
from workflows.model import Job, JobState, RecordState
from workflows.service import Service

SIZES = (10, 100, 1000)
WORKERS = 2
PATIENCE = 300.0  # seconds for one part
FLAT = 1.25  # what a job of a thousand may cost against one of ten
CLICK = 2000.0  # ms that a click may take to have its effect


@dataclass(frozen=True)
class Cost:
    """Of one job from its start to its end, without what an idle system costs."""

    jobs: int
    commands: float
    kilobytes: float
    cpu_ms: float  # of the workers
    seconds: float  # of all jobs together

    def __str__(self) -> str:
        each = f"{self.commands:.0f} commands, {self.kilobytes:.1f} kB, {self.cpu_ms:.0f} ms CPU"
        return f"{self.jobs} jobs: {each} each; {self.jobs / self.seconds:.1f} jobs/s"


class Meter:
    """What Redis and the workers have done since the last look."""

    def __init__(self, client: redis.Redis, pids: tuple[int, ...]) -> None:
        self._client, self._pids = client, pids

    def read(self) -> tuple[float, float, float, float]:
        """Commands, bytes in and out, CPU seconds of the workers, and the time."""
        info = self._client.info("stats")
        moved = info["total_net_input_bytes"] + info["total_net_output_bytes"]
        cpu = sum(cpu_seconds(pid) for pid in self._pids)
        return float(info["total_commands_processed"]), float(moved), cpu, time.monotonic()


def main() -> int:
    _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    costs = []
    for size in SIZES:
        costs.append(_cost(size))
        print(costs[-1], flush=True)
    beside = _p99(_beside_a_fleet())
    print(f"beside a job at work on 5,000 hosts: click p99 {beside:.0f} ms", flush=True)
    moves, waits = _clicks()
    print(f"1000 jobs waiting, 200 moving: {moves:.0f} moves/s, click median "
          f"{statistics.median(waits):.0f} ms, p99 {_p99(waits):.0f} ms")  # fmt: skip
    first, last, worst = costs[0], costs[-1], max(beside, _p99(waits))
    ratio = max(last.commands / first.commands, last.kilobytes / first.kilobytes)
    print(f"engine: {last.commands:.0f} commands and {last.kilobytes:.1f} kB a job, "
          f"1000 jobs against 10: {ratio:.2f}x, click p99 {worst:.0f} ms")  # fmt: skip
    return int(ratio > FLAT or worst > CLICK)


def _arguments() -> argparse.Namespace:
    return argparse.ArgumentParser(description=__doc__).parse_args()


@contextmanager
def _system(known: int, kind: str = "app") -> Iterator[tuple[Address, Service, Meter]]:
    """Valkey, workers, and what people's requests go through."""
    ids = (f"J{n}" for n in itertools.count(1))
    with ExitStack() as ends:
        folder = ends.enter_context(tempfile.TemporaryDirectory())
        address = ends.enter_context(valkey(Path(folder)))
        workers = [ends.enter_context(worker(address)) for _ in range(WORKERS)]
        many = {**apps(known), **apps(200, "moving"), **apps(1, "fleet")}
        asked = service(address, many, lambda: next(ids))
        yield address, asked, Meter(connect(address), tuple(one.pid for one in workers))


def _cost(size: int) -> Cost:
    with _system(size) as (_, asked, meter):
        idle = _idle(meter)
        began = meter.read()
        jobs = [asked.start(f"app-{n}", "UALICE", "C1") for n in range(size)]
        for job in jobs:
            _approve(asked, job)
        for job in jobs:
            _until(partial(_succeeded, asked, job), job.id)
        ended = meter.read()
    seconds = ended[3] - began[3]
    used = [ended[n] - began[n] - idle[n] * seconds for n in range(3)]
    return Cost(size, used[0] / size, used[1] / size / 1000, used[2] / size * 1000, seconds)


def _idle(meter: Meter, seconds: float = 5.0) -> tuple[float, float, float]:
    """What a second costs in which nothing is to be done."""
    began = meter.read()
    threading.Event().wait(seconds)
    ended = meter.read()
    passed = ended[3] - began[3]
    commands, moved, cpu = ((ended[n] - began[n]) / passed for n in range(3))
    return commands, moved, cpu


def _approve(asked: Service, job: Job) -> None:
    _until(partial(_shown, asked, job), f"{job.id} to ask")
    asked.approve(job.id, "stop?", _shown(asked, job), "UBOB")


def _shown(asked: Service, job: Job) -> str:
    """What the open question shows, "" while it is not asked."""
    return asked.store.load(job.id).record("stop?").shown


def _succeeded(asked: Service, job: Job) -> bool:
    return asked.store.load(job.id).state is JobState.SUCCEEDED


def _clicks() -> tuple[float, list[float]]:
    """Moves a second of 200 jobs that look each second, and how long each click took, in ms."""
    with _system(1000) as (address, asked, _):
        waiting = [asked.start(f"app-{n}", "UALICE", "C1") for n in range(1000)]
        for n in range(200):
            asked.start(f"moving-{n}", "UALICE", "C1")
        for job in waiting:
            _until(partial(_shown, asked, job), job.id)
        client = connect(address)
        began, saved = time.monotonic(), _saves(client)
        found = [_click(asked, job) for job in waiting[:200]]
        return (_saves(client) - saved) / (time.monotonic() - began), found


def _beside_a_fleet() -> list[float]:
    """How long each click took, in ms, while a move has 5,000 hosts to prepare."""
    with _system(200) as (_, asked, _):
        waiting = [asked.start(f"app-{n}", "UALICE", "C1") for n in range(200)]
        for job in waiting:
            _until(partial(_shown, asked, job), job.id)
        busy = asked.start("fleet-0", "UALICE", "C1")
        _until(lambda: asked.store.load(busy.id).state is JobState.RUNNING, busy.id)
        return [_click(asked, job) for job in waiting if _at_work(asked, busy)]


def _at_work(asked: Service, job: Job) -> bool:
    return asked.store.load(job.id).record("identity").state is RecordState.DOING


def _p99(waits: list[float]) -> float:
    return sorted(waits)[int(0.99 * (len(waits) - 1))]


def _click(asked: Service, job: Job) -> float:
    began = time.monotonic()
    _approve(asked, job)
    _until(partial(_succeeded, asked, job), job.id, pause=0.005)
    return (time.monotonic() - began) * 1000


def _saves(client: redis.Redis) -> int:
    """Versions of all jobs together."""
    keys = list(client.scan_iter("*:job:*", count=1000))
    line = client.pipeline(transaction=False)
    for key in keys:
        line.hget(key, "version")
    return sum(int(version or 0) for version in line.execute())


def _until(true: Callable[[], object], what: str, pause: float = 0.05) -> None:
    until(true, what, PATIENCE, pause)


if __name__ == "__main__":
    sys.exit(main())
