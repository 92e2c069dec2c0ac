"""One trial: two logstores that are equal, or differ by one mistake, and the product's verdict."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from time import gmtime, strftime
from typing import TYPE_CHECKING, Any

from sandbox.simulate.clock import VirtualClock
from sandbox.simulate.port import Port
from sandbox.simulate.product import WAITS, Asking, context
from tests.faults.great import Great
from tests.faults.lines import (
    BEGIN,
    MINUTE,
    Batch,
    reordered,
    shipped,
    spread,
    turned,
    written,
)
from tests.faults.seeded import FAULTS, LATE
from workflows.proof.verdict import Verdict
from workflows.steps import by_pull
from workflows.steps.drill import drilled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.simulate.port import Parcel
    from sandbox.simulate.product import Engine
    from tests.faults.lines import Written
    from workflows.step import Context

    Held = Counter[tuple[Any, ...]]
    Shards = Sequence[Sequence[Parcel]]

CLEAN = "nothing wrong"
LATE_KIND = "a host ten minutes late"
QUIET, AWAY = "untimed, reordered across shards", "untimed, with an outage"
WELL = (CLEAN, QUIET, AWAY)
LOOKS = (1, 3)  # more, where nothing or a host is late: by then it was seen to have come
STRANGER = "10.9.9.9"
GREAT = 50_000  # lines, from which on they are made as they are read
ONE_LINE = ("one line lost", "one line doubled", "one byte altered", "one line misdated")


@dataclass(frozen=True)
class Trial:
    """What is to be tried; the seed says everything else."""

    seed: int
    number: int
    kind: str
    lines: int

    @property
    def name(self) -> str:
        """As it is called when it went wrong, with the way to try it again."""
        again = f"--seed {self.seed} --only {self.number}"
        return f"trial {self.number}, {self.kind} in {self.lines} lines (again: {again})"


@dataclass(frozen=True)
class Outcome:
    """What the product said: at the first look, and once all that was late had come."""

    trial: Trial
    first: Verdict
    last: Verdict
    why: str
    named: bool | None = (
        None  # whether the lines that were shown have the wrong one; None: not asked
    )

    @property
    def seeded(self) -> bool:
        """Whether there was anything to find."""
        return self.trial.kind not in WELL

    @property
    def found(self) -> bool:
        """Whether nothing was green before the mistake was found, or had ended by itself."""
        ended = self.trial.kind == LATE_KIND
        return self.first is not Verdict.EQUAL and (ended or self.last is Verdict.DIFFERENT)

    @property
    def alarm(self) -> bool:
        """Whether two equal logstores were not said to be, or were called different meanwhile."""
        unsure = self.trial.kind == CLEAN and self.first is Verdict.DIFFERENT
        return self.of_equals and (self.last is not Verdict.EQUAL or unsure)

    @property
    def of_equals(self) -> bool:
        """Whether both logstores hold the same in the end."""
        return self.trial.kind in (*WELL, LATE_KIND)


@dataclass(frozen=True)
class Drawn:
    """What a trial is about; `wrong`: address and time of the lines that differ, where few do."""

    whole: Written
    source: Shards
    target: Shards
    wrong: frozenset[tuple[str, int]] = frozenset()


def play(trial: Trial, engine: Engine = by_pull.compared) -> Outcome:
    """Draw it, ask the product, and ask again until nothing is late any more.

    Another `engine` than the product's lets one see what a worse one would miss.
    """
    rng = random.Random(f"{trial.seed}:{trial.number}")
    drawn = _great(rng, trial) if trial.lines >= GREAT else _small(rng, trial)
    clock = VirtualClock(drawn.whole.end + WAITS.settle + rng.uniform(0, MINUTE - 1))
    asking = Asking(_context(rng, clock, drawn), engine, {"from": BEGIN})
    asking.look()
    first = last = asking.judged({})
    named = _named(asking, drawn) if drawn.wrong and first.verdict is Verdict.DIFFERENT else None
    for _ in range(0 if first.verdict is Verdict.EQUAL else LOOKS[trial.kind == LATE_KIND]):
        clock.at += LATE
        asking.look()
        last = asking.judged({})
    return Outcome(trial, first.verdict, last.verdict, last.why, named)


def _named(asking: Asking, drawn: Drawn) -> bool:
    """Whether one of the sentences on the difference has host and time of a line that differs."""
    names = {ip: name for name, ip in drawn.whole.addresses.items()}
    wrong = [(names[ip], strftime("%Y-%m-%d %H:%M:%SZ", gmtime(at))) for ip, at in drawn.wrong]
    said = drilled(asking.context, asking.found) if asking.found else ()
    return any(name in text and at in text for text in said for name, at in wrong)


def _context(rng: random.Random, clock: VirtualClock, drawn: Drawn) -> Context:
    ports = (_port(rng, clock, drawn.source), _port(rng, clock, drawn.target))
    waits = replace(WAITS, minutes=min(WAITS.minutes, drawn.whole.minutes))
    return context(drawn.whole.addresses, clock, ports, waits)


def _port(rng: random.Random, clock: VirtualClock, shards: Shards) -> Port:
    return Port(lambda _logstore: shards, page=rng.choice((1, 3, 10, 1000)), clock=clock)


def _great(rng: random.Random, trial: Trial) -> Drawn:
    """One group of one side has the mistake; the target's lines come the other way round."""
    source, target = Great(trial.lines), Great(trial.lines, backwards=True)
    if trial.kind != CLEAN:
        side, number = rng.choice((source, target)), rng.randrange(source.groups)
        [side.wrong[number]] = _really(rng, side.written, [side.batch(number)], trial.kind)
    return Drawn(source.written, source.shards(), target.shards())


def _small(rng: random.Random, trial: Trial) -> Drawn:
    whole = written(rng, trial.lines)
    source, target = _sides(rng, whole, trial.kind)
    wrong: frozenset[tuple[str, int]] = frozenset()
    if trial.kind in ONE_LINE:
        here, there = _held(whole, source), _held(whole, target)
        wrong = frozenset((ip, at) for ip, at, *_ in (here - there) + (there - here))
    return Drawn(whole, spread(rng, source), spread(rng, target), wrong)


def _sides(rng: random.Random, whole: Written, kind: str) -> tuple[list[Batch], list[Batch]]:
    """Both sides as their agents ship them, one of them with the mistake."""
    sides = [shipped(rng, whole.files), _otherwise(rng, whole, shipped(rng, whole.files))]
    if kind != CLEAN:
        at = rng.randrange(2)
        sides[at] = _really(rng, whole, sides[at], kind)
    return sides[0], sides[1]


def _really(rng: random.Random, whole: Written, batches: list[Batch], kind: str) -> list[Batch]:
    """Make the mistake so that it is one: two lines may have been written alike."""
    before = _held(whole, batches)
    while True:
        wrong = FAULTS[kind](rng, whole, batches)
        if kind == LATE_KIND or _held(whole, wrong) != before:
            return wrong


def _held(whole: Written, batches: Iterable[Batch]) -> Held:
    rows = ((one.address, row) for one in batches for row in one.rows)
    return Counter((ip, row.time, *sorted(row.fields)) for ip, row in rows if whole.counts(ip, row))


def _otherwise(rng: random.Random, whole: Written, batches: list[Batch]) -> list[Batch]:
    """In ways that make no difference: order, names of files, older lines, other hosts' lines."""
    if rng.random() < 0.5:
        batches = reordered(rng, batches)
    if rng.random() < 0.2:
        batches = turned(batches)
    if rng.random() < 0.2:
        batches = [replace(one, path=f"{one.path}.1") for one in batches]
    if rng.random() < 0.3:
        batches = [_younger(rng, one) for one in batches]
    if rng.random() < 0.2:
        batches = [*batches, replace(rng.choice(batches), address=STRANGER)]
    every = [one for one in batches if one.rows]
    return sorted(every, key=lambda batch: batch.received)


def _younger(rng: random.Random, batch: Batch) -> Batch:
    """Without some of the lines from before the first minute that counts."""
    kept = tuple(row for row in batch.rows if row.time >= BEGIN or rng.random() < 0.5)
    return replace(batch, rows=kept)
