"""Lines that are there more than once, of some minutes. Pure; memory goes by the lines held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

Mark = tuple[str, int]  # host, and what tells its lines apart


class Found(NamedTuple):
    """`doubled` in the target; of these `restarts` because an agent began anew; `repeated` in the source."""

    doubled: int = 0
    restarts: int = 0
    repeated: int = 0

    def plus(self, other: Found) -> Found:
        return Found(*(mine + more for mine, more in zip(self, other, strict=True)))


@dataclass
class Held:
    """What one side holds: each line's number, and of how many it was at most in one sending.

    What an agent sends twice at once was written twice; what it sends again later it read again.
    """

    every: Counter[Mark] = field(default_factory=Counter)
    at_once: dict[Mark, int] = field(default_factory=dict)

    def take(self, host: str, marks: Iterable[int]) -> None:
        """One sending."""
        for mark, number in Counter(marks).items():
            self.every[host, mark] += number
            if number > 1:
                self.at_once[host, mark] = max(number, self.at_once.get((host, mark), 0))

    def again(self, mark: Mark) -> int:
        """How often it was sent once more."""
        return max(0, self.every[mark] - self.at_once.get(mark, 1))

    @property
    def several(self) -> Iterator[Mark]:
        return (mark for mark, number in self.every.items() if number > 1)


def compared(source: Held, target: Held, restarted: Collection[str]) -> Found:
    """A line that both sides have equally often was written so, unless its agent began anew."""
    doubled = restarts = repeated = 0
    for mark in target.several:
        began = mark[0] in restarted
        more = target.every[mark] - max(source.every[mark], 1)
        more = max(more, target.again(mark) if began else 0, 0)
        doubled, restarts = doubled + more, restarts + more * began
    for mark in source.several:
        more = source.every[mark] - max(target.every[mark], 1)
        repeated += max(more, source.again(mark) if mark[0] in restarted else 0, 0)
    return Found(doubled, restarts, repeated)
