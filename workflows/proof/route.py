"""What either route does to the lines of a file, from a few numbers instead of contents. Pure.

A config that is new to a file begins `tail` bytes before its end. So of what the other side had not
read when it ended, all but the tail is lost; and of the tail, what it had read is read again. Where
both collect for a while the other side reads on, so all of the tail is in both, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

ACTIVE = 120  # seconds; an agent begins at once only with files written since: EventDispatcher.cpp

Span = tuple[int, int]  # bytes of a file, from the first up to and without the second


class Handed(NamedTuple):
    """One file at the hand-over: bytes that nobody reads, and bytes that both sides do."""

    lost: Span
    again: Span


def handed(size: int, read: int, tail: int) -> Handed:
    """`size` when the target begins with the file, `read` by the source at its end."""
    begin = max(0, size - tail)
    return Handed((read, max(read, begin)), (begin, max(begin, min(read, size))))


@dataclass(frozen=True)
class FileNow:
    """A file as it was looked at, in bytes; `rate` in bytes a second, None where it is not known."""

    host: str
    path: str
    size: int
    unread: int  # by the source's agent; 0 where nobody can tell
    rate: float | None
    tail: int

    def stopped_first(self, gap: float) -> Handed:
        """If the source ends now and the target begins `gap` seconds later."""
        grown = self.size + int((self.rate or 0.0) * gap)
        return handed(grown, max(0, self.size - self.unread), self.tail)

    def lost(self, gap: float) -> int:
        """Bytes that would be lost by stopping first."""
        return _length(self.stopped_first(gap).lost)

    def lost_if_rotated(self, gap: float) -> int:
        """The same if it is renamed meanwhile: nobody goes back to the file of an older name."""
        return self.unread + int((self.rate or 0.0) * gap)

    def again(self, gap: float) -> int:
        """Bytes that would be repeated by stopping first."""
        return _length(self.stopped_first(gap).again)

    @property
    def overlap(self) -> int:
        """Bytes from before the target's start that both sides have, where both collect, at the most.

        One that grows has more by then.
        """
        size = max(self.size, self.tail) if self.rate else self.size
        return _length(handed(size, size, self.tail).again)


@dataclass(frozen=True)
class Bound:
    """What can happen to files as long as they grow as they do, in bytes; `rate` in bytes a second.

    `unsure`: files whose rate is not known, so that what they would lose is not in it. `rotated`: what
    would be lost if all of them were renamed meanwhile.
    """

    files: int = 0
    unsure: int = 0
    rate: float = 0.0
    lost: int = 0
    rotated: int = 0
    again: int = 0
    overlap: int = 0

    def plus(self, other: Bound) -> Bound:
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Bound(*(one + two for one, two in pairs))


def bound(files: Iterable[FileNow], longest: float) -> Bound:
    """Most is lost after the longest gap, in seconds, and most is repeated after none."""
    found = Bound()
    for file in files:
        lost = (file.lost(longest), file.lost_if_rotated(longest))
        rate = (file.rate is None, file.rate or 0.0)
        found = found.plus(Bound(1, *rate, *lost, file.again(0.0), file.overlap))
    return found


def overloaded(used: float | None, limit: float) -> bool:
    """Whether twice of what an agent uses is more than it bears before it restarts itself."""
    return used is not None and 2 * used > limit


def _length(span: Span) -> int:
    return span[1] - span[0]
