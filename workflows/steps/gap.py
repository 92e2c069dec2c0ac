"""What the source lacks of the target's lines, line by line. Pure.

Two lines are one if time, host and all fields are the same, in whatever order the fields come. A
line that was written twice is two lines: they are counted, not thrown together. File and topic do
not tell lines apart: a file that was renamed since is read again under its new name. Lines without
a time of their own are one if they were read about the same time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b

from workflows.ports import Line, Lines

HOST = "__hostname__"  # a tag that agents set
STAMPS = frozenset({"__client_ip__", "__receive_time__"})  # tags that the service sets, and anew

Span = tuple[int, int]  # [start, end), seconds since the epoch


@dataclass(frozen=True)
class Piece:
    """Lines by their own time in [start, end).

    With `slack`, in seconds, a line's time is when it was read: the source may have it so much
    earlier or later.
    """

    start: int
    end: int
    slack: int = 0

    @property
    def wide(self) -> Piece:
        """In which the source's lines may lie."""
        return Piece(self.start - self.slack, self.end + self.slack, self.slack)

    def of(self, lines: Lines) -> Lines:
        """Those of its lines that lie in the time."""
        inside = tuple(one for one in lines.lines if self.start <= one.time < self.end)
        return lines if len(inside) == len(lines.lines) else replace(lines, lines=inside)


def marks(lines: Lines, *, timed: bool = True) -> Iterator[tuple[bytes, Line]]:
    """What tells each line from all others, with the line; not by its time unless `timed`."""
    host = dict(lines.tags).get(HOST, lines.source)
    for line in lines.lines:
        at = (line.time, line.nanos or 0) if timed else ()
        told = (*at, host, sorted(line.fields))
        yield blake2b(repr(told).encode("utf-8", "surrogatepass"), digest_size=16).digest(), line


class Held:
    """What the source holds of a piece; each line of the target is set against one of its own.

    `ours` are those that came since filling began, so that what was written is known also after a
    death in between.
    """

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.theirs, self.ours = Counter[bytes](), Counter[bytes]()
        self._met = set[bytes]()
        self._before = Counter[bytes]()  # by their exact times: what lies in the slack before it
        self.seen = 0  # lines
        self.written = 0  # lines of the target that are in the source because we put them there
        self.first = self.last = 0  # times of the earliest and latest line that we put or have to

    def take(self, lines: Lines, *, ours: bool = False) -> None:
        """The source has these."""
        inside = self.piece.wide.of(lines)
        self.seen += len(inside.lines)
        into = self.ours if ours else self.theirs
        into.update(mark for mark, _ in self._marks(inside))
        if self.piece.slack:
            self._before.update(mark for mark, _ in marks(self._slack.of(inside)))

    def beside(self, lines: Lines) -> None:
        """The target has these too: what the source has of them is no line of the piece.

        What we write has the target's times, so it would count anew for each piece that is near.
        """
        near = self._slack.of(lines)
        for (exact, _), (mark, _) in zip(marks(near), self._marks(near), strict=True):
            held = self.theirs if self.theirs[mark] > 0 else self.ours
            if self._before[exact] > 0 < held[mark]:
                self._before[exact] -= 1
                held[mark] -= 1

    @property
    def _slack(self) -> Piece:
        return Piece(self.piece.wide.start, self.piece.start)

    def lacks(self, lines: Lines) -> Lines:
        """Those of the target's lines that the source has not, with topic, source and tags."""
        missing = [
            line
            for mark, line in self._marks(self.piece.of(lines))
            if not self._set_against(mark, line.time)
        ]
        tags = tuple(tag for tag in lines.tags if tag[0] not in STAMPS)
        return replace(lines, lines=tuple(missing), tags=tags, received=0)

    def _marks(self, lines: Lines) -> Iterator[tuple[bytes, Line]]:
        return marks(lines, timed=not self.piece.slack)

    def _set_against(self, mark: bytes, time: int) -> bool:
        if self._used(self.theirs, mark):
            return True
        self.first, self.last = min(self.first or time, time), max(self.last, time)
        ours = self._used(self.ours, mark)
        self.written += ours
        return ours

    def _used(self, held: Counter[bytes], mark: bytes) -> bool:
        if held[mark] <= 0:
            return False
        held[mark] -= 1
        self._met.add(mark)
        return True

    @property
    def again(self) -> int:
        """Lines that the source has more often than the target: its agents read them twice."""
        return sum(held[mark] for held in (self.theirs, self.ours) for mark in self._met)


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same seconds, each once and in order."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def but(whole: Span, spans: Iterable[Span]) -> list[Span]:
    """What of `whole` none of the spans has."""
    left, at = [], whole[0]
    for start, end in joined(spans):
        left.append((at, min(start, whole[1])))
        at = max(at, end)
    return [span for span in (*left, (at, whole[1])) if span[0] < span[1]]
