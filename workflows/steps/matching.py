"""Lines of both sides pulled second by second of their receipt, and matched by content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from workflows.errors import NotYet
from workflows.model import Facts
from workflows.ports import Lines
from workflows.proof.marks import of_content
from workflows.proof.pending import MOST, Pending, Waiting
from workflows.proof.residual import Told
from workflows.proof.starts import Starts
from workflows.step import Context
from workflows.steps.around import PATH, Side, addresses, sides
from workflows.steps.behind import clock
from workflows.steps.live import heads, live

CONTENT = "content"
LONGEST = 600  # seconds of receipt, the one side and then the other
ENOUGH = 50_000  # lines of a slice; the next is shorter where there were more
TAIL = 10  # seconds in which an agent has sent what it reads again of a file


@dataclass
class Matching:
    """One look's share of the work; `was` is the state before it.

    `tells`: whether the service notes with the lines when they came. Where it does not, that is
    known as exactly as a slice is long.
    """

    context: Context
    was: Facts

    def __post_init__(self) -> None:
        kept = self.was.get(CONTENT, {})
        self.start: int = self.was["from"]
        self.read: int = kept.get("read", self.start)
        self.length: int = kept.get("length", 1)
        self.tells: bool = kept.get("tells", False)
        self.strange: int = kept.get("strange", 0)
        settle = int(self.context.waits.settle)
        self.pending = Pending.of(kept["pending"]) if kept else Pending(settle)
        self.starts = Starts.of(kept["starts"]) if kept else Starts(0, self.start)
        self.begun = bool(kept)
        self.names = addresses(self.context)

    @property
    def state(self) -> Facts:
        """As the job keeps it."""
        kept = {
            "read": self.read,
            "length": self.length,
            "tells": self.tells,
            "strange": self.strange,
            "pending": asdict(self.pending),
            "starts": asdict(self.starts),
        }
        return {"from": self.start, CONTENT: kept}

    def catch_up(self) -> None:
        """Slice by slice, until so many lines have no match that nobody needs to count them."""
        end, work = int(self.context.clock.now() - self.context.waits.settle), 0
        if self.read < end and not self.begun:
            self.starts.live = live(self.context, self.start)
            heads(self.context, self.starts, self.start)
        while self.read < end and self.pending.size <= MOST:
            lines = self._slice(min(end, self.read + self.length))
            self.length = self._next_length(lines)
            work += lines
            if work >= self.context.proving.rate * max(1.0, self.context.waits.look):
                self.context.jot({"state": self.state})
                raise NotYet(f"both sides are read up to {clock(self.read)}")

    def _next_length(self, lines: int) -> int:
        """Shorter after a slice of too many lines, longer after one of few."""
        longest = LONGEST if self.tells else max(1, self.pending.settle // 2)
        if lines > ENOUGH:
            return max(1, self.length // 2)
        return min(longest, self.length * 2) if lines < ENOUGH // 4 else min(longest, self.length)

    def _slice(self, stop: int) -> int:
        lines = 0
        for side in sides(self.context):
            for group in side.sls.pull(side.logstore, self.read, stop):
                lines += len(group.lines)
                self._take(side.name, group)
        self.read = stop
        self.pending.cancel(stop)
        self.pending.drop_edge(self.start, stop)
        self.starts.overlap += self.pending.drop_tails(stop)
        return lines

    def _take(self, side: str, group: Lines) -> None:
        if (name := self.names.get(group.source)) is None:
            self.strange += len(group.lines)
            return
        self.tells = bool(group.received)
        at, target = group.received or self.read, side == "target"
        length, file = self.context.waits.minute, dict(group.tags).get(PATH, "")
        if target:
            self.starts.saw(name, file, at)
        early = at <= self.starts.first(name, file) + TAIL
        for line in group.lines:
            minute = line.time // length * length
            waiting = Waiting(at, minute, tail=early and target and self.starts.live > 0)
            self.pending.take(side, name, of_content(line.fields), waiting)

    def lines(self, side: Side, most: int) -> Iterator[Told]:
        """The first overdue lines of a side, read once more."""
        rows = sorted(self.pending.overdue(side.name, self.read), key=lambda row: row[2])[:most]
        wanted = {(host, key) for host, key, _ in rows}
        for at in sorted({line.received for *_, line in rows}):
            span = 1 if self.tells else self.pending.settle
            for group in side.sls.pull(side.logstore, at, at + span):
                host, file = self.names.get(group.source, ""), dict(group.tags).get(PATH, "")
                for line in group.lines:
                    if (mark := (host, f"{of_content(line.fields):x}")) in wanted:
                        wanted.discard(mark)
                        yield Told(host, file, line.time, line.nanos or 0, line.fields)
