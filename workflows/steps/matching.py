"""Lines of both sides pulled second by second of their receipt, and matched by content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from workflows.errors import NotYet
from workflows.model import Facts
from workflows.ports import Lines
from workflows.proof.marks import of_content
from workflows.proof.pending import MOST, TAIL, Pending
from workflows.proof.residual import Told
from workflows.proof.starts import Starts, short
from workflows.proof.waiting import Waiting
from workflows.step import Context
from workflows.steps.around import PATH, Side, addresses, sides
from workflows.steps.behind import clock
from workflows.steps.live import heads, live

CONTENT = "content"
LEAD = 300  # seconds before the first minute; what came then is there to be matched
LONGEST = 600  # seconds of receipt, the one side and then the other
ENOUGH = 50_000  # lines of a slice; the next is shorter where there were more


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
        self.read: int = kept.get("read", self.start - LEAD)
        self.length: int = kept.get("length", 1)
        self.tells: bool = kept.get("tells", False)
        self.strange: int = kept.get("strange", 0)
        self.again: dict[str, int] = kept.get("again", {"source": 0, "target": 0})
        settle = int(self.context.waits.settle)
        self.pending = Pending.of(kept["pending"]) if kept else Pending(settle, self.start)
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
            "again": self.again,
            "pending": asdict(self.pending),
            "starts": asdict(self.starts),
        }
        return {"from": self.start, CONTENT: kept}

    def catch_up(self) -> None:
        """Slice by slice, until so many lines have no match that nobody needs to count them."""
        end, work = int(self.context.clock.now() - self.context.waits.settle), 0
        if not self.begun:
            self._begin()
        while self.read < end and self.pending.size <= MOST:
            lines = self._slice(min(end, self.read + self.length))
            self.length = self._next_length(lines)
            work += lines
            if work >= self.context.proving.rate * max(1.0, self.context.waits.look):
                self.context.jot({"state": self.state})
                raise NotYet(f"both sides are read up to {clock(self.read)}")

    def _begin(self) -> None:
        """What the target has from before its config came to be is nobody's loss."""
        self.starts.live = live(self.context, self.start)
        self.read = max(min(self.starts.live, self.start), self.read)
        heads(self.context, self.starts, self.read)

    def _next_length(self, lines: int) -> int:
        """Shorter after a slice of too many lines, longer after one of few."""
        longest = LONGEST if self.tells else max(1, self.pending.settle // 2)
        if lines > ENOUGH:
            return max(1, self.length // 2)
        return min(longest, self.length * 2) if lines < ENOUGH // 4 else min(longest, self.length)

    def _slice(self, stop: int) -> int:
        lines = 0
        for side in sides(self.context):
            taken = [
                one
                for group in side.sls.pull(side.logstore, self.read, stop)
                for one in self._of_group(side.name, group)
            ]
            lines += len(taken)
            for name, mark, line in sorted(taken, key=lambda one: one[2].received):
                self.pending.take(side.name, name, mark, self._told(side.name, name, line))
        self.read = stop
        self.pending.sweep(stop)
        return lines

    def _of_group(self, side: str, group: Lines) -> Iterator[tuple[str, int, Waiting]]:
        """Host, content and receipt of each of its lines, if the host is the app's."""
        at, length = group.received or self.read, self.context.waits.minute
        if (name := self.names.get(group.source)) is None:
            self.strange += len(group.lines) * (at >= self.start)
            return
        self.tells = bool(group.received)
        path = dict(group.tags).get(PATH, "")
        if side == "target":
            self.starts.saw(name, path, at)
        file = short(path)
        for line in group.lines:
            minute = line.time // length * length
            yield name, of_content(line.fields), Waiting(at, minute, file)

    def _told(self, side: str, name: str, line: Waiting) -> Waiting:
        """Whether the agent may have read it again at its start."""
        if side == "source" or not self.starts.live:
            return line
        until = self.starts.first_of(name, line.file) + TAIL
        return line._replace(tail=until if line.received <= until else 0)

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
