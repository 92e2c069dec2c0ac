"""One trial with lines that have no time of their own: asked each minute, as a move does."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sandbox.simulate.clock import VirtualClock
from sandbox.simulate.port import Port
from sandbox.simulate.product import WAITS, Asking, context
from tests.faults.lines import BEGIN, MINUTE, Batch, Row, spread
from tests.faults.trial import AWAY, QUIET, Outcome
from tests.faults.untimed import BEATS, Files, agents, files, shipped
from workflows.proof.verdict import Verdict
from workflows.steps import by_content

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.simulate.product import Engine
    from tests.faults.trial import Trial
    from workflows.proof.verdict import Judged
    from workflows.step import Context

    Change = Callable[[Row], tuple[Row, ...]]

MISSING = "untimed, a host missing"
LOST = "untimed, one line lost"
CHANGES: dict[str, Change] = {
    LOST: lambda _row: (),
    "untimed, one line doubled": lambda row: (row, row),
    "untimed, one line altered": lambda row: (_altered(row),),
}
UNTIMED_FAULTS = (*CHANGES, MISSING)
UNTIMED_WELL = (QUIET, AWAY)
LONG = 600.0  # seconds between the last looks
LAST_LOOKS = 4
TARGET = 1  # of both sides

Sides = tuple[list[Batch], list[Batch]]


@dataclass(frozen=True)
class Drawn:
    """A trial: once the comparison has got beyond `minute`, and from `known` on, equal is wrong."""

    whole: Files
    sides: Sides
    minute: float = 0.0
    known: float = 0.0


def play(trial: Trial, engine: Engine = by_content.compared) -> Outcome:
    """The first verdict that was wrong, else the first at all; and the last one, with its reason.

    Equal lines may never be called different, and unequal ones never equal once they came.
    """
    rng = random.Random(f"{trial.seed}:{trial.number}")
    drawn = _drawn(rng, trial.kind)
    clock = VirtualClock(0.0)
    asking = Asking(_context(rng, clock, drawn.whole, drawn.sides), engine, {"from": BEGIN})
    verdicts: list[Judged] = []
    for clock.at in _moments(rng, drawn.whole):
        asking.look()
        said = asking.judged({})
        told = asking.found is not None and asking.found.end > drawn.minute
        if not said.green or (told and clock.at > drawn.known):
            verdicts.append(said)
    wrong = Verdict.DIFFERENT if trial.kind in UNTIMED_WELL else Verdict.EQUAL
    first = next((one for one in verdicts if one.verdict is wrong), verdicts[0])
    last = verdicts[-1]
    if trial.kind in UNTIMED_WELL and first.verdict is wrong:
        last = first
    return Outcome(trial, first.verdict, last.verdict, last.why)


def _drawn(rng: random.Random, kind: str) -> Drawn:
    """Once more where no line is read by both sides in the compared minutes."""
    while True:
        whole = files(rng)
        away = kind == AWAY or (kind in CHANGES and rng.random() < 0.3)
        source, target = (shipped(rng, whole, one) for one in agents(rng, whole, away=away))
        if kind in UNTIMED_WELL:
            return Drawn(whole, (source, target))
        if kind == MISSING:
            gone = rng.choice(list(whole.addresses.values()))
            return Drawn(whole, (source, [one for one in target if one.address != gone]))
        if found := _changed(rng, whole, (source, target), kind):
            return found


def _moments(rng: random.Random, whole: Files) -> list[float]:
    """Each minute while the applications write, and then seldom."""
    every = [at + rng.uniform(0, 30) for at in range(BEGIN + MINUTE, int(whole.last), MINUTE)]
    late = whole.last + WAITS.settle
    return [*every, *(late + LONG * number for number in range(LAST_LOOKS))]


def _changed(rng: random.Random, whole: Files, sides: Sides, kind: str) -> Drawn | None:
    which = rng.randrange(2)
    if not (places := _places(whole, sides, which)):
        return None
    at, n = rng.choice(places)
    batch = sides[which][at]
    row = batch.rows[n]
    rows = (*batch.rows[:n], *CHANGES[kind](row), *batch.rows[n + 1 :])
    changed = [*sides[which][:at], replace(batch, rows=rows), *sides[which][at + 1 :]]
    seen = [one for side in sides for one in _with(side, batch.address, row)]
    minute = max(each.time for one in seen for each in one.rows if each.fields == row.fields)
    known = max(one.received for one in seen) + 2 * WAITS.settle
    both = (sides[0], changed) if which == TARGET else (changed, sides[1])
    return Drawn(whole, both, minute, known)


def _places(whole: Files, sides: Sides, which: int) -> list[tuple[int, int]]:
    """Lines that both sides read in the compared minutes, and not at the beginning of a file.

    They are such as nothing else reads like: of others, one more or less cannot always be told from
    one that an agent read again at its start.
    """
    inside = [
        {(one.address, row.fields) for one in side for row in one.rows if _counts(whole, row)}
        for side in sides
    ]
    first = {(one.address, one.path): one.received for one in reversed(sides[TARGET])}
    return [
        (at, n)
        for at, one in enumerate(sides[which])
        for n, row in enumerate(one.rows)
        if (one.address, row.fields) in inside[0] & inside[1]
        and _counts(whole, row)
        and row.time > first[one.address, one.path] + MINUTE
        and row.fields[0][1] not in BEATS
    ]


def _counts(whole: Files, row: Row) -> bool:
    return BEGIN + MINUTE <= row.time < whole.end


def _with(side: list[Batch], address: str, row: Row) -> list[Batch]:
    """What was sent with a line that reads like it."""
    return [
        one
        for one in side
        if one.address == address and any(each.fields == row.fields for each in one.rows)
    ]


def _altered(row: Row) -> Row:
    ((key, value),) = row.fields
    return row._replace(fields=((key, f"{value}~"),))


def _context(rng: random.Random, clock: VirtualClock, whole: Files, sides: Sides) -> Context:
    source, target = (_port(spread(rng, side), whole, clock) for side in sides)
    return context(whole.addresses, clock, (source, target))


def _port(shards: list[list[Batch]], whole: Files, clock: VirtualClock) -> Port:
    made = {"createTime": int(whole.live)}
    return Port(lambda _logstore: shards, lambda _name: made, clock=clock)
