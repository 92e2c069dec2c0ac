"""Lines matched by content alone, as they are received; kept are those still without a match. Pure.

Both agents' configs read a file within moments, but a line that has no time of its own gets that of
its reading. So a line finds its match among the same words of the same host, received on the other
side within `settle` seconds. What found none by then is overdue; overdue lines of both sides that
read the same cancel out, since they only came late. Lines that read the same and come closer
together than that cannot be told apart.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MOST = 200_000  # lines without a match


class Waiting(NamedTuple):
    """A line of one side; `tail`: it may be one that an agent read again at its start."""

    received: int
    minute: int  # of its own time
    tail: bool = False


Queues = dict[str, dict[str, list[Waiting]]]  # by host, then by content in hexadecimal


@dataclass
class Pending:
    """`minutes` and `hosts` count the lines that found a match, a pair at the source's minute."""

    settle: int
    source: Queues = field(default_factory=dict)
    target: Queues = field(default_factory=dict)
    minutes: dict[int, int] = field(default_factory=dict)
    hosts: dict[str, tuple[int, int]] = field(default_factory=dict)  # lines, newest minute
    size: int = 0
    late: int = 0

    def take(self, side: str, host: str, mark: int, line: Waiting) -> None:
        """It takes the oldest match there is, or waits for one."""
        key, mine = f"{mark:x}", self.source if side == "source" else self.target
        other = self.target if side == "source" else self.source
        waiting = other.get(host, {}).get(key, [])
        at = bisect_left(waiting, Waiting(line.received - self.settle, 0))
        if at < len(waiting) and waiting[at].received <= line.received + self.settle:
            match = self._out(other, host, key, at)
            self._match(host, line.minute if side == "source" else match.minute)
            return
        self.size += 1
        insort(mine.setdefault(host, {}).setdefault(key, []), line)

    def _match(self, host: str, minute: int) -> None:
        self.minutes[minute] = self.minutes.get(minute, 0) + 1
        lines, newest = self.hosts.get(host, (0, 0))
        self.hosts[host] = (lines + 1, max(newest, minute))

    def _out(self, queues: Queues, host: str, key: str, at: int) -> Waiting:
        self.size -= 1
        line = queues[host][key].pop(at)
        if not queues[host][key]:
            del queues[host][key]
        return line

    def cancel(self, read: int) -> None:
        """Match what is overdue on both sides: it came, if late."""
        for host, key, line in list(self.overdue("source", read)):
            others = self.target.get(host, {}).get(key, [])
            if others and others[0].received + self.settle < read:
                self._out(self.target, host, key, 0)
                self._out(self.source, host, key, 0)  # they are overdue in their order
                self._match(host, line.minute)
                self.late += 1

    def drop_edge(self, start: int, read: int) -> None:
        """Overdue lines from about the start: their match may have been received before it."""
        edge = min(start + self.settle + 1, read - self.settle)
        self._drop(lambda line: line.received < edge)

    def drop_tails(self, read: int) -> int:
        """Overdue lines that were read again at the start of a file in the target; how many."""
        return self._drop(lambda line: line.tail and line.received + self.settle < read)

    def _drop(self, gone: Callable[[Waiting], bool]) -> int:
        before = self.size
        for queues in (self.source, self.target):
            for lines in queues.values():
                for key in [key for key, some in lines.items() if any(map(gone, some))]:
                    left = [one for one in lines[key] if not gone(one)]
                    self.size -= len(lines[key]) - len(left)
                    lines[key] = left
                    if not left:
                        del lines[key]
        return before - self.size

    def overdue(self, side: str, read: int) -> Iterator[tuple[str, str, Waiting]]:
        """Host, content and line of those that found no match in time; all was read until `read`."""
        queues = self.source if side == "source" else self.target
        for host, lines in queues.items():
            for key, some in lines.items():
                yield from ((host, key, one) for one in some if one.received + self.settle < read)

    def fresh(self, read: int) -> int:
        """The first minute of which lines may still find a match; `read` where there is none."""
        young = (
            one.minute
            for queues in (self.source, self.target)
            for lines in queues.values()
            for some in lines.values()
            for one in some
            if one.received + self.settle >= read
        )
        return min(young, default=read)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Pending:
        """From JSON."""
        parts = {
            "source": _queues(facts["source"]),
            "target": _queues(facts["target"]),
            "minutes": {int(minute): lines for minute, lines in facts["minutes"].items()},
            "hosts": {host: tuple(row) for host, row in facts["hosts"].items()},
        }
        return cls(**{**facts, **parts})


def _queues(facts: Mapping[str, Mapping[str, list[list[Any]]]]) -> Queues:
    return {
        host: {key: [Waiting(*one) for one in some] for key, some in lines.items()}
        for host, lines in facts.items()
    }
