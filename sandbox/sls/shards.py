"""How a logstore's shards divide the hash keys, and how splitting and merging change that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from sandbox.sls import errors

HASH_SPACE = 1 << 128
# An end is written as 32 digits, so the last shard seems to leave out the last key of all.
LAST_KEY = HASH_SPACE - 1


@dataclass(frozen=True)
class Shard:
    """The hash keys [start, end); once split or merged a shard is only read (`writable` off).

    `gone` once it was deleted.
    """

    number: int
    start: int
    end: int
    created: float
    writable: bool = True
    gone: bool = False

    def overlaps(self, other: Shard) -> bool:
        """Whether any hash key is of both."""
        return self.start < other.end and other.start < self.end


class Layout:
    """All shards that a logstore ever had; the writable ones divide the hash keys."""

    def __init__(self, count: int, now: float) -> None:
        """Begin with `count` equal parts."""
        cuts = [HASH_SPACE * number // count for number in range(count + 1)]
        self._all = [Shard(n, cuts[n], cuts[n + 1], now) for n in range(count)]

    def __len__(self) -> int:
        """How many there ever were: numbers are not given twice."""
        return len(self._all)

    @property
    def shards(self) -> list[Shard]:
        """All that are there, read-only ones too, by number."""
        return [shard for shard in self._all if not shard.gone]

    def has(self, number: int) -> bool:
        """Whether that shard is there, read-only or not."""
        return number < len(self._all) and not self._all[number].gone

    @property
    def writable(self) -> list[Shard]:
        """The shards that take lines, in the order they were made."""
        return [shard for shard in self._all if shard.writable]

    def shard_of(self, key: int) -> Shard:
        """The writable shard that takes a hash key below `HASH_SPACE`."""
        return next(shard for shard in self.writable if shard.start <= key < shard.end)

    def split(self, number: int, key: int | None, now: float, parts: int = 2) -> list[Shard]:
        """Cut a writable shard at `key`, or into equal parts; returns it and its parts.

        Raises ParameterInvalid, worded as the service words it: `invalid shard id` or
        `invalid mid hash`.
        """
        old = self._find(number)
        size = old.end - old.start
        cuts = [old.start + size * n // parts for n in range(1, parts)] if key is None else [key]
        ends = [old.start, *cuts, old.end]
        if not all(low < high for low, high in pairwise(ends)) or cuts[-1] == LAST_KEY:
            raise errors.parameter("invalid mid hash")
        self._close(old)
        made = [self._add(low, high, now) for low, high in pairwise(ends)]
        return [self._all[number], *made]

    def delete(self, number: int) -> None:
        """Take a read-only shard away; raises ParameterInvalid for a writable one."""
        if not self.has(number):
            raise errors.shard_missing(f"shard {number} does not exist")
        if self._all[number].writable:
            raise errors.parameter(f"shard {number} is readwrite: only a readonly one can go")
        self._all[number] = replace(self._all[number], gone=True)

    def merge(self, number: int, now: float) -> list[Shard]:
        """Join a writable shard and its right neighbour; returns the new one and the former two.

        Raises ParameterInvalid, also for the shard that holds the last key.
        """
        left = self._find(number)
        if left.end == HASH_SPACE:
            raise errors.parameter("can not merge the last shard")
        right = self.shard_of(left.end)
        self._close(left)
        self._close(right)
        new = self._add(left.start, right.end, now)
        return [new, self._all[left.number], self._all[right.number]]

    def _find(self, number: int) -> Shard:
        if number >= len(self._all) or not self._all[number].writable:
            raise errors.parameter("invalid shard id")
        return self._all[number]

    def _close(self, shard: Shard) -> None:
        self._all[shard.number] = replace(shard, writable=False)

    def _add(self, start: int, end: int, now: float) -> Shard:
        self._all.append(Shard(len(self._all), start, end, now))
        return self._all[-1]
