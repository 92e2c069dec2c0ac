"""Sums over the fake's lines, as the port's `scan` gives them; one shard, a page each few seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby

from workflows.ports import Lines, Scanned
from workflows.proof.cells import MODULUS, Cell, Place, merged

PAGE = 20  # seconds in one page
LATE = 60  # seconds between a line's time and its receipt

ADDRESSES = tuple(f"10.0.0.{n}" for n in range(11, 31))  # those that `ship` knows


@dataclass(frozen=True)
class Tape:
    """Lines that are only counted, by the second, and whose; and those that are whole."""

    lines: Mapping[int, int]
    by_address: Mapping[tuple[int, str], int]
    held: Sequence[Lines]

    def pages(self, start: int, end: int, minute: int) -> Iterator[Scanned]:
        """What was received in [start, end), some seconds at a time; a cursor is the next second."""
        every = sorted(self._groups(start, end, minute), key=lambda pair: pair[0])
        for at, part in groupby(every, key=lambda pair: pair[0] // PAGE):
            yield _together(list(part), str(min((at + 1) * PAGE, end)))

    def _groups(self, start: int, end: int, minute: int) -> Iterator[tuple[int, Scanned]]:
        for one in self.held:
            if start <= one.received < end:
                yield one.received, _of_lines(one, minute)
        whole = Counter(line.time for one in self.held for line in one.lines)
        for second, number in self.lines.items():
            if start <= second < end and number > whole[second]:
                for address, own in self._whose(second, number - whole[second]):
                    yield second, _scanned(second, _cells(second, address, own, minute), ())

    def _whose(self, second: int, left: int) -> Iterator[tuple[str, int]]:
        """By address; "" for lines of which nobody said whose they are."""
        for address in ADDRESSES:
            if own := min(left, self.by_address.get((second, address), 0)):
                yield address, own
                left -= own
        if left:
            yield "", left


def _together(part: list[tuple[int, Scanned]], after: str) -> Scanned:
    begun: dict[tuple[str, str], int] = {}
    for _, one in part:
        for key, at in one.begun.items():
            begun[key] = min(begun.get(key, at), at)
    late = tuple(dict.fromkeys(place for _, one in part for place in one.late))
    cells = merged(*(one.cells for _, one in part))
    newest = {host: at for at, one in part for host in one.newest}
    return Scanned(0, after, cells, max(at for at, _ in part), late, begun, newest)


def _scanned(at: int, cells: Mapping[Place, Cell], late: tuple[Place, ...]) -> Scanned:
    begun = {(place.host, place.file): at for place in cells}
    return Scanned(0, "", cells, at, late, begun, {place.host: at for place in cells})


def _cells(at: int, address: str, number: int, minute: int) -> dict[Place, Cell]:
    marks = sum(_mark((at, index)) for index in range(number))
    return {Place(at // minute * minute, address): Cell(number, marks % MODULUS, 100 * number)}


def _of_lines(lines: Lines, minute: int) -> Scanned:
    path = dict(lines.tags).get("__path__", "")
    cells: dict[Place, Cell] = {}
    late: dict[Place, None] = {}
    for line in lines.lines:
        place = Place(line.time // minute * minute, lines.source, path)
        size = sum(len(key) + len(value) for key, value in line.fields)
        mark = _mark((line.time, line.nanos, sorted(line.fields)))
        cells[place] = cells.get(place, Cell()).plus(Cell(1, mark, size))
        if lines.received - line.time > LATE:
            late[place] = None
    return _scanned(lines.received, cells, tuple(late))


def _mark(told: object) -> int:
    return int.from_bytes(blake2b(repr(told).encode(), digest_size=16).digest(), "little")
