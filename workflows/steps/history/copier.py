"""
The copier: the source's lines, page by page, into the target; nothing twice, nothing left out.

Before a page is written the job keeps that it is begun. So after a death, or a write whose outcome
is open, that one page is held against what the target received since; every other is known to be
in or not. What the target's own agents brought is left out, line by line; it is only read where the
source's lines are no older than the earliest of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from workflows.errors import NotYet
from workflows.ports import Line, Lines, Page
from workflows.step import Context
from workflows.steps.behind import AHEAD, PROBES, clock, until
from workflows.steps.filling import many
from workflows.steps.gap import marks
from workflows.steps.history.job import Copy, Open
from workflows.steps.history.tail import Tail, counted, falls
from workflows.steps.history.window import Past
from workflows.steps.history.writing import put

RECENT = 100_000  # lines whose marks are held before the target is read anew


class Copier:
    """One look's work on one job."""

    def __init__(self, context: Context, past: Past, tail: Tail, job: Copy) -> None:
        self.context, self.past, self.job = context, past, job
        self._tail = tail
        self._logstore = context.app.source.logstore
        self._more: Counter[bytes] | None = None
        self._recent = Counter[bytes]()
        self.tried = 0

    @cached_property
    def _taken(self) -> Counter[bytes]:
        return counted(self.context, self._tail, self.past.edge, self.job.part, self.job.parts)

    def _look_around(self) -> None:
        """What the target has received in the seconds that our next writes may fall into."""
        target, logstore = self.context.target, self.context.app.target.logstore
        self.tried = passed(self.context)
        self._recent = Counter(
            mark
            for lines in target.pull(logstore, self.tried, until(self.context))
            for mark, line in marks(lines)
            if line.time < self.past.edge  # only such lines are written
        )

    def go(self, most: int) -> None:
        """Copy about so many lines; NotYet where more are left."""
        if self.job.open:
            self._complete(self.job.open)
        self._look_around()
        read = 0
        for page in self._pages():
            if read >= most:
                self._keep()
                raise NotYet(self.told)
            read += sum(len(one.lines) for one in page.lines)
            self._copy(page)
        self._keep()

    @property
    def told(self) -> str:
        written = self.job.written
        if not self.job.reached:
            return "copying is begun"
        return f"lines up to {clock(self.job.reached)} are looked at, {many(written.lines)} written"

    def _pages(self) -> Iterator[Page]:
        """Those of the first part are all; of the others those that the target may have."""
        start = self._early if self.job.part else self.past.first
        yield from self.context.source.pages(
            self._logstore, start, self.past.until, self.job.cursors
        )

    @property
    def _early(self) -> int:
        """The source received nothing before it that the target's agents brought."""
        return max(self.past.first, self._tail.first - AHEAD)

    def _more_often(self) -> dict[str, int]:
        """Of the lines that the target has, those that the source has more often."""
        self.context.say("comparing what the target's agents brought with the source")
        seen = Counter(
            mark
            for page in self.context.source.pages(self._logstore, self._early, self.past.until)
            for lines in page.lines
            for mark, _ in marks(lines)
            if mark in self._taken
        )
        return {
            mark.hex(): n - self._taken[mark] for mark, n in seen.items() if n > self._taken[mark]
        }

    def _copy(self, page: Page) -> None:
        wanted, held = self._wanted(page)
        if wanted:
            if len(self._recent) > RECENT:
                self._look_around()
            every = Counter(mark for lines in wanted for mark, _ in marks(lines))
            again = {mark.hex(): self._recent[mark] for mark in every if self._recent[mark]}
            self.job = replace(
                self.job, open=Open(page.shard, page.begin, page.after, self.tried, again)
            )
            self._keep()
            self._recent.update(every)
            self._write(wanted)
        self._done(page, held)

    def _complete(self, opened: Open) -> None:
        """The page that was begun: what of it is in the target is not written again."""
        lines = self.context.source.between(
            self._logstore, opened.shard, opened.begin, opened.after
        )
        page = Page(opened.shard, opened.begin, opened.after, tuple(lines))
        wanted, held = self._wanted(page)
        every = {mark for lines in wanted for mark, _ in marks(lines)}
        there = Counter(
            mark
            for lines in self.context.target.pull(
                self.context.app.target.logstore, opened.tried, until(self.context)
            )
            for mark, _ in marks(lines)
            if mark in every
        )
        there -= Counter({bytes.fromhex(mark): n for mark, n in opened.again.items()})
        if there.total() > opened.found:  # a service that gets on is not away
            self.job = replace(self.job, open=replace(opened, found=there.total()))
            self._keep()
        missing = [self._without(lines, there) for lines in wanted]
        self._write([lines for lines in missing if lines.lines])
        self._done(page, held)
        self._keep()

    def _without(self, lines: Lines, there: Counter[bytes]) -> Lines:
        missing = []
        for mark, line in marks(lines):
            if there[mark] > 0:
                there[mark] -= 1
                written = self.job.written
                self.job = replace(self.job, written=replace(written, lines=written.lines + 1))
            else:
                missing.append(line)
        return replace(lines, lines=tuple(missing))

    def _wanted(self, page: Page) -> tuple[list[Lines], int]:
        """Its lines that the target lacks, and how many of this part it has."""
        wanted, held = list[Lines](), 0
        for lines in page.lines:
            missing = []
            for mark, line in marks(lines):
                if line.time >= self.past.edge or not self._mine(mark, line):
                    continue
                if self._had(mark, line):
                    held += 1
                else:
                    missing.append(line)
            if missing:
                wanted.append(replace(lines, lines=tuple(missing)))
        return wanted, held

    def _mine(self, mark: bytes, line: Line) -> bool:
        """Whether this part has to do with it; lines that nobody brought are the first one's."""
        part = falls(mark, self.job.parts) if line.time >= self._tail.first else 0
        return part == self.job.part

    def _had(self, mark: bytes, line: Line) -> bool:
        """Whether the target has this very line from its own agents."""
        return line.time >= self._tail.first and self._taken[mark] > 0 and not self._spare(mark)

    def _spare(self, mark: bytes) -> bool:
        """Whether the source has this line more often than the target, and this is one of those."""
        if self.job.more is None:
            self.job = replace(self.job, more=self._more_often())
        if self._more is None:
            self._more = Counter({bytes.fromhex(m): n for m, n in (self.job.more or {}).items()})
        if self._more[mark] <= 0:
            return False
        self._more[mark] -= 1
        return True

    def _write(self, wanted: list[Lines]) -> None:
        written = self.job.written
        for lines in wanted:
            written = put(self.context, lines, written)
        self.job = replace(self.job, written=written)

    def _done(self, page: Page, held: int) -> None:
        reached = max([self.job.reached, *(x.time for one in page.lines for x in one.lines)])
        at = {**self.job.at, str(page.shard): page.after}
        more = self.job.more
        if self._more is not None:
            more = {mark.hex(): n for mark, n in self._more.items() if n > 0}
        job = replace(self.job, at=at, open=None, more=more, reached=reached)
        self.job = replace(job, held=self.job.held + held)

    def _keep(self) -> None:
        self.context.keep({"copy": self.job.facts})


def passed(context: Context) -> int:
    """A second that the target's clock has passed: whatever is written from now on came later."""
    now, logstore = int(context.clock.now()), context.app.target.logstore
    for back in PROBES:
        if next(iter(context.target.pull(logstore, now - back, until(context))), None):
            return now - back
    return now - AHEAD
