"""What each side holds of a piece of time, pulled by receipt; and whether the source is behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from time import gmtime, strftime

from workflows.errors import NotYet
from workflows.ports import Lines, Sls
from workflows.step import Context
from workflows.steps.gap import HOST, Held, Piece, Span, but, joined
from workflows.steps.roster import agents

AHEAD = 900  # seconds; the service takes no line whose time is further ahead than that
LATE = 1800  # seconds; what comes later than that is looked for only where it is missing
SHOWN = 3  # hosts in a sentence


def clock(at: float) -> str:
    return strftime("%Y-%m-%d %H:%M:%SZ", gmtime(at))


def closed(context: Context) -> int:
    """The end of the newest minute whose lines are all there."""
    length = context.waits.minute
    return int(context.clock.now() - context.waits.settle) // length * length


def until(context: Context) -> int:
    """By then all was received that is there now, whatever the service's clock says."""
    return int(context.clock.now()) + AHEAD


def pulled(sls: Sls, logstore: str, spans: Iterable[Span]) -> Iterator[Lines]:
    for span in joined(spans):
        yield from sls.pull(logstore, *span)


def of_target(context: Context, piece: Piece) -> Iterator[Lines]:
    """The target's lines of the piece, also those that came late."""
    sls, logstore = context.target, context.app.target.logstore
    whole = (piece.start - AHEAD, until(context))
    near, found = [(whole[0], min(piece.end + LATE, whole[1]))], 0
    for lines in pulled(sls, logstore, near):
        inside = piece.of(lines)
        found += len(inside.lines)
        yield inside
    if found < sls.count(logstore, piece.start, piece.end):
        yield from map(piece.of, pulled(sls, logstore, but(whole, near)))


def of_source(context: Context, piece: Piece, near: Sequence[Span] = (), ours: float = 0.0) -> Held:
    """The source's lines of the piece; those received from `ours` on may be of our writing.

    They are looked for in the spans of `near`, and everywhere if the service counts more.
    """
    sls, logstore, held = context.source, context.app.source.logstore, Held(piece)
    end = until(context)
    cut = int(ours) or end
    whole = (piece.start - AHEAD, cut)
    spans = [(max(a, whole[0]), min(b, cut)) for a, b in near] if near else [whole]
    for lines in pulled(sls, logstore, spans):
        held.take(lines)
    for lines in pulled(sls, logstore, [(cut, end)]):
        held.take(lines, ours=True)
    if held.seen < sls.count(logstore, piece.start, piece.end):
        for lines in pulled(sls, logstore, but(whole, spans)):
            held.take(lines)
    return held


def addresses(context: Context) -> frozenset[str] | None:
    """Whose lines in the target's logstore are the app's; None where all are.

    A logstore that was there before us may be fed by others too.
    """
    if context.known.get("destination", {}).get("logstore") is None:
        return None
    return frozenset(str(host["ip"]) for host in agents(context).values())


def newest_held(context: Context, since: float) -> int:
    """The start of the newest closed minutes, whose lines the source has all; NotYet where not.

    `since` is when every host held the source's config again: minutes that began before do not
    count.
    """
    length, end = context.waits.minute, closed(context)
    start = end - context.waits.minutes * length
    if start < since:
        missing = min(-(-int(since - start) // length), context.waits.minutes)
        raise NotYet(
            f"{missing} of {context.waits.minutes} minutes with both sides are not closed yet"
        )
    for minute in range(start, end, length):
        _not_behind(context, Piece(minute, minute + length))
    return start


def _not_behind(context: Context, piece: Piece) -> None:
    """Equal counts of a minute in which both collect are enough; else line by line."""
    source = context.source.count(context.app.source.logstore, piece.start, piece.end)
    target = context.target.count(context.app.target.logstore, piece.start, piece.end)
    if source == target:
        return
    if not source:
        raise NotYet(f"the source has no line yet, while the target had {target}")
    held, hosts, lacking = of_source(context, piece), dict[str, None](), 0
    known = addresses(context)
    for lines in of_target(context, piece):
        if known is not None and lines.source not in known:
            continue
        if missing := held.lacks(lines).lines:
            lacking += len(missing)
            hosts[dict(lines.tags).get(HOST, lines.source)] = None
    if lacking:
        text = f"the source lacks {lacking} of {target} lines of {clock(piece.start)}"
        raise NotYet(f"{text}, from {', '.join(list(hosts)[:SHOWN])}")
