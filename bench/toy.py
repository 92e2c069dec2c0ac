"""A migration that costs nothing but its bookkeeping, and the worker that moves it."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.clock import SharedClock
from bot.mover import Mover
from bot.pulse import BEATS, Pulse
from bot.queue import CLICKS, TICKS, DramatiqQueue, Ticker, open_broker, run_worker
from bot.redis_address import Address
from bot.redis_server import connect
from bot.settings import WorkSettings
from bot.store import RedisStore
from bot.wire import Cipher
from workflows.apps import App, Host, People, Side, Waits
from workflows.engine import Engine
from workflows.errors import NotYet
from workflows.model import Evidence, Facts, Plan
from workflows.service import Service
from workflows.step import Approval, Context, Grip, Step, Workflow

KEY = b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
WORK = WorkSettings()
WAITS = Waits(look=1.0, soak=1e6, proof=1e6)
SIDE = Side("shop", "app", "app", "app")
HOSTS = (Host("h1"),)
BOB = frozenset({"UBOB"})


def _prepare(hosts: int) -> None:
    """As SSH to many hosts does: 50 at a time, each some computing and more waiting."""
    with ThreadPoolExecutor(50) as threads:
        list(threads.map(lambda _: _one_host(), range(hosts)))


def _one_host() -> None:
    until = time.thread_time() + 0.002
    while time.thread_time() < until:
        pass
    threading.Event().wait(0.02)


@dataclass
class World:
    """Where the steps of all jobs act; they share one, since none of them does anything."""

    done: set[tuple[str, str]] = field(default_factory=set)
    hangs: bool = False  # in the first thing that is done, for ever

    def act(self, app: str, name: str) -> None:
        if self.hangs:
            threading.Event().wait()
        if app.startswith("fleet"):
            _prepare(5000)
        self.done.add((app, name))

    def step(self, name: str) -> Step:
        def verify(context: Context, before: Facts) -> Evidence:
            if (context.app.name, name) not in self.done:
                raise NotYet("not done yet")
            return Evidence("it is done")

        return Step(
            name=name,
            title=f"Do {name}",
            check=lambda context: {"was": "off", "text": "x" * 200},
            do=lambda context, before: self.act(context.app.name, name),
            verify=verify,
            undo=lambda context, before: "as it was",
            would=lambda context, before: "do it",
        )

    def proof(self) -> Step:
        """Says something else at each look, so each look is saved; ends for apps that may."""

        def verify(context: Context, before: Facts) -> Evidence:
            if context.app.name.startswith("moving"):
                raise NotYet(f"compared until {time.time():.3f}")
            return Evidence("both sides hold the same lines")

        return Step(
            name="proof",
            title="Prove it",
            check=lambda context: {},
            do=lambda context, before: None,
            verify=verify,
            undo=lambda context, before: "nothing",
            would=lambda context, before: "compare",
            patience=lambda waits: 1e6,
        )

    def workflow(self) -> Workflow:
        ask = Approval(
            name="stop?",
            title="Stop?",
            show=lambda context: Plan(("stop it",)),
            green=lambda context: Evidence("all is equal"),
        )
        names = ("identity", "group", "destination", "both")
        firsts = tuple(self.step(name) for name in names)
        return Workflow("toy", (*firsts, self.proof(), ask, self.step("stop")))


def apps(count: int, kind: str = "app") -> dict[str, App]:
    names = [f"{kind}-{number}" for number in range(count)]
    return {name: App(name, name, SIDE, SIDE, HOSTS) for name in names}


def store_at(address: Address) -> RedisStore:
    return RedisStore(connect(address), Cipher((KEY,)), claim_seconds=WORK.claim)


def service(address: Address, known: dict[str, App], new_id: Callable[[], str]) -> Service:
    store = store_at(address)
    queue = DramatiqQueue(open_broker(address), CLICKS)
    people = People(approvers=BOB)
    return Service(World().workflow(), known, people, store, queue, SharedClock(store.time), new_id)


class Silent:
    """ports.Notifier of a bench: nobody reads."""

    def show(self, job_id: str) -> None: ...


@dataclass(frozen=True)
class Apps:
    """An app of any name."""

    clock: SharedClock

    def context(self, grip: Grip) -> Context:
        nothing: Any = None
        name = grip.job().app
        app = App(name, name, SIDE, SIDE, HOSTS)
        return Context(app, WAITS, nothing, nothing, nothing, self.clock)


def main() -> None:
    """`python -m bench.toy URL [hang]`: a worker with the settings that are the default."""
    address = Address(sys.argv[1])
    store = store_at(address)
    clock = SharedClock(store.time)
    workflow = World(hangs="hang" in sys.argv).workflow()
    engine = Engine(workflow, store, Silent(), clock, WAITS, Apps(clock).context)
    pulse = Pulse(store, WORK.claim / BEATS)
    ticker = Ticker(store, DramatiqQueue(open_broker(address), TICKS))
    pulse.start()
    ticker.start()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print("ready", flush=True)
    run_worker(address, Mover(store, engine, pulse).look, WORK.threads, threading.Event())


if __name__ == "__main__":
    main()
