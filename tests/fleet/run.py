"""A fleet with flaky and dead hosts, prepared by the product's own processes, and taken back."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
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
from tests.fleet.watch import Watch

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
        told = "\n".join(f"  {name:28} {value}" for name, value in self.figures.items())
        return f"{told}\nfleet: {self.hosts} hosts, seed {self.seed}, {len(self.wrong)} wrong"

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.figures[f"{what}, seconds"] = round(time.monotonic() - began, 1)


def run(folder: Path, hosts: int, share: float, seed: int, workers: int, limit: float) -> Outcome:
    """Prepare and take back, within about `limit` seconds; ends what it began."""
    outcome, began = Outcome(hosts, seed), time.monotonic()
    names = ["work", *(f"work-{n}" for n in range(2, workers + 1))]
    with contextlib.ExitStack() as ending:
        with outcome.timed("world up"):
            world = ending.enter_context(World(folder / "world", Shape(hosts=hosts, speed=SPEED)))
        config = _config(world, folder)
        product = ending.enter_context(Product(config, folder, ("serve", *names)))
        redis = ending.enter_context(closing(connect(Address(world.redis_url))))
        fates = Fates.draw(world.shape.names, share, seed)
        watch = Watch(world, product, fates, redis, names[seed % workers])
        store = ending.enter_context(closing(RedisStore(redis, _cipher(world))))
        alice = Alice(world, product, store, began + limit, looked=watch.look)
        try:
            _story(watch, alice, outcome)
        except (TimeoutError, ChildProcessError) as error:
            outcome.wrong.append(str(error))
        outcome.said = alice.said
        _figures(watch, alice, outcome)
        outcome.figures["batches by worker"] = _batches(folder)
    return outcome


def _config(world: World, folder: Path) -> Path:
    path, batch = folder / "config.toml", max(2, world.shape.hosts // BATCHES)
    write_config(world, path)
    text = path.read_text(encoding="utf-8")
    text = text.replace("[work]\n", f"[work]\nbatch = {batch}\nclaim = {CLAIM}\n")
    path.write_text(text, encoding="utf-8")
    return path


def _cipher(world: World) -> Cipher:
    return Cipher(((world.folder / "secrets" / "snapshot_keys").read_bytes().strip(),))


def _story(watch: Watch, alice: Alice, outcome: Outcome) -> None:
    world = watch.world
    before = disks.seen(world)
    watch.fates.begin(world.fleet)
    with outcome.timed("prepared"):
        alice.starts()
        alice.gets_done("heartbeats")
    now = disks.seen(world)
    outcome.wrong += _misprepared(before, now, alice.left_out)
    outcome.figures["hosts prepared"] = len(before) - len(alice.left_out)
    with outcome.timed("rolled back"):
        alice.rolls_back()
    outcome.wrong += disks.differing(before, disks.seen(world), before)
    if not watch.killed:
        outcome.wrong.append("no worker was killed: identity was done too soon")


def _misprepared(
    before: Mapping[str, disks.Folder], now: Mapping[str, disks.Folder], left_out: list[str]
) -> list[str]:
    found = {n: disks.not_prepared(before[n], now[n]) for n in before if n not in left_out}
    wrong = [f"{name}: {why}" for name, why in found.items() if why]
    return [*wrong, *disks.differing(before, now, left_out)]


def _figures(watch: Watch, alice: Alice, outcome: Outcome) -> None:
    fates, told = watch.fates, watch.redis.xrange(f"{{logmigrate}}:events:{alice.job}")
    ill = (("flaky", fates.flaky), ("dead", fates.dead), ("dying", fates.dying))
    channel = alice.control.messages()
    messages = [json.dumps(m["blocks"]) for root in channel for m in (root, *root["replies"])]
    outcome.figures |= {
        "ill": ", ".join(f"{len(names)} {what}" for what, names in ill),
        "hosts left out": f"{len(alice.left_out)}: {', '.join(alice.left_out)}",
        "Retry pressed": alice.retries,
        "killed in identity": watch.victim if watch.killed else "nobody",
        "changed twice by that": len(watch.twice),
        "record at its largest, bytes": watch.record,
        "events, bytes": _sizes([fields[b"event"] for _, fields in told]),
        "messages, bytes": _sizes(messages),
    }


def _sizes(every: list[Any]) -> str:
    sizes = [len(one) for one in every]
    return f"{len(sizes)}, the largest {max(sizes, default=0)}, all {sum(sizes)}"


def _batches(folder: Path) -> str:
    logs = {path.stem: path.read_text("utf-8", "replace") for path in folder.glob("work*.log")}
    taken = Counter({name: len(re.findall("working on a batch", s)) for name, s in logs.items()})
    return ", ".join(f"{name}: {count}" for name, count in sorted(taken.items()))
