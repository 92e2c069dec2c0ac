"""Two sides that differ by nothing but lines which an agent read again, on one of them only. Pure.

After a restart an agent goes on from where each of its configs was, so it may send lines again for
one side and not for the other. Such a copy comes seconds after the first; lines that were written
alike in one second come together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

TOGETHER = 3  # seconds within which lines that were written alike are received

Mark = tuple[str, int]  # host, and what tells its lines apart


@dataclass
class Sent:
    """One side's lines of a minute: how many of each came at first, and which came again later."""

    first: Counter[Mark] = field(default_factory=Counter)
    since: dict[Mark, int] = field(default_factory=dict)  # receipt of the first of each
    again: int = 0

    def take(self, sendings: Iterable[tuple[int, Mark]]) -> None:
        """By their receipt, of all shards."""
        for at, mark in sorted(sendings):
            if at <= self.since.setdefault(mark, at) + TOGETHER:
                self.first[mark] += 1
            else:
                self.again += 1


def reread(source: Sent, target: Sent) -> bool:
    """Whether both have the same lines, each as often, but for those that came again."""
    return bool(source.again or target.again) and source.first == target.first
