"""Logstores of millions of lines that are made as they are read, so that no memory holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import overload

from sandbox.sls import wire
from tests.faults.lines import BEGIN, MINUTE, PATHS, Batch, Row, Written

EACH = 1000  # lines in a group
MINUTES = 60
ADDRESSES = {"h1": "10.0.0.10", "h2": "10.0.0.11", "h3": "10.0.0.12"}
SHARDS = 3
LAG = 2  # seconds
SOME_TIME = 1_234_567_890  # on the wire as long as any other of these years
SOME_NUMBER = "@@@@@@@@"


@dataclass(frozen=True)
class Great:
    """So many lines in groups of 1,000 over an hour; each line has its group's number and its own.

    A group is its pattern's bytes with number and time put in; `wrong` has those that are otherwise.
    """

    lines: int
    backwards: bool = False  # each group's lines the other way round
    wrong: dict[int, Batch] = field(default_factory=dict)

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return max(1, self.lines // EACH)

    @property
    def written(self) -> Written:
        """Hosts and minutes, without the lines."""
        return Written(ADDRESSES, minutes=MINUTES)

    def shards(self) -> list[Shard]:
        """All groups, in turns."""
        return [Shard(self, first) for first in range(SHARDS)]

    def time(self, number: int) -> int:
        """Own time of a group's lines."""
        return BEGIN + number * MINUTES * MINUTE // self.groups

    def batch(self, number: int) -> Batch:
        """One group, line by line."""
        numbers = range(EACH)[:: -1 if self.backwards else 1]
        rows = tuple(_row(f"{number:08}", self.time(number), own) for own in numbers)
        return Batch(*self._place(number), self.time(number) + LAG, rows)

    def raw(self, number: int) -> bytes:
        """The bytes of a group."""
        if found := self.wrong.get(number):
            return found.raw
        time = self.time(number)
        bare = self._patterns[self._place(number)].replace(SOME_NUMBER.encode(), b"%08d" % number)
        tags = wire.encode_tags({"__receive_time__": str(time + LAG)})
        return bare.replace(_head(SOME_TIME), _head(time)) + tags

    def _place(self, number: int) -> tuple[str, str]:
        return list(ADDRESSES.values())[number % len(ADDRESSES)], PATHS[number % 2]

    @cached_property
    def _patterns(self) -> dict[tuple[str, str], bytes]:
        numbers = range(EACH)[:: -1 if self.backwards else 1]
        rows = [_row(SOME_NUMBER, SOME_TIME, own) for own in numbers]
        logs = [(row.time, dict(row.fields)) for row in rows]
        places = [(address, path) for address in ADDRESSES.values() for path in PATHS[:2]]
        return {(ip, path): wire.encode("", ip, {"__path__": path}, logs) for ip, path in places}


@dataclass(frozen=True)
class Parcel:
    """One group that is not made yet."""

    of: Great
    number: int

    @property
    def received(self) -> float:
        """When it came."""
        return self.of.time(self.number) + LAG

    @property
    def raw(self) -> bytes:
        """Its bytes, made now."""
        return self.of.raw(self.number)


@dataclass(frozen=True)
class Shard(Sequence[Parcel]):
    """Each so many of all groups, from `first` on."""

    of: Great
    first: int

    def __len__(self) -> int:
        """How many it has."""
        return len(range(self.first, self.of.groups, SHARDS))

    @overload
    def __getitem__(self, at: int) -> Parcel: ...
    @overload
    def __getitem__(self, at: slice) -> list[Parcel]: ...
    def __getitem__(self, at: int | slice) -> Parcel | list[Parcel]:
        """The group there, or some."""
        numbers = range(self.first, self.of.groups, SHARDS)
        if isinstance(at, slice):
            return [Parcel(self.of, number) for number in numbers[at]]
        return Parcel(self.of, numbers[at])


def _row(group: str, time: int, own: int) -> Row:
    said = "order paid in 12 ms; retrying payment, attempt=2; stock checked"
    return Row(time, (("order", f"{group}-{own:04}"), ("level", "INFO"), ("said", said)))


def _head(time: int) -> bytes:
    """How a line begins that has this time."""
    raw = wire.encode("", "", {}, [(time, {})])
    return raw[raw.index(b"\x08") :][:6]
