"""Lines that an agent which began anew sent once more, told from what was written twice. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

TOGETHER = 3  # seconds within which lines that were written alike are received
MOST = 4  # sendings of what reads the same; from more on nobody can tell which was read again

Mark = tuple[str, int]  # host, and what tells its lines apart
NONE = -1  # no mark


@dataclass
class Sending:
    """One time that a line was received; `before` and `after` are its neighbours in the file."""

    received: int
    before: int
    after: int = NONE


@dataclass
class Sendings:
    """Of one side: each time that it received the lines that are asked for."""

    wanted: frozenset[Mark]
    times: dict[Mark, list[Sending]] = field(default_factory=dict)
    last: dict[tuple[str, str], int] = field(default_factory=dict)  # newest mark of each file
    open: dict[tuple[str, str], Sending] = field(default_factory=dict)

    def take(self, host: str, file: str, received: int, mark: int) -> None:
        """The next line of the file."""
        place = (host, file)
        if waiting := self.open.pop(place, None):
            waiting.after = mark
        if (host, mark) in self.wanted:
            self.open[place] = Sending(received, self.last.get(place, NONE))
            self.times.setdefault((host, mark), []).append(self.open[place])
        self.last[place] = mark

    def seldom(self, mark: Mark) -> bool:
        """Whether nothing of its words came twice at once, nor all the time."""
        every = sorted(one.received for one in self.times.get(mark, ()))
        return len(every) <= MOST and all(after > at + TOGETHER for at, after in pairwise(every))


def again(own: Sendings, other: Sendings, mark: Mark, left: list[int]) -> Iterator[int]:
    """Which of the receipts that are `left` over are of a line that its side has at another time too.

    It lies beside the same line as then, or as on the other side. If nothing but these is there, the
    first is none of them: the other side lacks the line. Only words that come seldom tell; of others
    the one may have been read again, and another one lost.
    """
    every = own.times.get(mark, [])
    if not (own.seldom(mark) and other.seldom(mark)):
        return
    for at in sorted(left)[len(every) <= len(left) :]:
        now = [one for one in every if one.received == at]
        then = [one for one in every if one.received != at]
        known = [*then, *other.times.get(mark, [])] if then else []
        if any(_alike(mark[1], one, two) for one in now for two in known):
            yield at


def _alike(mark: int, one: Sending, two: Sending) -> bool:
    """At either end of what was read again there is but one neighbour, or another."""
    before = one.before == two.before not in (NONE, mark)
    return before or one.after == two.after not in (NONE, mark)
