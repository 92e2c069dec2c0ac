"""Knots of a graph: the places that reach each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

At = TypeVar("At", bound=Hashable)


class TooMuch(Exception):
    """The steps that were allowed are used up."""


class Steps:
    """How much may still be looked at: a bound on time that does not depend on the machine."""

    def __init__(self, most: int) -> None:
        self.left = most

    def some(self, count: int = 1) -> None:
        self.left -= count
        if self.left < 0:
            raise TooMuch


def reached(start: Iterable[At], after: Callable[[At], Iterable[At]], steps: Steps) -> list[At]:
    """All that can be reached, `start` included, in the order of finding."""
    found = dict.fromkeys(start)
    queue = list(found)
    for at in queue:
        for one in after(at):
            steps.some()
            if one not in found:
                found[one] = None
                queue.append(one)
    return queue


def knots(
    places: Iterable[At], after: Callable[[At], Iterable[At]], steps: Steps
) -> list[list[At]]:
    """Groups of places that reach each other, later ones first; a place alone is a group too.

    Kosaraju: in the order of leaving, then backwards.
    """
    order, ahead = _order(places, after, steps)
    back: dict[At, list[At]] = {at: [] for at in order}
    for at, ones in ahead.items():
        for one in ones:
            back[one].append(at)
    taken: set[At] = set()
    found = []
    for at in reversed(order):
        if at not in taken:
            knot = reached([at], lambda one: [p for p in back[one] if p not in taken], steps)
            taken.update(knot)
            found.append(knot)
    return found[::-1]


def _order(
    places: Iterable[At], after: Callable[[At], Iterable[At]], steps: Steps
) -> tuple[list[At], dict[At, list[At]]]:
    """Places by when their last follower was left, and what follows each."""
    ahead: dict[At, list[At]] = {}
    order: list[At] = []
    for start in places:
        if start in ahead:
            continue
        ahead[start] = list(after(start))
        path = [(start, iter(ahead[start]))]
        while path:
            at, rest = path[-1]
            for one in rest:
                steps.some()
                if one not in ahead:
                    ahead[one] = list(after(one))
                    path.append((one, iter(ahead[one])))
                    break
            else:
                order.append(at)
                path.pop()
    return order, ahead
