"""The source's gap, filled from the target's logstore: only what lacks, and counted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from math import inf

from workflows.errors import Denied, NotYet, StepFailed
from workflows.model import Facts
from workflows.ports import Lines
from workflows.step import Context
from workflows.steps import counting
from workflows.steps.behind import (
    AHEAD,
    addresses,
    clock,
    of_source,
    of_target,
    passed,
    pulled,
    slack,
    until,
)
from workflows.steps.gap import Held, Piece
from workflows.steps.parts import in_parts

LONGEST = 6 * 3600  # seconds of one piece; read a little more on either side of it
MOST = 250_000  # lines of one piece, whose marks are held: some 40 MB
SHARE = 500_000  # about how many lines one look compares
EQUAL = 1000  # lines that may be compared while one minute is counted
WEEK = 7 * 86_400  # seconds; PutLogs takes nothing older by its documentation
EXPIRING = 60  # seconds; nothing that is about to be too old is run after
ODD = 100  # lines that may be refused for another reason before the job stops


@dataclass(frozen=True)
class Gap:
    """How far the gap is filled, as the job keeps it; all times in seconds since the epoch."""

    start: int  # from here on lines were compared
    done: int  # to here they are in the source
    level: int  # from here on both sides collect
    attached: int  # the source was attached again
    began: int  # filling began
    tried: int  # the piece after `done` was begun
    floor: int = 0  # lines before this are too old to be written
    written: int = 0
    late: int = 0  # lines that were too old
    odd: int = 0  # lines that were refused for another reason, told in `why`
    why: str = ""
    again: int = 0  # lines that the source's agents read again
    strange: int = 0  # lines of others in the target's logstore
    first: int = 0  # time of the earliest line that was missing
    last: int = 0  # and of the latest
    passed: int = 0  # the source's clock has, when `tried` was set
    tail: int = 0  # time of the earliest line that the source's agents brought since; 0: not known
    oldest: int = 0  # from here to `start` lines that came in the gap are still to be compared

    @classmethod
    def of(cls, facts: Facts) -> Gap:
        """From the job's record."""
        return cls(**facts)

    @property
    def facts(self) -> Facts:
        """As JSON, for the job's record."""
        return asdict(self)

    @property
    def older(self) -> bool:
        """Whether lines came in it whose own time is before it, and that are not compared yet."""
        return 0 < self.oldest < self.start

    def noticed(self, piece: Piece, lines: Lines) -> Gap:
        """The same, with lines of hosts whose clock is behind, or that were late; the source lacks them."""
        if not self.start <= piece.start < self.level:
            return self
        oldest = min((line.time for line in lines.lines), default=self.start)
        return replace(self, oldest=min(oldest, self.oldest or self.start))

    def compared(self, held: Held) -> Gap:
        """The same, with what came of comparing one piece to its end."""
        found = [time for time in (self.first, held.first) if time]
        again = held.again if held.piece.start >= self.start else 0  # counted when it was opened
        return replace(
            self,
            written=self.written + held.written,
            again=self.again + again,
            first=min(found, default=0),
            last=max(self.last, held.last),
        )


def many(lines: int) -> str:
    return "1 line" if lines == 1 else f"{lines:,} lines"


def opened(context: Context, at: float, attached: int, level: int) -> Gap:
    """A gap of which nothing is filled; the source was stopped some time after `at`."""
    waits, now = context.waits, int(context.clock.now())
    margin = waits.minutes * waits.minute + waits.settle
    start = int(at - margin) // waits.minute * waits.minute
    again, tail = 0, level
    for since, stop in ((attached - AHEAD, attached), (attached, until(context))):
        for lines in pulled(context.source, context.app.source.logstore, [(since, stop)]):
            times = [line.time for line in lines.lines]
            again += since == attached and sum(time < start for time in times)
            tail = min((tail, *times))
    at_hand = Gap(start, start, level, attached, began=now, tried=now, again=again, tail=tail)
    return replace(at_hand, passed=passed(context))


def filled(context: Context, gap: Gap, end: int) -> Gap:
    """The gap filled up to `end`. After each share of the work NotYet: others want to work too."""
    work = 0
    while gap.done < end or gap.older:
        gap, lines = _step(context, gap, end)
        work += lines
        if work >= SHARE and (gap.done < end or gap.older):
            context.keep({"gap": gap.facts})
            raise NotYet(
                f"the source's gap is filled up to {clock(gap.done)}, of {clock(end)}; "
                f"{many(gap.written)} written"
            )
    return gap


def _step(context: Context, gap: Gap, end: int) -> tuple[Gap, int]:
    """One minute or piece further, and what work that was, in lines."""
    soon = min(gap.done + context.waits.minute, end)
    if gap.level <= gap.done < end and _equal(context, gap.done, soon):
        return replace(gap, done=soon, tried=int(context.clock.now())), EQUAL
    piece, lines = _next(context, gap, end)
    context.say(f"filling the source's gap from {clock(piece.start)} on, {many(gap.written)}")
    gap = _fill(context, gap, piece)
    older = piece.start < gap.start
    gap = replace(gap, oldest=piece.end) if older else replace(gap, done=piece.end)
    gap = replace(gap, tried=int(context.clock.now()), passed=passed(context))
    context.keep({"gap": gap.facts})
    return gap, lines


def _equal(context: Context, start: int, end: int) -> bool:
    """Counts are enough where both sides collect; so the work catches up with what is written."""
    if slack(context):
        return False
    return counting.of_source(context, start, end) == counting.of_target(context, start, end)


def _next(context: Context, gap: Gap, end: int) -> tuple[Piece, int]:
    """The next piece, short enough to hold not too many lines, and how many it holds.

    What is older comes last: only by then is it known how old.
    """
    start, stop = gap.done, min(end, max(gap.level, gap.done + context.waits.minute))
    if gap.done >= end:
        start, stop = gap.oldest, gap.start
    length = min(LONGEST, stop - start)
    while length > 1 and _held(context, start, start + length) > MOST:
        length //= 2
    logstore = context.app.target.logstore
    return Piece(start, start + length, slack(context)), context.target.count(
        logstore, start, start + length
    )


def _held(context: Context, start: int, end: int) -> float:
    """Lines of the target; too many to be counted is more than any number."""
    try:
        return context.target.count(context.app.target.logstore, start, end)
    except NotYet:
        return inf


def _fill(context: Context, gap: Gap, piece: Piece) -> Gap:
    """Compares before it writes, so that a piece that was filled in part is not filled twice."""
    also = [(gap.passed or gap.tried - AHEAD, gap.tried)]
    if piece.end > gap.tail:
        also.append((gap.attached - AHEAD, gap.began + AHEAD))
    held, known = of_source(context, piece, also, ours=gap.tried), addresses(context)
    if piece.slack:
        for lines in of_target(context, Piece(piece.wide.start, piece.start)):
            held.beside(lines)
    for lines in of_target(context, piece):
        if known is None or lines.source in known:
            gap = _put(context, gap.noticed(piece, lines), held.lacks(lines))
        else:
            gap = replace(gap, strange=gap.strange + len(piece.of(lines).lines))
    return gap.compared(held)


def _put(context: Context, gap: Gap, lines: Lines) -> Gap:
    young = tuple(line for line in lines.lines if line.time >= gap.floor)
    gap = replace(gap, late=gap.late + len(lines.lines) - len(young))
    for some in in_parts(young):
        gap = _write(context, gap, replace(lines, lines=some))
    return gap


def _write(context: Context, gap: Gap, lines: Lines) -> Gap:
    """One write; what is refused is halved until it is known which lines it is about."""
    context.ours()
    try:
        context.source.put(context.app.source.logstore, lines)
    except Denied:
        raise
    except StepFailed as refusal:
        half = len(lines.lines) // 2
        if not half:
            return _refused(context, gap, lines.lines[0].time, refusal)
        gap = _put(context, gap, replace(lines, lines=lines.lines[:half]))
        return _put(context, gap, replace(lines, lines=lines.lines[half:]))
    return replace(gap, written=gap.written + len(lines.lines))


def _refused(context: Context, gap: Gap, time: int, refusal: StepFailed) -> Gap:
    """Too old: so is all that is older. Anything else is counted too, as long as it is little."""
    oldest = int(context.clock.now()) - WEEK
    if time < oldest + AHEAD:
        floor = max(gap.floor, oldest + EXPIRING, time + 1)
        return replace(gap, late=gap.late + 1, floor=floor)
    if gap.odd >= ODD:
        raise refusal
    return replace(gap, odd=gap.odd + 1, why=gap.why or str(refusal))
