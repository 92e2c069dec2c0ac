"""A logstore: its settings, its shards' tapes, and which index saw which lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from typing import Any

from sandbox.sls import errors, wire
from sandbox.sls.consumer import ConsumerGroup
from sandbox.sls.settings import DAY, Limits
from sandbox.sls.shards import HASH_SPACE, Layout, Shard
from sandbox.sls.tape import Group, Tape, pack

FOR_EVER = 3650


@dataclass(frozen=True)
class Index:
    """An index as it stood from one moment on; lines received before are not its business."""

    effective: float
    body: Mapping[str, Any]


@dataclass
class Logstore:
    """One logstore; `ready_at` is when its log and index calls begin to answer."""

    name: str
    body: dict[str, Any]
    created: float
    ready_at: float
    modified: float
    shard_count: InitVar[int]
    layout: Layout = field(init=False)
    tapes: list[Tape] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    index_modified: float = 0.0
    consumer_groups: dict[str, ConsumerGroup] = field(default_factory=dict)
    kept: int = 0
    weight: int = 0  # bytes, roughly
    dropped: int = 0
    _turn: int = 0
    _latest: float = 0.0

    def __post_init__(self, shard_count: int) -> None:
        """Divide the hash keys equally, with a tape for each shard."""
        self.layout = Layout(shard_count, self.created)
        self._add_tapes(self.created)

    def split(self, number: int, key: int | None, now: float, parts: int = 2) -> list[Shard]:
        """Split as `Layout.split` says; the parts begin empty, the parent keeps its lines."""
        return self._reshaped(self.layout.split(number, key, now, parts), now)

    def merge(self, number: int, now: float) -> list[Shard]:
        """Merge as `Layout.merge` says; the new shard begins empty."""
        return self._reshaped(self.layout.merge(number, now), now)

    def delete_shard(self, number: int) -> None:
        """Take a read-only shard away, and its lines with it."""
        self.layout.delete(number)
        while self.tapes[number].oldest:
            self._drop(self.tapes[number])

    def expire(self, now: float) -> None:
        """Drop the groups received longer ago than the `ttl` in days; 3650 means for ever."""
        ttl = self.body["ttl"]
        if ttl == FOR_EVER:
            return
        for tape in self.tapes:
            while (old := tape.oldest) and old.received < now - ttl * DAY:
                self._drop(tape)

    def take(self, raw: bytes, limits: Limits, now: float, key: str | None = None) -> int:
        """Store the bytes of a log group, by turns or by hash key; returns the lines taken."""
        message = wire.decode(raw)
        times = [log.Time for log in message.Logs]
        _check_lines(raw, times, limits, now)
        shard = self._next_shard() if key is None else self._shard_of(key)
        # A clock set back must not break the order that cursors rely on.
        self._latest = max(now, self._latest)
        group = pack(raw, message, times, shard, self._latest)
        self.tapes[shard].append(group)
        self.kept += len(times)
        self.weight += group.weight
        self._drop_to(limits)
        return len(times)

    def groups(self) -> list[Group]:
        """Every group kept, shard by shard."""
        return [group for tape in self.tapes for group in tape.groups()]

    def index_for(self, received: float) -> Index | None:
        """The index that was in effect when a group came in."""
        for index in reversed(self.indexes):
            if index.effective <= received:
                return index
        return None

    def tape(self, shard: int) -> Tape:
        """A shard's tape; raises ShardNotExist."""
        if not self.layout.has(shard):
            raise errors.shard_missing(f"shard {shard} does not exist")
        return self.tapes[shard]

    def _reshaped(self, shards: list[Shard], now: float) -> list[Shard]:
        self._add_tapes(now)
        self.body["shardCount"] = len(self.layout.writable)
        return shards

    def _add_tapes(self, now: float) -> None:
        # Positions that no former logstore of this name used.
        origin = int(now * 1e6) * 1_000_000
        self.tapes += [Tape(origin) for _ in range(len(self.layout) - len(self.tapes))]

    def _next_shard(self) -> int:
        writable = self.layout.writable
        self._turn = (self._turn + 1) % len(writable)
        return writable[self._turn].number

    def _shard_of(self, key: str) -> int:
        try:
            number = int(key, 16)
        except ValueError as error:
            raise errors.parameter(f"hash key {key!r} must be hexadecimal") from error
        if not 0 <= number < HASH_SPACE:
            raise errors.parameter(f"hash key {key!r} must have at most 32 hexadecimal digits")
        return self.layout.shard_of(number).number

    def _drop_to(self, limits: Limits) -> None:
        while self.kept > limits.lines_kept or self.weight > limits.bytes_kept:
            olds = [(old.received, tape) for tape in self.tapes if (old := tape.oldest)]
            self.dropped += self._drop(min(olds, key=lambda pair: pair[0])[1])

    def _drop(self, tape: Tape) -> int:
        """Take the oldest group of a tape away; returns its lines."""
        gone = tape.drop_oldest()
        self.kept -= gone.lines
        self.weight -= gone.weight
        return gone.lines


def _check_lines(raw: bytes, times: list[int], limits: Limits, now: float) -> None:
    if len(raw) > limits.put_bytes or len(times) > limits.put_lines:
        raise errors.post_too_large(limits.put_bytes, limits.put_lines)
    if not times:
        raise errors.post_body("the log group holds no logs")
    if min(times) < now - limits.put_oldest or max(times) > now + limits.put_newest:
        raise errors.post_body("post data time is out of range")
