"""Lines without a time of their own that an agent which began anew sent once more, for one side only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workflows.model import Facts
from workflows.proof.again import Mark, Sendings, again
from workflows.proof.comparison import Comparison
from workflows.proof.marks import of_content
from workflows.proof.waiting import Row
from workflows.step import Context
from workflows.steps.around import PATH, Side, sides
from workflows.steps.by_content import found_by
from workflows.steps.doubles import DUMPED, began_anew
from workflows.steps.files import Looked, looked
from workflows.steps.matching import LEAD, Matching

MOST = 50_000  # lines that are looked for; more than a few restarts leave behind is another trouble
PATIENT = 3  # times `waits.settle`; a side may be behind for so long before hosts are looked at
SLICE = 60  # seconds that are held at once

Left = Mapping[str, Mapping[Mark, list[Row]]]  # by side


def explained(context: Context, found: Comparison, state: Facts) -> tuple[Comparison, Facts]:
    """The same after a look at the hosts of which lines have been left over for long."""
    matching = Matching(context, state)
    long_ago = matching.read - PATIENT * matching.pending.settle
    late = {
        host
        for side in ("source", "target")
        for host, _, line in matching.pending.left(side, matching.read)
        if line.received < long_ago
    }
    hosts = late | {one.host for one in found.differing}
    if not hosts:
        return found, state
    return but_sent_again(context, found, looked(context, "reread", hosts), state)


def but_sent_again(
    context: Context, found: Comparison, seen: Looked, state: Facts
) -> tuple[Comparison, Facts]:
    """The same without them: what is read again is neither lost nor altered.

    Only hosts count whose agents began anew since. In the target such lines are `restarts`, and in
    the source `repeated`.
    """
    matching = Matching(context, state)
    hosts = began_anew(replace(found, start=found.start - LEAD), seen, {})
    left = {side: _left(matching, side, hosts) for side in ("source", "target")}
    rows = [row for marks in left.values() for some in marks.values() for row in some]
    if not (matching.tells and 0 < len(rows) <= MOST):
        return found, state
    context.say("looking for lines that an agent read again")
    first = min(line.received for *_, line in rows) - DUMPED
    wanted = frozenset(mark for marks in left.values() for mark in marks)
    sent = {side.name: _sendings(matching, side, first, wanted) for side in sides(context)}
    _explain(matching, left, sent)
    return found_by(matching), matching.state


def _left(matching: Matching, side: str, hosts: frozenset[str]) -> dict[Mark, list[Row]]:
    found: dict[Mark, list[Row]] = {}
    for row in matching.pending.left(side, matching.read):
        if row[0] in hosts:
            found.setdefault((row[0], int(row[1], 16)), []).append(row)
    return found


def _sendings(matching: Matching, side: Side, first: int, wanted: frozenset[Mark]) -> Sendings:
    """In the order of receipt, whichever shards they came to."""
    sent, hosts = Sendings(wanted), {host for host, _ in wanted}
    for at in range(first, matching.read, SLICE):
        groups = side.sls.pull(side.logstore, at, min(at + SLICE, matching.read))
        for group in sorted(groups, key=lambda one: one.received):
            if (host := matching.names.get(group.source, "")) in hosts:
                file = dict(group.tags).get(PATH, "")
                for line in group.lines:
                    sent.take(host, file, group.received, of_content(line.fields))
    return sent


def _explain(matching: Matching, left: Left, sent: Mapping[str, Sendings]) -> None:
    for side, other in (("source", "target"), ("target", "source")):
        for mark, rows in left[side].items():
            times = [line.received for *_, line in rows]
            for at in again(sent[side], sent[other], mark, times):
                row = next(row for row in rows if row[2].received == at)
                matching.pending.explain(side, row)
                matching.again[side] += 1
