"""What the target's own agents brought of the past: up to 1 MiB of each file, when they began."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

from workflows.model import Facts
from workflows.ports import Lines, Page
from workflows.step import Context
from workflows.steps.behind import AHEAD
from workflows.steps.gap import marks

Run = tuple[int, str, str]  # shard, and the cursors between which it lies
SHARE = 500_000  # lines that one look reads
RUNS = 100  # of pages that are kept apart


@dataclass(frozen=True)
class Tail:
    """Where such lines lie, between cursors of a shard; read again where they are needed.

    `lines` have their own time before the moment from which on both sides collected.
    """

    at: Mapping[str, str] = field(default_factory=dict)  # by shard: read up to that cursor
    runs: tuple[Run, ...] = ()
    lines: int = 0
    first: int = 0  # own time of the earliest; 0: there is none

    @classmethod
    def of(cls, facts: Facts) -> Tail:
        """From the job's record."""
        runs = tuple((int(shard), begin, after) for shard, begin, after in facts["runs"])
        return cls(**{**facts, "runs": runs})

    @property
    def facts(self) -> Facts:
        """As JSON, for the job's record."""
        return asdict(self)

    @property
    def cursors(self) -> dict[int, str]:
        return {int(shard): cursor for shard, cursor in self.at.items()}

    def plus(self, page: Page, edge: int) -> Tail:
        """The same with another page, of whose lines those before `edge` count."""
        at = {**self.at, str(page.shard): page.after}
        times = [line.time for one in page.lines for line in one.lines if line.time < edge]
        if not times:
            return replace(self, at=at)
        first = min(times) if not self.first else min(self.first, *times)
        return Tail(at, self._with(page), self.lines + len(times), first)

    def _with(self, page: Page) -> tuple[Run, ...]:
        """Few runs: one page goes on where another ended, and of very many they grow together."""
        same = [run for run in self.runs if run[0] == page.shard]
        if not same or (same[-1][2] != page.begin and len(self.runs) < RUNS):
            return (*self.runs, (page.shard, page.begin, page.after))
        longer = (page.shard, same[-1][1], page.after)
        return tuple(longer if run == same[-1] else run for run in self.runs)


def held_since(context: Context) -> int:
    """Of the time that is copied, the target received nothing before this."""
    asked: dict[str, int] = dict(context.asked)
    return max(0, asked.get("held", asked["began"]) - AHEAD)


def share(context: Context) -> int:
    """Lines that one look may read: no more a second than the settings allow."""
    return max(1, min(SHARE, int(context.proving.rate * max(context.waits.look, 1.0))))


def read_on(context: Context, tail: Tail, end: int, edge: int) -> tuple[Tail, bool]:
    """A share further; and whether that was all that the target had received by `end`."""
    logstore, read = context.app.target.logstore, 0
    for page in context.target.pages(logstore, held_since(context), end, tail.cursors):
        tail = tail.plus(page, edge)
        read += sum(len(one.lines) for one in page.lines)
        if read >= share(context):
            return tail, False
    return tail, True


def held(context: Context, tail: Tail, edge: int) -> Iterator[tuple[bytes, Lines]]:
    """The mark of each such line, with the lines that it came with."""
    for run in tail.runs:
        for lines in context.target.between(context.app.target.logstore, *run):
            for mark, line in marks(lines):
                if line.time < edge:
                    yield mark, lines


def counted(context: Context, tail: Tail, edge: int, part: int, parts: int) -> Counter[bytes]:
    """How often each of them is there; only one part of several, where they are many."""
    return Counter(mark for mark, _ in held(context, tail, edge) if falls(mark, parts) == part)


def falls(mark: bytes, parts: int) -> int:
    """In which of so many parts a line is."""
    return int.from_bytes(mark[:8], "big") % parts
