"""The mistakes: each makes one side differ from the other in a line, or in all of a host."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from tests.faults.lines import MINUTE, Batch, Row, Written

Batches = list[Batch]
Fault = Callable[[random.Random, Written, Batches], Batches]

LATE = 600.0  # seconds


def lost(rng: random.Random, written: Written, batches: Batches) -> Batches:
    """Take one line away."""
    return _changed(rng, written, batches, lambda _row: ())


def doubled(rng: random.Random, written: Written, batches: Batches) -> Batches:
    """Store one line twice."""
    return _changed(rng, written, batches, lambda row: (row, row))


def altered(rng: random.Random, written: Written, batches: Batches) -> Batches:
    """Change one byte of one field."""
    return _changed(rng, written, batches, lambda row: (_with_a_byte(rng, row),))


def misdated(rng: random.Random, written: Written, batches: Batches) -> Batches:
    """Give one line another time, near or far."""
    by = rng.choice((1, -1, 7, -7, MINUTE, -MINUTE, 3600, -3600))
    return _changed(rng, written, batches, lambda row: (row._replace(time=row.time + by),))


def exchanged(rng: random.Random, written: Written, batches: Batches) -> Batches:
    """Take one line away and store another twice, so that the number of lines is right."""
    once = lost(rng, written, batches)
    return once if not _places(written, once) else doubled(rng, written, once)


def host_missing(rng: random.Random, written: Written, batches: Batches) -> Batches:
    """Take every line of one host away."""
    gone = rng.choice(list(written.addresses.values()))
    return [one for one in batches if one.address != gone]


def host_late(rng: random.Random, written: Written, batches: Batches) -> Batches:
    """Receive one host's lines ten minutes later."""
    late = rng.choice(list(written.addresses.values()))
    moved = [
        replace(one, received=one.received + LATE) if one.address == late else one
        for one in batches
    ]
    return sorted(moved, key=lambda batch: batch.received)


FAULTS: dict[str, Fault] = {
    "one line lost": lost,
    "one line doubled": doubled,
    "one byte altered": altered,
    "one line misdated": misdated,
    "one lost and one doubled": exchanged,
    "a host missing": host_missing,
    "a host ten minutes late": host_late,
}


def _places(written: Written, batches: Batches) -> list[tuple[int, int]]:
    return [
        (number, at)
        for number, batch in enumerate(batches)
        for at, row in enumerate(batch.rows)
        if written.counts(batch.address, row)
    ]


def _changed(
    rng: random.Random,
    written: Written,
    batches: Batches,
    change: Callable[[Row], tuple[Row, ...]],
) -> Batches:
    """Put what `change` makes of one compared line in its place."""
    number, at = rng.choice(_places(written, batches))
    batch = batches[number]
    rows = (*batch.rows[:at], *change(batch.rows[at]), *batch.rows[at + 1 :])
    return [*batches[:number], replace(batch, rows=rows), *batches[number + 1 :]]


def _with_a_byte(rng: random.Random, row: Row) -> Row:
    """Change it in a value or, where that is empty, add it there."""
    at = rng.randrange(len(row.fields))
    key, value = row.fields[at]
    cut = rng.randrange(len(value)) if value else 0
    other = rng.choice([sign for sign in "0aZ ." if sign != value[cut : cut + 1]])
    changed = (key, value[:cut] + other + value[cut + 1 :])
    return row._replace(fields=(*row.fields[:at], changed, *row.fields[at + 1 :]))
