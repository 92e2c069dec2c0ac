"""Lines of both sides pulled and netted, resumable at any page.

Cursors are kept by shard, together with what was summed up behind them: a worker may die at any
page, and no page is counted twice or left out. Times of receipt only say where to begin and how far
to read before the other side has its turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflows.errors import NotYet
from workflows.ports import Scanned
from workflows.proof.netting import SEVERAL, of_source, of_target
from workflows.step import Context
from workflows.steps import closer
from workflows.steps.around import Side, addresses, sides
from workflows.steps.behind import AHEAD, clock, until
from workflows.steps.kept import CLOSER, Kept
from workflows.steps.live import live

SLICE = 600  # seconds of receipt, of the one side and then of the other
SAVED = 200_000  # lines, about, that are read anew after a death
LINES = 50  # that can be read in the time that it takes to save one place
FILES = 100  # that are told of a minute which differs


@dataclass
class Pulling:
    """One look's share of the work."""

    context: Context
    kept: Kept
    lines: int = 0  # read in this look
    unsaved: int = 0  # of these

    def __post_init__(self) -> None:
        self.names = addresses(self.context)
        self.now = int(self.context.clock.now())
        self.source, self.target = sides(self.context)

    def begin(self) -> None:
        """Which file came to the target when, before its lines are told by that."""
        kept, starts = self.kept, self.kept.starts
        if kept.begun:
            return
        starts.live = starts.live or live(self.context, kept.net.start)
        if starts.live:
            for page in self._pages("heads", self.target, (starts.live, kept.fine)):
                self._saw(page)
        kept.begun, kept.read = True, min(starts.live or kept.early, kept.early)
        kept.after.pop("heads", None)

    def catch_up(self) -> None:
        """Slice by slice, so that no more lines are under way than one side is ahead of the other."""
        while self.kept.read < self.now:
            read, end = self._slice()
            span = 1 if self.kept.read < self.kept.fine else self.context.waits.minute
            for side in (self.source, self.target):
                for page in self._pages(side.name, side, (self._since(side), end), span):
                    self._take(side, page, span)
            self.kept.read = read
            self._settle()
        self._settle()  # the last look may have ended in the middle of it

    def _slice(self) -> tuple[int, int]:
        """Up to where all is read after it, and the end to read to; the newest is read to its end.

        The service's clock may be behind ours.
        """
        read = max(self.kept.read, self.kept.early) + SLICE
        if self.kept.read < self.kept.fine < read:
            read = self.kept.fine
        if read + AHEAD < self.now:
            return read, read
        return self.now, until(self.context)

    def _since(self, side: Side) -> int:
        """Where to begin in shards of which nothing was read yet."""
        early = self.kept.early
        return min(self.kept.starts.live or early, early) if side is self.target else early

    def _pages(self, key: str, side: Side, within: tuple[int, int], span: int = 60) -> Iterator[Scanned]:  # fmt: skip
        """Those that were not read yet; each counts as read once the caller has taken it."""
        if within[0] >= within[1]:
            return
        after = self.kept.after.setdefault(key, {})
        pages = side.sls.scan(
            side.logstore, *within, minute=span, after=dict(after), exact=self.kept.exact
        )
        for page in pages:
            yield page
            after[page.shard] = page.after
            self._work(sum(cell.lines for cell in page.cells.values()))

    def _work(self, lines: int) -> None:
        """Saves now and then; another job's turn comes when this look has read its share."""
        self.lines, self.unsaved = self.lines + lines, self.unsaved + lines
        share = self.context.proving.rate * max(1.0, self.context.waits.look)
        if self.unsaved >= SAVED + LINES * self.kept.net.places or self.lines >= share:
            self.unsaved = 0
            self.context.jot({"state": self.kept.facts})
        if self.lines >= share:
            at = max(self.kept.read, self.kept.early)
            raise NotYet(f"both sides are read up to {clock(at)}")

    def _saw(self, page: Scanned) -> None:
        for (host, file), at in page.begun.items():
            if name := self.names.get(host):
                self.kept.starts.saw(name, file, at)

    def _take(self, side: Side, page: Scanned, span: int) -> None:
        """Each line once: into the net, or counted apart."""
        kept, length, ours = self.kept, self.context.waits.minute, side is self.target
        for place, cell in page.cells.items():
            name = self.names.get(place.host)
            if name is None:
                kept.strange += cell.lines if place.minute >= kept.net.start else 0
            elif place.minute >= kept.net.start:
                minute = place.minute // length * length
                kept.take(minute, name, of_target(cell) if ours else of_source(cell), self.now)
            elif ours:
                kept.starts.take(name, place.file, place.minute + span, cell.lines)
        if ours:
            self._saw(page)
            self._came_late(page)

    def _came_late(self, page: Scanned) -> None:
        """Where an agent that began anew may have read lines again."""
        length = self.context.waits.minute
        for place in page.late:
            if place.minute >= self.kept.net.start and (name := self.names.get(place.host)):
                self.kept.came_late(name, place.minute // length * length)

    def _settle(self) -> None:
        """What both sides were read past, by the time that late lines have."""
        kept, waits = self.kept, self.context.waits
        kept.raw = kept.raw if kept.exact else max((kept.raw, *kept.net.open))
        kept.net.settle(int(kept.read - waits.settle) // waits.minute * waits.minute)
        for minute in sorted(kept.net.left):
            if kept.unsure(minute):
                self._look_closer(minute)

    def _look_closer(self, minute: int) -> None:
        """Fields in another order are no difference; from then on they are read in one order."""
        self.context.say(f"looking closer at {clock(minute)}")
        net = self.kept.net
        near = closer.look(self.context, minute, net.minutes[minute])
        if near.held == net.minutes[minute]:
            self._tell(minute, near)
        else:  # more has come since, which is not netted yet
            net.touched[minute] = self.now
        self._work(near.read)

    def _tell(self, minute: int, near: closer.Near) -> None:
        kept, left = self.kept, self.kept.net.left[minute]
        differ = {self.names.get(row.host, row.host) for row in near.hosts}
        same = [host for host in left if host not in differ and (host != SEVERAL or not differ)]
        for host in same:
            kept.net.forgive(minute, host)
            kept.exact = True
        if minute in kept.net.left:
            rows = [
                (self.names.get(row.host, row.host), row.file, row.source, row.target)
                for row in near.files[:FILES]
            ]
            kept.nearer[minute] = rows if len(kept.nearer) < CLOSER else []  # the job keeps it
