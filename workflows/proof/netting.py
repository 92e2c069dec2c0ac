"""Both sides set against each other as they are read, by minute and host. Pure; kept as JSON.

What is equal of settled minutes is kept as totals; only what is not stays by host, so the size goes
by the length of the window and the differences, and not by the lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from typing import Any, NamedTuple

from workflows.proof.cells import MODULUS, Cell

MOST = 10_000  # places that are kept apart
SEVERAL = "several hosts"  # under which a minute is kept of which there would be too many


class Pair(NamedTuple):
    """One place on both sides; `sum` is the source's minus the target's, `size` the target's."""

    source: int = 0
    target: int = 0
    sum: int = 0
    size: int = 0

    def plus(self, other: Pair) -> Pair:
        total = (self.sum + other.sum) % MODULUS
        lines = (self.source + other.source, self.target + other.target)
        return Pair(*lines, total, self.size + other.size)

    @property
    def equal(self) -> bool:
        return self.source == self.target and not self.sum


Places = dict[int, dict[str, Pair]]  # by minute and host


def of_source(cell: Cell) -> Pair:
    return Pair(cell.lines, 0, cell.sum % MODULUS)


def of_target(cell: Cell) -> Pair:
    return Pair(0, cell.lines, -cell.sum % MODULUS, cell.size)


@dataclass
class Netting:
    """Lines from `start` on by their own time; minutes before `end` are settled.

    `late` are lines that came for settled minutes, and `touched` when the newest such came.
    """

    start: int
    length: int
    end: int
    late: int = 0
    size: int = 0
    minutes: dict[int, tuple[int, int]] = field(default_factory=dict)  # settled: source, target
    hosts: dict[str, tuple[int, int, int]] = field(default_factory=dict)  # and the newest minute
    open: Places = field(default_factory=dict)
    left: Places = field(default_factory=dict)
    touched: dict[int, int] = field(default_factory=dict)

    def take(self, minute: int, host: str, pair: Pair, now: int) -> None:
        """Lines of one side; whatever the order."""
        if minute >= self.end:
            _add(self.open, minute, host, pair)
            return
        self.late += pair.source + pair.target
        self.touched[minute] = now
        self._settled(minute, host, pair)

    @property
    def places(self) -> int:
        """How many are kept apart."""
        return sum(map(len, (*self.open.values(), *self.left.values())))

    def settle(self, end: int) -> None:
        """Both sides were read until the minutes before `end` had settled."""
        for minute in sorted(minute for minute in self.open if minute < end):
            for host, pair in self.open.pop(minute).items():
                self._settled(minute, host, pair)
        self.end = max(self.end, end)

    def _settled(self, minute: int, host: str, pair: Pair) -> None:
        source, target = self.minutes.get(minute, (0, 0))
        self.minutes[minute] = (source + pair.source, target + pair.target)
        source, target, newest = self.hosts.get(host, (0, 0, 0))
        self.hosts[host] = (source + pair.source, target + pair.target, max(newest, minute))
        self.size += pair.size
        self._leave(minute, host, pair)

    def _leave(self, minute: int, host: str, pair: Pair) -> None:
        """Together with what is left of it; nothing where that makes both sides equal."""
        if SEVERAL in self.left.get(minute, ()):
            host, pair = SEVERAL, _blended(host, pair)
        _add(self.left, minute, host, pair)
        if self.left[minute][host].equal:
            del self.left[minute][host]
        if not self.left[minute]:
            self.forgive(minute)
        elif sum(map(len, self.left.values())) > MOST:
            self._together(max(self.left, key=lambda one: len(self.left[one])))

    def _together(self, minute: int) -> None:
        blended = Pair()
        for host, pair in self.left[minute].items():
            blended = blended.plus(_blended(host, pair))
        self.left[minute] = {SEVERAL: blended}

    def forgive(self, minute: int, host: str = "") -> None:
        """A closer look found the place equal: its lines differ in how they are written only."""
        self.left.get(minute, {}).pop(host, None)
        if not host or not self.left.get(minute):
            self.left.pop(minute, None)
            self.touched.pop(minute, None)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Netting:
        """From JSON, which has text for numbers where they are keys."""
        lists = {
            "minutes": {int(one): tuple(row) for one, row in facts["minutes"].items()},
            "hosts": {host: tuple(row) for host, row in facts["hosts"].items()},
            "touched": {int(one): at for one, at in facts["touched"].items()},
        }
        places = {name: _places(facts[name]) for name in ("open", "left")}
        return cls(**{**facts, **lists, **places})


def _add(places: Places, minute: int, host: str, pair: Pair) -> None:
    hosts = places.setdefault(minute, {})
    hosts[host] = hosts[host].plus(pair) if host in hosts else pair


def _places(facts: Mapping[str, Mapping[str, list[int]]]) -> Places:
    return {int(one): {host: Pair(*row) for host, row in of.items()} for one, of in facts.items()}


@cache
def _weight(host: str) -> int:
    """An odd number: hosts that are thrown together must not make up for each other."""
    told = host.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(told, digest_size=16).digest()) | 1


def _blended(host: str, pair: Pair) -> Pair:
    return pair._replace(sum=pair.sum * _weight(host) % MODULUS)
