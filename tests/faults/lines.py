"""What applications wrote, and how agents shipped it: the lines of one trial, from a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from sandbox.sls import wire

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Sequence

BEGIN = 1_795_348_800  # any full minute will do
MINUTE = 60
MOST_MINUTES = 6
BEFORE = 2  # minutes whose lines the source has and the target need not have
PATHS = ("/var/log/app-b/app.log", "/var/log/app-b/pay.log", "/var/log/app-b/批次.log")
WORDS = ("order paid", "stock checked", "parcel sent", "订单已支付", "naïve ✓", 'said "no"', "")
LEVELS = ("INFO", "WARN", "ERROR")
HELD = 10  # seconds for which an agent gathers lines
LAG = 20.0  # seconds that it needs at most to send them


class Row(NamedTuple):
    """One line; its fields in their order."""

    time: int
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Batch:
    """Lines of one file that were shipped together."""

    address: str
    path: str
    received: float
    rows: tuple[Row, ...]

    @property
    def raw(self) -> bytes:
        """The log group, as the service keeps it."""
        logs = [(row.time, dict(row.fields)) for row in self.rows]
        tags = {"__path__": self.path, "__receive_time__": str(int(self.received))}
        return wire.encode("", self.address, tags, logs)


@dataclass(frozen=True)
class Written:
    """All lines of one trial by host and file; those from BEGIN up to `end` are compared."""

    addresses: dict[str, str]  # by the host's name
    files: dict[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict)
    minutes: int = 1

    @property
    def end(self) -> int:
        """The end of what is compared."""
        return BEGIN + self.minutes * MINUTE

    @property
    def compared(self) -> int:
        """How many lines are compared."""
        return sum(self.counts(at[0], row) for at, rows in self.files.items() for row in rows)

    def counts(self, address: str, row: Row) -> bool:
        """Whether the line is compared: of a host of the app's, and in the time."""
        return BEGIN <= row.time < self.end and address in self.addresses.values()


def written(rng: random.Random, lines: int) -> Written:
    """Draw about so many lines; every host has at least one that is compared."""
    names = [f"h{n}" for n in range(1, rng.randint(1, 4) + 1)]
    addresses = {name: f"10.0.0.{n + 10}" for n, name in enumerate(names)}
    whole = Written(addresses, minutes=rng.randint(1, MOST_MINUTES))
    places = [(ip, path) for ip in addresses.values() for path in PATHS[: rng.randint(1, 3)]]
    each = max(1, math.ceil(lines / len(places)))
    for place in places:
        whole.files[place] = _rows(rng, whole, each)
    return whole


def shipped(rng: random.Random, rows: dict[tuple[str, str], tuple[Row, ...]]) -> list[Batch]:
    """Cut each file's lines into groups as they come, in the order of receipt."""
    found: list[Batch] = []
    for (address, path), own in rows.items():
        at, received = 0, 0.0
        while at < len(own):
            part = [
                row for row in own[at : at + rng.randint(1, 40)] if row.time < own[at].time + HELD
            ]
            at += len(part)
            received = max(received, part[-1].time + rng.uniform(0.1, LAG))
            found.append(Batch(address, path, received, tuple(part)))
    return sorted(found, key=lambda batch: batch.received)


def spread(rng: random.Random, batches: Iterable[Batch]) -> list[list[Batch]]:
    """Hand the groups out to some shards."""
    shards: list[list[Batch]] = [[] for _ in range(rng.randint(1, 4))]
    for batch in batches:
        rng.choice(shards).append(batch)
    return shards


def reordered(rng: random.Random, batches: Sequence[Batch]) -> list[Batch]:
    """The same groups with their lines in another order."""
    return [replace(one, rows=tuple(rng.sample(one.rows, len(one.rows)))) for one in batches]


def turned(batches: Iterable[Batch]) -> list[Batch]:
    """The same lines with their fields in another order."""
    return [
        replace(one, rows=tuple(Row(row.time, row.fields[::-1]) for row in one.rows))
        for one in batches
    ]


def _rows(rng: random.Random, whole: Written, lines: int) -> tuple[Row, ...]:
    """One line that is compared, and others from before, within and after."""
    first, last = BEGIN - BEFORE * MINUTE, whole.end + MINUTE
    times = [rng.randrange(BEGIN, whole.end), *(rng.randrange(first, last) for _ in range(lines))]
    return tuple(Row(time, _fields(rng)) for time in sorted(times))


def _fields(rng: random.Random) -> tuple[tuple[str, str], ...]:
    """Few different values, so that some lines were written twice."""
    return (
        ("level", rng.choice(LEVELS)),
        ("order", str(rng.randrange(500))),
        ("said", rng.choice(WORDS)),
    )
