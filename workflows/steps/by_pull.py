"""Both sides compared by pulling their lines in the order of receipt, each once over the job's life."""

from __future__ import annotations

from workflows.model import Facts
from workflows.proof.comparison import Comparison, Differing, HostCount, Minute
from workflows.proof.netting import SEVERAL
from workflows.step import Context
from workflows.steps.around import addresses
from workflows.steps.behind import clock, closed
from workflows.steps.kept import Kept
from workflows.steps.pulling import Pulling

DIFFERING = 100  # places that are told
PULL = "pull"


def compared(context: Context, state: Facts) -> tuple[Comparison, Facts]:
    """Up to the newest settled minute. Raises NotYet after each share of the work, which it saves."""
    kept = Kept.of(state, context.waits.minute)
    if closed(context) > kept.net.start:
        pulling = Pulling(context, kept)
        pulling.begin()
        pulling.catch_up()
    found = _found(context, kept)
    kept.net.late = 0
    return found, kept.facts


def _found(context: Context, kept: Kept) -> Comparison:
    """All settled minutes; one for which lines came just now is named and not judged yet."""
    net = kept.net
    fresh = _fresh(context, kept)
    differing = [row for minute in sorted(net.left) for row in _differing(kept, minute)]
    hosts = sorted({*addresses(context).values(), *net.hosts})
    return Comparison(
        engine=PULL,
        start=net.start,
        end=net.end,
        minutes=tuple(
            Minute(at, *net.minutes.get(at, (0, 0)), equal=at not in net.left)
            for at in range(net.start, net.end, net.length)
            if at not in fresh
        ),
        hosts=tuple(_host(kept, name) for name in hosts),
        differing=tuple(row for row in differing if row.minute not in fresh)[:DIFFERING],
        late=net.late,
        overlap=kept.starts.overlap,
        strange=kept.strange,
        size=net.size,
        open=f"lines for {clock(min(fresh))} came late just now" if fresh else "",
    )


def _fresh(context: Context, kept: Kept) -> frozenset[int]:
    """Minutes that differ by what came late: the other side may have it at the next look."""
    net, since = kept.net, context.clock.now() - context.waits.settle
    return frozenset(minute for minute in net.left if net.touched.get(minute, 0) > since)


def _differing(kept: Kept, minute: int) -> list[Differing]:
    """By file where a closer look was taken."""
    if rows := kept.nearer.get(minute):
        return [Differing(minute, *row) for row in rows]
    left = kept.net.left[minute]
    return [Differing(minute, host, "", pair.source, pair.target) for host, pair in left.items()]


def _host(kept: Kept, name: str) -> HostCount:
    source, target, newest = kept.net.hosts.get(name, (0, 0, 0))
    return HostCount(
        host=name,
        source=source,
        target=target,
        equal=not any(name in hosts or SEVERAL in hosts for hosts in kept.net.left.values()),
        files=len(kept.starts.files.get(name, ())),
        newest=newest,
        since=kept.starts.hosts.get(name, 0),
    )
