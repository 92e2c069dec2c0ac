"""A shard's tape: log groups in the order received, read by cursor, dropped from the front."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.sls import errors, wire

OVERHEAD = 1100  # bytes that a group of one line takes beside its text, as measured


@dataclass(frozen=True)
class Group:
    """A log group as stored; `seconds` counts its lines by their own time, `received` is ours."""

    shard: int
    received: float
    topic: str
    source: str
    tags: Mapping[str, str]
    seconds: Mapping[int, int]
    packed: bytes

    @cached_property
    def lines(self) -> int:
        """How many lines it holds."""
        return sum(self.seconds.values())

    @cached_property
    def span(self) -> tuple[int, int]:
        """The times of its earliest and latest line."""
        return min(self.seconds), max(self.seconds)

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        return OVERHEAD + len(self.packed)

    @property
    def raw(self) -> bytes:
        """The bytes as they were sent."""
        return wire.unsqueeze(self.packed)

    def fits(self, start: int, end: int) -> bool:
        """Whether a line may lie in [start, end)."""
        return self.span[0] < end and self.span[1] >= start


def pack(raw: bytes, message: Any, times: list[int], shard: int, received: float) -> Group:
    """A group out of its bytes and their decoded form; `times` are those of its lines."""
    return Group(
        shard=shard,
        received=received,
        topic=wire.text(message.Topic),
        source=wire.text(message.Source),
        tags={wire.text(tag.Key): wire.text(tag.Value) for tag in message.LogTags},
        seconds=Counter(times),
        # Held compressed: five million lines have to fit into the memory of a laptop.
        packed=wire.squeeze(raw),
    )


class Tape:
    """Groups of one shard; positions only ever grow, so a cursor never means two things."""

    def __init__(self, origin: int) -> None:
        """Begin empty at position `origin`, which no other tape shares."""
        self.first = origin
        self._groups: list[Group] = []
        self._gone = 0  # entries at the front of the list already dropped

    @property
    def end(self) -> int:
        """The position after the newest group."""
        return self.first + len(self._groups) - self._gone

    @property
    def oldest(self) -> Group | None:
        """The group that would be dropped next."""
        return self._groups[self._gone] if self.end > self.first else None

    def groups(self) -> list[Group]:
        """All groups still kept."""
        return self._groups[self._gone :]

    def append(self, group: Group) -> None:
        """Add the newest group."""
        self._groups.append(group)

    def drop_oldest(self) -> Group:
        """Take the oldest group off; the list is shortened only now and then."""
        group = self._groups[self._gone]
        self._gone += 1
        self.first += 1
        if self._gone > len(self._groups) // 2:
            del self._groups[: self._gone]
            self._gone = 0
        return group

    def position(self, received: float) -> int:
        """The position of the first group received at or after that time."""
        at = bisect_left(self._groups, received, lo=self._gone, key=lambda g: g.received)
        return self.first + at - self._gone

    def group_at(self, position: int) -> Group:
        """The group at a position."""
        return self._groups[self._gone + position - self.first]

    def read(self, start: int, stop: int, count: int, most_bytes: int) -> tuple[list[bytes], int]:
        """Raw groups from `start` on, and the position after the last of them."""
        found: list[bytes] = []
        size = 0
        for position in range(start, min(stop, self.end, start + count)):
            raw = self.group_at(position).raw
            if found and size + len(raw) > most_bytes:
                break
            found.append(raw)
            size += len(raw)
        return found, start + len(found)

    def cursor_position(self, cursor: str) -> int:
        """The position that a cursor stands for; raises InvalidCursor."""
        try:
            position = int(base64.b64decode(cursor, validate=True))
        except (binascii.Error, ValueError) as error:
            raise errors.cursor_invalid(cursor) from error
        if not self.first <= position <= self.end:
            raise errors.cursor_invalid(cursor)
        return position


def cursor_of(position: int) -> str:
    """A position as clients see it; the official client counts in the decoded number."""
    return base64.b64encode(str(position).encode()).decode()


def list_bytes(groups: list[bytes]) -> bytes:
    """A LogGroupList of raw groups."""
    return b"".join(wire.frame(raw) for raw in groups)
