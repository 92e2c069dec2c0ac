"""Lines of both sides summed up by span of time and host, so few that the job can keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from workflows.errors import NotYet
from workflows.model import Facts
from workflows.ports import Scanned, Sls
from workflows.proof.cells import Cell
from workflows.step import Context
from workflows.steps.behind import AHEAD, until
from workflows.steps.filling import many
from workflows.steps.history.job import Copy
from workflows.steps.history.past import known
from workflows.steps.history.tail import held_since, share

PLACES = 5000  # spans times hosts that the job keeps, at most, unless there are more hosts
SIDES = ("source", "target")
Key = tuple[int, str]  # the start of a span, the host's address


@dataclass(frozen=True)
class Sums:
    """What was summed up so far; `cells` by side and place.

    Both sides are read up to what they had received by `until`, or a slow reader would never end.
    """

    start: int
    end: int
    until: int
    span: int  # seconds
    side: str = SIDES[0]
    at: Mapping[str, str] = field(default_factory=dict)  # by shard of that side
    cells: Mapping[str, Mapping[Key, Cell]] = field(
        default_factory=lambda: {side: {} for side in SIDES}
    )

    @classmethod
    def of(cls, facts: Facts) -> Sums:
        """From the job's record."""
        cells = {
            side: {(at, host): Cell(lines, int(total, 16)) for at, host, lines, total in rows}
            for side, rows in facts["cells"].items()
        }
        return cls(**{**facts, "cells": cells})

    @property
    def facts(self) -> Facts:
        """As JSON, for the job's record."""
        cells = {
            side: [[*key, cell.lines, f"{cell.sum:x}"] for key, cell in places.items()]
            for side, places in self.cells.items()
        }
        return {**vars(self), "cells": cells}

    def plus(self, page: Scanned) -> Sums:
        """The same with another page of the side at work."""
        mine = dict(self.cells[self.side])
        for place, cell in page.cells.items():
            if self.start <= place.minute < self.end:
                key = (place.minute - (place.minute - self.start) % self.span, place.host)
                mine[key] = mine.get(key, Cell()).plus(Cell(cell.lines, cell.sum))
        at = {**self.at, str(page.shard): page.after}
        sums = replace(self, at=at, cells={**self.cells, self.side: mine})
        while len(sums.cells[self.side]) > PLACES and sums.span < sums.end - sums.start:
            sums = sums.coarser()
        return sums

    def coarser(self) -> Sums:
        """The same in spans of twice the length: there were more hosts than anybody knew of."""
        cells: dict[str, dict[Key, Cell]] = {side: {} for side in self.cells}
        for side, places in self.cells.items():
            for (at, host), cell in places.items():
                key = (at - (at - self.start) % (2 * self.span), host)
                cells[side][key] = cells[side].get(key, Cell()).plus(cell)
        return replace(self, span=2 * self.span, cells=cells)


def fresh(context: Context) -> Sums:
    """Nothing is summed up yet."""
    past, minute = known(context), context.waits.minute
    written = Copy.of(context.known["seam"]["copy"]).written
    first = max(past.start + AHEAD, written.last + 1 if written.old else 0)
    last = min(past.edge, int(context.asked["proven"] - context.waits.settle))
    start, end = -(-first // minute) * minute, last // minute * minute
    spans = max(1, PLACES // max(1, len(context.app.hosts)))
    length = -(-max(end - start, minute) // minute // spans) * minute
    return Sums(start, end, until(context), length)


def summed(context: Context, sums: Sums) -> Sums:
    """Both sides whole. NotYet after each share of the work."""
    while sums.side:
        sums, whole = _share(context, sums)
        if not whole:
            context.keep({"sums": sums.facts})
            done = sum(cell.lines for places in sums.cells.values() for cell in places.values())
            raise NotYet(f"{many(done)} of both sides are summed up")
        sums = replace(sums, side={SIDES[0]: SIDES[1]}.get(sums.side, ""), at={})
    return sums


def _share(context: Context, sums: Sums) -> tuple[Sums, bool]:
    sls, logstore, start = _where(context, sums.side)
    after = {int(shard): cursor for shard, cursor in sums.at.items()}
    minute, read = context.waits.minute, 0
    for page in sls.scan(logstore, start, sums.until, minute=minute, after=after, exact=True):
        sums = sums.plus(page)
        read += sum(cell.lines for cell in page.cells.values())
        if read >= share(context):
            return sums, False
    return sums, True


def _where(context: Context, side: str) -> tuple[Sls, str, int]:
    """All that either side may hold of the time lies behind that receipt."""
    if side == SIDES[0]:
        return context.source, context.app.source.logstore, known(context).start
    return context.target, context.app.target.logstore, held_since(context)
