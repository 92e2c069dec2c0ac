"""A fleet with flaky and dead hosts, prepared by the product's own processes, and taken back."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.redis_address import Address
from bot.redis_server import connect
from bot.store import RedisStore
from bot.wire import Cipher
from sandbox.product import Product
from sandbox.world import Shape, World
from sandbox.world_files import write_config
from tests.fleet import disks
from tests.fleet.fates import Fates
from tests.fleet.people import Alice
from workflows.model import Job, RecordState

SPEED = 60.0
BATCHES = 8  # into which a look at all hosts is cut, so that there is work for everybody
CLAIM = 4.0  # seconds


@dataclass
class Outcome:
    """What came of it; `wrong` is empty where all is well."""

    hosts: int
    seed: int
    wrong: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = "\n".join(f"  {name:32} {value}" for name, value in self.figures.items())
        return f"{told}\nfleet: {self.hosts} hosts, seed {self.seed}, {len(self.wrong)} wrong"


@dataclass
class Watch:
    """Looks along as the job goes on: lets hosts die, kills a worker, and weighs what is kept."""

    world: World
    product: Product
    fates: Fates
    redis: Any
    victim: str
    killed: bool = False
    largest: Counter[str] = field(default_factory=Counter)  # bytes
    began: dict[str, float] = field(default_factory=dict)  # when each row began

    def look(self, job: Job) -> None:
        self._weigh(job)
        for record in job.records:
            if record.state is not RecordState.PENDING and record.name not in self.began:
                self.began[record.name] = time.monotonic()
                if record.name == "group":
                    self.fates.go_on(self.world.fleet)
        if job.record("identity").state is RecordState.DOING and not self.killed and self._half():
            self.killed = True
            self.product.running.pop(self.victim).kill()
            self.product.start(f"{self.victim}-anew")

    def _half(self) -> bool:
        there = sum(
            (self.world.fleet.root(name) / "etc/ilogtail" / disks.OURS).exists()
            for name in self.world.shape.names
        )
        return there > self.world.shape.hosts * 0.4

    def _weigh(self, job: Job) -> None:
        record = self.redis.hstrlen(f"{{logmigrate}}:job:{job.id}", "record")
        self.largest["record"] = max(self.largest["record"], record)


def run(folder: Path, hosts: int, share: float, seed: int, workers: int, limit: float) -> Outcome:
    """Prepare and take back within `limit` seconds; ends what it began."""
    outcome, began = Outcome(hosts, seed), time.monotonic()
    with World(folder / "world", Shape(hosts=hosts, speed=SPEED)) as world:
        outcome.figures["world up, seconds"] = round(time.monotonic() - began, 1)
        config = folder / "config.toml"
        write_config(world, config)
        work = f"[work]\nbatch = {max(2, hosts // BATCHES)}\nclaim = {CLAIM}\n"
        config.write_text(config.read_text().replace("[work]\n", work))
        names = ["work", *(f"work-{n}" for n in range(2, workers + 1))]
        with Product(config, folder, ("serve", *names)) as product, _store(world) as store:
            fates = Fates.draw(world.shape.names, share, seed)
            watch = Watch(world, product, fates, connect(Address(world.redis_url)), names[seed % workers])
            alice = Alice(world, product, store, began + limit, looked=watch.look)
            try:
                _story(world, fates, watch, alice, outcome)
            except (TimeoutError, ChildProcessError) as error:
                outcome.wrong.append(str(error))
            outcome.said = alice.said
            _figures(folder, watch, alice, outcome, began)
    return outcome


@contextlib.contextmanager
def _store(world: World):  # type: ignore[no-untyped-def]
    key = (world.folder / "secrets" / "snapshot_keys").read_bytes().strip()
    with closing(RedisStore(connect(Address(world.redis_url)), Cipher((key,)))) as store:
        yield store


def _story(world: World, fates: Fates, watch: Watch, alice: Alice, outcome: Outcome) -> None:
    before = disks.seen(world)
    fates.begin(world.fleet)
    begun = time.monotonic()
    alice.starts()
    alice.gets_done("heartbeats")
    outcome.figures["prepared, seconds"] = round(time.monotonic() - begun, 1)
    now = disks.seen(world)
    _judge_prepared(before, now, alice.left_out, outcome)
    begun = time.monotonic()
    alice.rolls_back()
    outcome.figures["rolled back, seconds"] = round(time.monotonic() - begun, 1)
    outcome.wrong += disks.differing(before, disks.seen(world), before)
    if not watch.killed:
        outcome.wrong.append("no worker was killed: identity was done too soon")


def _judge_prepared(before: Any, now: Any, left_out: list[str], outcome: Outcome) -> None:
    outcome.wrong += disks.differing(before, now, left_out)
    prepared = [name for name in before if name not in left_out]
    found = {name: disks.not_prepared(before[name], now[name]) for name in prepared}
    outcome.wrong += [f"{name}: {why}" for name, why in found.items() if why]
    outcome.figures["hosts prepared"] = len(prepared)
    outcome.figures["hosts left out"] = f"{len(left_out)}: {', '.join(left_out)}"


def _figures(folder: Path, watch: Watch, alice: Alice, outcome: Outcome, began: float) -> None:
    redis, job = watch.redis, alice.job
    events = [fields[b"event"] for _, fields in redis.xrange(f"{{logmigrate}}:events:{job}")]
    outcome.figures |= {
        "flaky, dead, dying": f"{len(watch.fates.flaky)}, {len(watch.fates.dead)}, {len(watch.fates.dying)}",
        "Retry pressed": alice.retries,
        "batches by worker": dict(_batches(folder)),
        "killed in identity": watch.victim if watch.killed else "nobody",
        "largest record, bytes": watch.largest["record"],
        "events": f"{len(events)}, largest {max(map(len, events), default=0)} bytes, all {sum(map(len, events))}",
        "messages": _messages(alice),
        "rows began at": {k: round(v - began, 1) for k, v in watch.began.items()},
        "in all, seconds": round(time.monotonic() - began, 1),
    }


def _messages(alice: Alice) -> str:
    every = [m for root in alice.control.messages() for m in (root, *root["replies"])]
    sizes = [len(json.dumps(message.get("blocks"))) for message in every]
    return f"{len(sizes)}, largest {max(sizes, default=0)} bytes"


def _batches(folder: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for path in folder.glob("work*.log"):
        found[path.stem] = len(re.findall("working on a batch", path.read_text("utf-8", "replace")))
    return found
