"""What each side holds of a piece of time, pulled by receipt; and whether the source is behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from time import gmtime, strftime

from workflows.collection.facts_of import own_time
from workflows.errors import NotYet
from workflows.ports import Lines, Sls
from workflows.step import Context
from workflows.steps import counting
from workflows.steps.agreed import found
from workflows.steps.gap import HOST, Held, Piece, Span, but, joined
from workflows.steps.roster import agents

AHEAD = 900  # seconds; the service takes no line whose time is further ahead than that
LATE = 1800  # seconds; by then the service counts what came late, which it indexes slowly
SOON = (60, 180)  # seconds before and after its time; hardly any line comes at another
PROBES = (3, 10, 60, 300)  # seconds
SHOWN = 3  # hosts in a sentence


def clock(at: float) -> str:
    return strftime("%Y-%m-%d %H:%M:%SZ", gmtime(at))


def closed(context: Context) -> int:
    """The end of the newest minute whose lines are all there."""
    length = context.waits.minute
    return int(context.clock.now() - context.waits.settle) // length * length


def slack(context: Context) -> int:
    """How far apart, in seconds, two agents' times of one line may lie; 0: it has its own."""
    agreed = found(context)
    timed = all(own_time(config.body) for config in agreed.configs) if agreed else True
    return 0 if timed else max(1, int(context.waits.settle))


def until(context: Context) -> int:
    """By then all was received that is there now, whatever the service's clock says."""
    return int(context.clock.now()) + AHEAD


def pulled(sls: Sls, logstore: str, spans: Iterable[Span]) -> Iterator[Lines]:
    for span in joined(spans):
        yield from sls.pull(logstore, *span)


def _wider(context: Context, piece: Piece) -> tuple[Span, Span, Span]:
    """When its lines came: nearly always, hardly ever otherwise, and at the utmost.

    Pieces of a busy app are short, so what is read around each counts.
    """
    end, soon = until(context), piece.end + SOON[1]
    if soon > context.clock.now() - LATE:  # what came late may not be counted yet
        soon = end
    late = max(soon, min(piece.end + LATE, end))
    return (piece.start - SOON[0], soon), (piece.start - AHEAD, late), (piece.start - AHEAD, end)


def of_target(context: Context, piece: Piece) -> Iterator[Lines]:
    """Whatever the target received about the time of the piece; all lines of the piece are in it."""
    sls, logstore = context.target, context.app.target.logstore
    found, read = 0, list[Span]()
    for span in _wider(context, piece):
        for lines in pulled(sls, logstore, but(span, read)):
            found += len(piece.of(lines).lines)
            yield lines
        if found >= sls.count(logstore, piece.start, piece.end):
            return
        read.append(span)


def of_source(context: Context, piece: Piece, also: Sequence[Span] = (), ours: float = 0.0) -> Held:
    """The source's lines of the piece; those received from `ours` on may be of our writing.

    They are looked for about its time and in the spans of `also`, where the service may not count
    them yet; and everywhere if it counts more.
    """
    sls, logstore, held = context.source, context.app.source.logstore, Held(piece)
    end = until(context)
    cut = int(ours) or end
    for lines in pulled(sls, logstore, [(cut, end)]):
        held.take(lines, ours=True)
    read = [(cut, end)]
    spans = [(max(start, piece.start - AHEAD), stop) for start, stop in also]
    for wider in _wider(context, piece):
        for lines in pulled(sls, logstore, [s for one in (*spans, wider) for s in but(one, read)]):
            held.take(lines)
        if held.seen >= counting.of_source(context, piece.wide.start, piece.wide.end):
            break
        read += [*spans, wider]
        spans = []
    return held


def passed(context: Context) -> int:
    """A second that the source's clock has passed: whatever is written from now on came later.

    The service refuses whose clock is further away from its own than AHEAD.
    """
    now, logstore = int(context.clock.now()), context.app.source.logstore
    for back in PROBES:
        if next(pulled(context.source, logstore, [(now - back, until(context))]), None):
            return now - back
    return now - AHEAD


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
        _not_behind(context, Piece(minute, minute + length, slack(context)))
    return start


def _not_behind(context: Context, piece: Piece) -> None:
    """Equal counts of a minute in which both collect are enough, by the lines' own time; else line
    by line.
    """
    source = counting.of_source(context, piece.start, piece.end)
    target = counting.of_target(context, piece.start, piece.end)
    if source == target and not piece.slack:
        return
    known = addresses(context)
    if not source and known is None:
        raise NotYet(f"the source has no line yet, while the target had {target}")
    held, hosts, lacking = of_source(context, piece), dict[str, None](), 0
    for lines in of_target(context, piece):
        if known is not None and lines.source not in known:
            continue
        if missing := held.lacks(lines).lines:
            lacking += len(missing)
            hosts[dict(lines.tags).get(HOST, lines.source)] = None
    if lacking:
        text = f"the source lacks {lacking} of {target} lines of {clock(piece.start)}"
        raise NotYet(f"{text}, from {', '.join(list(hosts)[:SHOWN])}")
