"""The two ways to move app-b, as the steps an operator takes; each yields the seconds it waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sandbox.simulate.proof import Proof
from sandbox.simulate.service import SOURCE, TARGET
from sandbox.sls.errors import SlsError

if TYPE_CHECKING:
    from sandbox.simulate.service import Side
    from sandbox.simulate.stage import Stage

LOOK = 5.0  # seconds between two looks
NEXT_LOOK = 60.0  # seconds between two of the product's proof, which goes by minutes
PATIENCE = 1800.0  # seconds for one condition to come true
DIFFERENT_FOR = 240.0  # seconds; by then what is late has come
CALM = 60.0  # seconds that all must have been well before B is ended
INDEX_EFFECT = 60.0  # seconds; help page on indexes


class Stuck(Exception):
    """Something an operator waits for did not come true."""


def dual(stage: Stage) -> Iterator[float]:
    """Collect twice, and end B when A has everything: the product's order."""
    yield from source_collects(stage)
    yield from hosts_known_to_target(stage)
    yield from destination(stage)
    yield from configured(stage, forced=True)
    stage.proof = Proof(stage)
    yield from together(stage)
    yield from proven(stage)
    yield from source_ends(stage)
    yield stage.plan.after


def stop_first(stage: Stage) -> Iterator[float]:
    """End B, then begin A: the help article's procedure, word by word."""
    yield from source_collects(stage)
    yield from hosts_known_to_target(stage)
    yield from destination(stage)
    yield from source_ends(stage)
    yield stage.plan.hesitation
    yield from configured(stage, forced=False)
    yield from together(stage)
    yield stage.plan.after


def source_collects(stage: Stage) -> Iterator[float]:
    """Account B collects, and the applications write for a while."""
    yield from destination(stage, SOURCE)
    stage.service.make_group(SOURCE)
    yield from configured(stage, SOURCE, forced=False)
    stage.begin_writing()
    yield stage.plan.warm


def hosts_known_to_target(stage: Stage) -> Iterator[float]:
    """Identity files on each host, the group, and a heartbeat of every host."""
    for host in stage.hosts:
        host.identify(TARGET)
        yield 1.0
    stage.service.make_group(TARGET)
    every = len(stage.hosts)
    yield from until(stage, lambda: stage.service.machines(TARGET) == every, "all heartbeats")


def destination(stage: Stage, side: Side = TARGET) -> Iterator[float]:
    """Logstore and index, until both take effect."""
    stage.service.make_logstore(side)
    yield from known(stage, lambda: stage.service.make_index(side), "the logstore")
    yield INDEX_EFFECT


def configured(stage: Stage, side: Side = TARGET, *, forced: bool) -> Iterator[float]:
    """The config, applied and delivered to every host; from here on news may come late."""
    stage.service.make_config(side, fields=stage.plan.fields, forced=forced)
    yield from known(stage, lambda: stage.service.bind(side, on=True), "config and group")
    if side is TARGET:
        stage.late_news()
    told = lambda: all(host.knows(side) for host in stage.hosts)  # noqa: E731
    yield from until(stage, told, f"the delivery of {side.key}")


def together(stage: Stage) -> Iterator[float]:
    """The rough time, and then until all has been well for a minute."""
    for host in stage.hosts:
        for stream in host.streams:
            stream.written_lately = False
    stage.rough_time()
    yield stage.plan.together
    calm = lambda: stage.clock.now() >= stage.troubled_until + CALM  # noqa: E731
    yield from until(stage, calm, "a calm minute")


def proven(stage: Stage) -> Iterator[float]:
    """The product says equal; and A has begun with every log that was written meanwhile.

    Without that verdict B stays as it is in the field; here the story goes on after a while, so that
    lines can be counted and the verdict be held against them.
    """
    proof, begun = stage.proof, stage.clock.now()
    while proof and not proof.green():
        if stage.clock.now() > begun + (PATIENCE if proof.open else DIFFERENT_FOR):
            break
        yield NEXT_LOOK
    silent = lambda: [log for host in stage.hosts for log in host.silent(TARGET)]  # noqa: E731
    yield from until(stage, lambda: not silent(), "A's first lines of a log that is written")


def source_ends(stage: Stage) -> Iterator[float]:
    """B's config leaves B's group and every host."""
    stage.service.bind(SOURCE, on=False)
    gone = lambda: not any(host.knows(SOURCE) for host in stage.hosts)  # noqa: E731
    yield from until(stage, gone, f"the end of {SOURCE.key}")


def known(stage: Stage, call: Callable[[], None], what: str) -> Iterator[float]:
    """Repeat a call until what was created just before is known everywhere."""
    deadline = stage.clock.now() + PATIENCE
    while True:
        try:
            return call()
        except SlsError as refusal:
            if not refusal.code.endswith("NotExist") or stage.clock.now() > deadline:
                raise Stuck(f"{what}: {refusal.code}") from refusal
        yield LOOK


def until(stage: Stage, true: Callable[[], bool], what: str) -> Iterator[float]:
    """Look again and again until it is true; Stuck when patience ends."""
    deadline = stage.clock.now() + PATIENCE
    while not true():
        if stage.clock.now() > deadline:
            raise Stuck(f"waiting for {what}: {PATIENCE:.0f} s are over")
        yield LOOK


Route = Callable[["Stage"], Iterator[float]]
ROUTES: dict[str, Route] = {"dual": dual, "stop-first": stop_first}
