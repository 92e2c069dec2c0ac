"""How a logstore's shards divide the hash keys, and how splitting and merging change that."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sandbox.sls import errors

HASH_SPACE = 1 << 128
# An end is written as 32 digits, so the last shard seems to leave out the last key of all.
LAST_KEY = HASH_SPACE - 1


@dataclass(frozen=True)
class Shard:
    """The hash keys [start, end); once split or merged a shard is only read (`writable` off)."""

    number: int
    start: int
    end: int
    created: float
    writable: bool = True


class Layout:
    """All shards that a logstore ever had; the writable ones divide the hash keys."""

    def __init__(self, count: int, now: float) -> None:
        """Begin with `count` equal parts."""
        cuts = [HASH_SPACE * number // count for number in range(count + 1)]
        self.shards = [Shard(n, cuts[n], cuts[n + 1], now) for n in range(count)]

    @property
    def writable(self) -> list[Shard]:
        """The shards that take lines, in the order they were made."""
        return [shard for shard in self.shards if shard.writable]

    def shard_of(self, key: int) -> Shard:
        """The writable shard that takes a hash key below `HASH_SPACE`."""
        return next(shard for shard in self.writable if shard.start <= key < shard.end)

    def split(self, number: int, key: int | None, now: float) -> list[Shard]:
        """Cut a writable shard at `key`, or in the middle; returns it and its two halves.

        Raises ParameterInvalid, worded as the service words it: `invalid shard id` or
        `invalid mid hash`.
        """
        old = self._find(number)
        middle = (old.start + old.end) // 2 if key is None else key
        if not old.start < middle < min(old.end, LAST_KEY):
            raise errors.parameter("invalid mid hash")
        self._close(old)
        halves = [self._add(old.start, middle, now), self._add(middle, old.end, now)]
        return [self.shards[number], *halves]

    def merge(self, number: int, now: float) -> list[Shard]:
        """Join a writable shard and its right neighbour; returns the new one and the former two.

        Raises ParameterInvalid, also for the shard that holds the last key.
        """
        left = self._find(number)
        if left.end == HASH_SPACE:
            raise errors.parameter(f"shard {number} is the last: merge its left neighbour instead")
        right = self.shard_of(left.end)
        self._close(left)
        self._close(right)
        new = self._add(left.start, right.end, now)
        return [new, self.shards[left.number], self.shards[right.number]]

    def _find(self, number: int) -> Shard:
        if number >= len(self.shards) or not self.shards[number].writable:
            raise errors.parameter("invalid shard id")
        return self.shards[number]

    def _close(self, shard: Shard) -> None:
        self.shards[shard.number] = replace(shard, writable=False)

    def _add(self, start: int, end: int, now: float) -> Shard:
        self.shards.append(Shard(len(self.shards), start, end, now))
        return self.shards[-1]
