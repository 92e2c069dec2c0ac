"""Both sides compared by what the lines say: for configs whose lines have no time of their own.

Such a line's time is that of its reading, so it may fall into different minutes on the two sides.
Minutes are those of the source's lines. What one side lacks differs only once that side has come past
it in its file (`proof/pending.py`): a side that cannot send for a while makes the verdict inconclusive.
A file's first lines in the target may be from before, so more of them is overlap. Lines that read the
same and come closer together than `waits.settle` cannot be told apart, and of words that stand among a
file's first lines too, one more or less may be taken for overlap. What an agent that began anew sent
again for one side only is left out by `sent_again`; for both sides, it is in the figures of both. The
clocks of the service and of the worker must be closer together than `waits.settle`.
"""

from __future__ import annotations

from collections import Counter

from workflows.model import Facts
from workflows.proof.comparison import Comparison, Differing, HostCount, Minute
from workflows.proof.pending import MOST
from workflows.proof.residual import told
from workflows.step import Context
from workflows.steps.around import sides
from workflows.steps.behind import clock
from workflows.steps.matching import CONTENT, Matching

DIFFERING = 100
SAMPLES = 5
SHOWN = 3  # hosts in a sentence

Overdue = Counter[tuple[int, str]]  # lines by minute and host


def compared(context: Context, state: Facts) -> tuple[Comparison, Facts]:
    """Up to the newest settled minute. Raises NotYet after each share of the work, which it saves."""
    matching = Matching(context, state)
    matching.catch_up()
    found = found_by(matching)
    matching.pending.asked(matching.read)
    return found, matching.state


def found_by(matching: Matching) -> Comparison:
    """What is overdue in the target is a line more than the source has."""
    pending = matching.pending
    start, end = matching.start, _end(matching)
    source, target = (_overdue(matching, side, end) for side in ("source", "target"))
    odd = sorted({*source, *target})
    return Comparison(
        engine=CONTENT,
        start=start,
        end=end,
        minutes=_minutes(matching, source, target, end),
        hosts=tuple(_host(matching, n, source, target) for n in sorted(matching.names.values())),
        differing=tuple(Differing(*one, "", source[one], target[one]) for one in odd[:DIFFERING]),
        late=pending.late,
        overlap=pending.overlap,
        doubled=matching.again["target"],
        restarts=matching.again["target"],
        repeated=matching.again["source"],
        strange=matching.strange,
        open=_open(matching),
        samples=_samples(matching) if odd else (),
    )


def _open(matching: Matching) -> str:
    """Why nothing can be told yet: a side has not come to where the other is."""
    if matching.pending.size > MOST:
        return f"more than {MOST:,} lines are on one side only"
    for side, other in (("source", "target"), ("target", "source")):
        rows = list(matching.pending.behind(side, matching.read))
        if rows:
            hosts = ", ".join(sorted({host for host, *_ in rows})[:SHOWN])
            since = clock(min(line.received for *_, line in rows))
            return f"the {other} is behind: {len(rows):,} lines of {hosts} are in the {side} only, since {since}"  # fmt: skip
    return ""


def _end(matching: Matching) -> int:
    """Of the settled minutes, those in which no line may still find its match."""
    length, read = matching.context.waits.minute, matching.read
    settled = min(read - matching.pending.settle, matching.pending.fresh(read))
    return max(matching.start, settled // length * length)


def _overdue(matching: Matching, side: str, end: int) -> Overdue:
    rows = matching.pending.overdue(side, matching.read)
    each = ((line.minute, host) for host, _, line in rows)
    return Counter(one for one in each if matching.start <= one[0] < end)


def _minutes(matching: Matching, source: Overdue, target: Overdue, end: int) -> tuple[Minute, ...]:
    more, also, found = Counter[int](), Counter[int](), []
    for (minute, _), lines in source.items():
        more[minute] += lines
    for (minute, _), lines in target.items():
        also[minute] += lines
    for at in range(matching.start, end, matching.context.waits.minute):
        both, equal = matching.pending.minutes.get(at, 0), not (more[at] or also[at])
        found.append(Minute(at, both + more[at], both + also[at], equal))
    return tuple(found)


def _host(matching: Matching, name: str, source: Overdue, target: Overdue) -> HostCount:
    """Its lines so far, those of the newest minutes too."""
    lines, newest = matching.pending.hosts.get(name, (0, 0))
    more = sum(number for (_, host), number in source.items() if host == name)
    also = sum(number for (_, host), number in target.items() if host == name)
    return HostCount(
        host=name,
        source=lines + more,
        target=lines + also,
        equal=not (more or also),
        files=len(matching.starts.files.get(name, ())),
        newest=newest,
        since=matching.starts.hosts.get(name, 0),
    )


def _samples(matching: Matching) -> tuple[str, ...]:
    source, target = (list(matching.lines(s, SAMPLES)) for s in sides(matching.context))
    return tuple(told(source, target))[:SAMPLES]
