"""Lines that the target alone has twice since the source has ended: agents that began anew read again."""

from __future__ import annotations

from typing import NamedTuple

from workflows.errors import NotYet
from workflows.model import Facts
from workflows.proof import twice
from workflows.proof.marks import of_line
from workflows.proof.verdict import clock
from workflows.step import Context
from workflows.steps import counting
from workflows.steps.around import addresses, sides
from workflows.steps.behind import closed
from workflows.steps.files import Looked, looked
from workflows.steps.gap import Piece

KEY = "again"  # lines by minute, as the job keeps them
DUMPED = 1800  # seconds; an agent notes each 900 s how far it read, and may be down for a while
SOON = 120  # seconds after its start in which an agent reads on where it was
MOST = 200_000  # lines that are held at once


class Suspect(NamedTuple):
    """A minute whose lines these hosts may have sent once more."""

    minute: int
    hosts: frozenset[str]


def sent_again(context: Context, start: int, before: Facts) -> int:
    """How many lines agents that began anew since `start` have sent into the target once more.

    Raises NotYet after each share of the work, which it saves.
    """
    known, lines = dict[str, int](before.get(KEY, {})), 0
    for one in suspects(context, looked(context, KEY), start):
        if str(one.minute) in known:
            continue
        context.say(f"searching doubled lines of {clock(one.minute)}")
        number = counting.of_target(context, one.minute, one.minute + context.waits.minute)
        known, lines = {**known, str(one.minute): _again(context, one, number)}, lines + number
        context.keep({KEY: known})  # a long search is no reason to go back
        if lines > context.proving.rate * context.waits.look:
            raise NotYet(f"doubled lines are searched up to {clock(one.minute)}")
    return sum(known.values())


def suspects(context: Context, seen: Looked, start: int) -> list[Suspect]:
    """In order; none where no agent began anew."""
    length, end, found = context.waits.minute, closed(context), dict[int, set[str]]()
    for name, host in seen.hosts.items():
        began = int(seen.at) - (host.now - host.started)  # by our clock
        if not host.started or began < start:
            continue
        first = (began - DUMPED) // length * length
        for minute in range(first, min(began + SOON, end), length):
            found.setdefault(minute, set()).add(name)
    return [Suspect(minute, frozenset(found[minute])) for minute in sorted(found)]


def _again(context: Context, one: Suspect, number: int) -> int:
    """In several passes where the minute holds too many lines for the memory."""
    passes = -(-number // MOST) or 1
    return sum(_pass(context, one, number, (part, passes)) for part in range(passes))


def _pass(context: Context, one: Suspect, number: int, part: tuple[int, int]) -> int:
    context.ours()
    names, held = addresses(context), twice.Held()
    _, target = sides(context)
    piece = Piece(one.minute, one.minute + context.waits.minute)
    for lines in target.lines(context, piece, number):
        if (host := names[lines.source]) in one.hosts:
            marks = (of_line(line.time, line.nanos, line.fields) for line in lines.lines)
            held.take(host, (mark for mark in marks if mark % part[1] == part[0]))
    return sum(map(held.again, held.several))
