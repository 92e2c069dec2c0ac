"""The lines of some minutes of an app's hosts, on either side, pulled about their time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflows.ports import Lines, Sls
from workflows.step import Context
from workflows.steps.behind import AHEAD, LATE, pulled, until
from workflows.steps.gap import Piece, Span, but
from workflows.steps.roster import agents

PATH = "__path__"  # a tag that agents set
SOON = 60  # seconds; hardly any line comes so long before its time, or after its minute has settled


def addresses(context: Context) -> dict[str, str]:
    """Hosts by their agents' addresses; those left out are nobody's."""
    known = agents(context).items()
    return {str(one["ip"]): name for name, one in known if name not in context.without}


def spans(context: Context, piece: Piece) -> tuple[Span, Span, Span]:
    """When its lines came: nearly always, hardly ever otherwise, and at the utmost."""
    end = until(context)
    soon = min(end, int(piece.end + context.waits.settle) + SOON)
    late = min(end, max(soon, piece.end + LATE))
    return (piece.start - SOON, soon), (piece.start - AHEAD, late), (piece.start - AHEAD, end)


@dataclass(frozen=True)
class Side:
    """One side's logstore."""

    name: str
    sls: Sls
    logstore: str

    def lines(self, context: Context, piece: Piece, expected: int) -> Iterator[Lines]:
        """Those of the piece, of the app's hosts; read on until as many came as are `expected`."""
        ours, read, found = addresses(context), list[Span](), 0
        for span in spans(context, piece):
            for lines in pulled(self.sls, self.logstore, but(span, read)):
                inside = piece.of(lines)
                if inside.lines and lines.source in ours:
                    found += len(inside.lines)
                    yield inside
            if found >= expected:
                return
            read.append(span)


def sides(context: Context) -> tuple[Side, Side]:
    """Source and target."""
    app = context.app
    return (
        Side("source", context.source, app.source.logstore),
        Side("target", context.target, app.target.logstore),
    )
