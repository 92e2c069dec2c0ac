"""Lines by their own time; a source without an index cannot count, so its lines are summed up."""

from __future__ import annotations

from workflows.step import Context

AHEAD = 900  # seconds; the service takes no line whose time is further from its receipt


def of_source(context: Context, start: int, end: int) -> int:
    """Lines of the source's logstore with start <= __time__ < end. May raise NotYet."""
    logstore = context.app.source.logstore
    if indexed(context):
        return context.source.count(logstore, start, end)
    until = int(context.clock.now()) + AHEAD
    pages = context.source.scan(logstore, start - AHEAD, until, minute=1)
    return sum(
        cell.lines
        for page in pages
        for place, cell in page.cells.items()
        if start <= place.minute < end
    )


def of_target(context: Context, start: int, end: int) -> int:
    return context.target.count(context.app.target.logstore, start, end)


def indexed(context: Context) -> bool:
    """Whether the source's logstore had an index when the job began; older jobs always did."""
    found = context.known.get("source", {}).get("found")
    return found is None or found.get("index") is not None
