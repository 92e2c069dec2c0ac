"""Counts and order-free checksums of lines, by minute, host and file. Pure.

A line's mark is a number made of its content; a cell's sum is that of its lines' marks, modulo
2^128. So the order of lines does not count, and a line that is there twice does (an exclusive or
would lose it). Sums of two engines are not comparable with each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

MODULUS = 1 << 128


class Place(NamedTuple):
    """Where lines belong: the minute of their own time, the host, and its file."""

    minute: int  # its start, seconds since the epoch
    host: str  # the agent's address, `__source__`: the one thing that needs no index
    file: str = ""  # `__path__`; "" for all of the host, or where nobody can tell


class Cell(NamedTuple):
    """Lines of one place; `size` in bytes of their values and keys, 0 where nobody measured it."""

    lines: int = 0
    sum: int = 0
    size: int = 0

    def plus(self, other: Cell) -> Cell:
        total = (self.sum + other.sum) % MODULUS
        return Cell(self.lines + other.lines, total, self.size + other.size)

    def minus(self, other: Cell) -> Cell:
        """May have less than no lines: then the other has more."""
        left = (self.sum - other.sum) % MODULUS
        return Cell(self.lines - other.lines, left, self.size - other.size)

    @property
    def nothing(self) -> bool:
        """Neither lines nor a trace of any: of two sides that hold the same, this is what differs."""
        return not self.lines and not self.sum


Cells = Mapping[Place, Cell]


def merged(*parts: Cells) -> dict[Place, Cell]:
    """All of them together."""
    found: dict[Place, Cell] = {}
    for part in parts:
        for place, cell in part.items():
            found[place] = found[place].plus(cell) if place in found else cell
    return found


def by_host(cells: Cells) -> dict[Place, Cell]:
    """The same without files: a file that was renamed while it was read is named differently."""
    return merged(*({Place(p.minute, p.host): cell} for p, cell in cells.items()))
