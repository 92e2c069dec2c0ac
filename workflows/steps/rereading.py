"""Minutes that differ because an agent began anew and read lines again for one side only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workflows.model import Facts
from workflows.proof.comparison import Comparison, Minute
from workflows.proof.marks import of_line
from workflows.proof.reread import Mark, Sent, reread
from workflows.step import Context
from workflows.steps.around import Side, addresses, sides
from workflows.steps.doubles import began_anew
from workflows.steps.files import Looked
from workflows.steps.gap import Piece

MOST = 200_000  # lines of a minute that are held at once
MINUTES = 30  # that are looked into; more than a few restarts leave behind is another trouble
TOLD = 100  # differing places that an engine tells; from so many on there may be more


def but_reread(
    context: Context, found: Comparison, looked: Looked, state: Facts | None = None
) -> Comparison:
    """The same with such minutes equal: no line of theirs is lost, and none came to be otherwise.

    Only hosts count whose agents began anew since; what is there twice is counted by `searched`,
    which needs what was found before this.
    """
    odd = [one for one in found.minutes if not one.equal]
    late = ((state or {}).get("pull") or {}).get("lates", {})
    restarted = began_anew(found, looked, late)
    if not restarted or len(odd) > MINUTES or len(found.differing) >= TOLD:
        return found
    same = {one.start for one in odd if _is_reread(context, found, one, restarted)}
    differing = tuple(one for one in found.differing if one.minute not in same)
    left = {one.host for one in differing}
    cured = {one.host for one in found.differing} - left
    return replace(
        found,
        minutes=tuple(replace(m, equal=m.equal or m.start in same) for m in found.minutes),
        hosts=tuple(replace(h, equal=h.equal or h.host in cured) for h in found.hosts),
        differing=differing,
    )


def _is_reread(
    context: Context, found: Comparison, minute: Minute, restarted: frozenset[str]
) -> bool:
    hosts = frozenset(one.host for one in found.differing if one.minute == minute.start)
    if not hosts or not hosts <= restarted or minute.source + minute.target > MOST:
        return False
    context.say("looking for lines that an agent read again")
    piece = Piece(minute.start, minute.start + context.waits.minute)
    both = []
    for side, expected in zip(sides(context), (minute.source, minute.target), strict=True):
        sent = Sent()
        sent.take(_sendings(context, side, piece, expected, hosts))
        both.append(sent)
    return reread(*both)


def _sendings(
    context: Context, side: Side, piece: Piece, expected: int, hosts: frozenset[str]
) -> Iterator[tuple[int, Mark]]:
    names = addresses(context)
    for lines in side.lines(context, piece, expected):
        if (host := names[lines.source]) in hosts:
            for line in lines.lines:
                yield lines.received, (host, of_line(line.time, line.nanos, line.fields))
