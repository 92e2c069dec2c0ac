"""What a regex leaves open outside of its loops: it costs time on any line, short or long."""

from __future__ import annotations

import math
from collections.abc import Iterator

from workflows.lint.regex.automaton import Automaton, Ways
from workflows.lint.regex.graph import Steps, knots


def choices_of(made: Automaton, steps: Steps) -> float:
    """How often, at most, a place that is passed once leaves open what is the next, in doublings."""
    knots_of: dict[int, int] = {}
    for number, knot in enumerate(knots(range(len(made.masks)), made.follow.__getitem__, steps)):
        knots_of |= dict.fromkeys(knot, number)
    open_ends = [(made.starts, -1), *((made.follow[at], own) for at, own in knots_of.items())]
    doublings = float(made.idle)
    for ways, own in open_ends:
        ahead = {at: count for at, count in ways.items() if knots_of[at] != own}
        steps.some(len(ahead) ** 2)
        doublings += math.log2(max(1, sum(_rivals(made, ahead))))
    return doublings


def _rivals(made: Automaton, ahead: Ways) -> Iterator[int]:
    """The ways to places that take a character which another of them takes too."""
    for at, count in ahead.items():
        if count > 1 or any(one != at and made.masks[one] & made.masks[at] for one in ahead):
            yield count
