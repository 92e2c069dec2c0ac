"""Lines matched by content alone, as they are received; kept are those still without a match. Pure.

Both agents' configs read a file within moments, but a line that has no time of its own gets that of
its reading. So a line finds its match among the same words of the same host, the nearest by receipt,
within `settle` seconds. Where one side could not send for longer, lines of both sides that read the
same are matched once neither can find a nearer one.

A line without a match is overdue, and differs, only when the other side has come past it in the
order of its file (`order`), and `settle` seconds more: before that the other side is behind, and
nothing can be told. A side that is behind for longer than GIVEN_UP counts as if it had come past.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.proof.order import Order
from workflows.proof.waiting import SIDES, Queues, Row, Waiting, other, queues, received

MOST = 200_000  # lines without a match
TAILS = 100_000  # of these that may be overlap
TAIL = 10  # seconds in which an agent has sent what it reads again of a file
GIVEN_UP = 1800  # seconds


@dataclass
class Pending:
    """`minutes` and `hosts` count the lines that found a match, a pair at the source's minute.

    Lines of minutes before `start` are there to be matched, and neither counted nor missed. `size`
    is without the tails. `overlap`: those of them that the source had before; `lent` are
    those that found a match all the
    same, by host and content: later lines that read the same may miss it. `late`: lines that
    came after it was told, when all was read until `told`, that they are overdue.
    """

    settle: int
    start: int = 0
    source: Queues = field(default_factory=dict)
    target: Queues = field(default_factory=dict)
    order: Order = field(default_factory=Order)
    minutes: dict[int, int] = field(default_factory=dict)
    hosts: dict[str, tuple[int, int]] = field(default_factory=dict)  # lines, newest minute
    size: int = 0
    tails: int = 0
    late: int = 0
    told: int = 0
    overlap: int = 0
    lent: dict[str, dict[str, int]] = field(default_factory=dict)

    def take(self, side: str, host: str, mark: int, line: Waiting) -> None:
        """It takes the nearest match there is, or waits for one."""
        key, mine = f"{mark:x}", self.queues(side)
        if match := self._nearest(other(side), host, key, line):
            self._out(other(side), host, key, match)
            source, target = (line, match) if side == "source" else (match, line)
            if self.order.is_new(host, key) and source.file == target.file:
                self.order.met(host, source.file, source.received, target.received)
            self._match(host, key, source, target)
            return
        self._count(line, 1)
        insort(mine.setdefault(host, {}).setdefault(key, []), line)

    def queues(self, side: str) -> Queues:
        return self.source if side == "source" else self.target

    def _nearest(self, side: str, host: str, key: str, line: Waiting) -> Waiting | None:
        """A side that has come past a line does not send it any more; rather one of the same file."""
        lines = self.queues(side).get(host, {}).get(key, [])
        begin = bisect_left(lines, line.received - self.settle, key=received)
        end = bisect_right(lines, line.received + self.settle, key=received)
        near = [
            one
            for one in lines[begin:end]
            if not self._is_passed(side, host, one)
            and line.received <= (one.tail or line.received)
            and one.received <= (line.tail or one.received)
        ]
        apart = lambda one: (one.file != line.file, abs(one.received - line.received))  # noqa: E731
        return min(near, key=apart, default=None)

    def _is_passed(self, side: str, host: str, line: Waiting) -> bool:
        return line.received < self.order.front(side, host, line.file)

    def _match(self, host: str, key: str, source: Waiting, target: Waiting) -> None:
        if target.tail and sum(map(len, self.lent.values())) < TAILS:
            lent = self.lent.setdefault(host, {})
            lent[key] = lent.get(key, 0) + 1
        if (minute := source.minute) >= self.start:
            self.minutes[minute] = self.minutes.get(minute, 0) + 1
            lines, newest = self.hosts.get(host, (0, 0))
            self.hosts[host] = (lines + 1, max(newest, minute))

    def _out(self, side: str, host: str, key: str, line: Waiting) -> None:
        lines = self.queues(side)[host]
        lines[key].remove(line)
        self._count(line, -1)
        if not lines[key]:
            del lines[key]

    def _count(self, line: Waiting, number: int) -> None:
        if line.tail:
            self.tails += number
        else:
            self.size += number

    def sweep(self, read: int) -> None:
        """All was received until `read`: match what only came late, and drop what nobody misses."""
        self._note_passed(read)
        self._cancel(read)
        self._drop("target", lambda one: self._is_overlap(one, read))
        self._give_back(read)
        for side in SIDES:
            self._drop(side, lambda one: one.minute < self.start and one.received + GIVEN_UP < read)
            if self.size > MOST:
                self._drop(side, lambda one: one.minute < self.start)

    def _note_passed(self, read: int) -> None:
        for side in SIDES:
            for host, lines in self.queues(side).items():
                for some in lines.values():
                    for n, one in enumerate(some):
                        if not one.passed and self._is_passed(side, host, one):
                            some[n] = one._replace(passed=read)

    def _cancel(self, read: int) -> None:
        """Oldest with oldest, of which neither can find a nearer one."""
        for host, lines in self.source.items():
            for key in [*lines.keys() & self.target.get(host, {}).keys()]:
                others = self._old("target", host, key, read)
                for line in self._old("source", host, key, read):
                    if match := next((two for two in others if self._may_be(line, two)), None):
                        others.remove(match)
                        self._came(host, key, line, match)

    def _may_be(self, line: Waiting, match: Waiting) -> bool:
        """A line from before the first minute is none that came long after the other side was past it."""
        return not any(
            one.minute < self.start and one.passed and two.received > one.passed + self.settle
            for one, two in ((line, match), (match, line))
        )

    def _came(self, host: str, key: str, *pair: Waiting) -> None:
        told = (one.minute >= self.start and self._is_due(one, self.told) for one in pair)
        self.late += any(told)
        for side, one in zip(SIDES, pair, strict=True):
            self._out(side, host, key, one)
        self._match(host, key, *pair)

    def _old(self, side: str, host: str, key: str, read: int) -> list[Waiting]:
        return [one for one in self.queues(side)[host][key] if self._is_old(one, read)]

    def _is_old(self, line: Waiting, read: int) -> bool:
        return line.received + self.settle < read

    def _is_due(self, line: Waiting, read: int) -> bool:
        come_past = line.passed and line.passed + self.settle <= read
        return bool(come_past and self._is_old(line, read)) or line.received + GIVEN_UP < read

    def _is_overlap(self, line: Waiting, read: int) -> bool:
        """The source has come past where the target began, and has not sent it since."""
        too_many = self.tails > TAILS and self._is_old(line, read)
        return bool(line.tail) and (too_many or self._is_due(line, read))

    def _give_back(self, read: int) -> None:
        """Of words that come often a line from before the start may have taken a later one's match."""
        for host, key, line in list(self.overdue("target", read)):
            if self.lent.get(host, {}).get(key):
                self.lent[host][key] -= 1
                self.overlap += 1
                self._out("target", host, key, line)

    def _drop(self, side: str, gone: Callable[[Waiting], bool]) -> None:
        for host, key, line in [row for row in self._rows(side) if gone(row[2])]:
            self.overlap += bool(line.tail) and line.minute >= self.start
            self._out(side, host, key, line)

    def _rows(self, side: str) -> Iterator[Row]:
        for host, lines in self.queues(side).items():
            for key, some in lines.items():
                yield from ((host, key, one) for one in some)

    def counted(self, side: str) -> Iterator[Row]:
        """Lines without a match that may be missed."""
        return (row for row in self._rows(side) if row[2].minute >= self.start and not row[2].tail)

    def left(self, side: str, read: int) -> Iterator[Row]:
        """Those that ought to have one by now, whatever can be told of them."""
        return (row for row in self.counted(side) if self._is_old(row[2], read))

    def overdue(self, side: str, read: int) -> Iterator[Row]:
        """Those that differ; all was read until `read`."""
        return (row for row in self.counted(side) if self._differs(side, row, read))

    def behind(self, side: str, read: int) -> Iterator[Row]:
        """Those that the other side ought to have by now, and of which nothing can be told yet."""
        return (row for row in self.left(side, read) if not self._differs(side, row, read))

    def _differs(self, side: str, row: Row, read: int) -> bool:
        """Not while the other side has the same words, and is still looking for a nearer match."""
        host, key, line = row
        others = self.queues(other(side)).get(host, {}).get(key, [])
        return self._is_due(line, read) and all(self._is_old(one, read) for one in others)

    def fresh(self, read: int) -> int:
        """The first minute of which lines may still find a match; `read` where there is none."""
        young = (
            row[2].minute
            for side in SIDES
            for row in self.counted(side)
            if not self._differs(side, row, read)
        )
        return min(young, default=read)

    def asked(self, read: int) -> None:
        """All that was found until then is told."""
        self.late, self.told = 0, read

    def explain(self, side: str, row: Row) -> None:
        """Why it is there is known now."""
        self._out(side, *row)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Pending:
        """From JSON."""
        parts = {
            "source": queues(facts["source"]),
            "target": queues(facts["target"]),
            "order": Order(**facts["order"]),
            "minutes": {int(minute): lines for minute, lines in facts["minutes"].items()},
            "hosts": {host: tuple(row) for host, row in facts["hosts"].items()},
        }
        return cls(**{**facts, **parts})
