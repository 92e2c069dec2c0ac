"""How the time of a match grows with the line, where the regex is tried by going back.

Exponential: from a place back to itself there are two ways for one text. Polynomial: one text can
stay in one loop, stay in a later one, and lead from the one to the other. Source: Weber and Seidl,
On the degree of ambiguity of finite automata (1991). Both are told without any line being tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from workflows.lint.regex import chars
from workflows.lint.regex.automaton import Automaton, automaton
from workflows.lint.regex.choices import choices_of
from workflows.lint.regex.graph import Steps, TooMuch, knots
from workflows.lint.regex.nodes import Node
from workflows.lint.regex.source import Unread

MOST_STEPS, MOST_CHOICES = 50_000, 16
Three = tuple[int, int, int]


@dataclass(frozen=True)
class Cost:
    """The steps grow with the line's length to the power of `degree`; None: exponentially.

    `felt` is the same for lines that do not match in the end, and `blame` the parts that cause it.
    `choices` doubles them so many times, whatever the line is.
    """

    degree: int | None = 1
    felt: int | None = 1
    blame: tuple[str, ...] = ()
    choices: float = 0.0


def cost(regex: str, root: Node) -> Cost:
    """Raises Unread where it would take too long to tell."""
    steps, known, rest = Steps(MOST_STEPS), set[Node](), [root]
    worst, choices = Cost(), 0.0
    try:
        while rest:
            if (node := rest.pop()) not in known:
                known.add(node)
                made = automaton(node)
                rest += made.apart
                worst = max(worst, _of(made, regex, steps), key=_rank)
                choices += choices_of(made, steps)
    except TooMuch:
        raise Unread("it has too many ways through it to look at them all") from None
    if worst.degree is not None and choices > MOST_CHOICES:
        raise Unread("it leaves too many choices open to look at them all")
    return replace(worst, choices=choices)


def _rank(one: Cost) -> tuple[float, float]:
    endless = float("inf")
    return (
        endless if one.felt is None else one.felt,
        endless if one.degree is None else one.degree,
    )


def _of(made: Automaton, regex: str, steps: Steps) -> Cost:
    ordered = knots(range(len(made.masks)), made.follow.__getitem__, steps)[::-1]
    loops = [knot for knot in ordered if len(knot) > 1 or knot[0] in made.follow[knot[0]]]
    doubling = [knot for knot in loops if _doubles(made, set(knot), steps)]
    if felt := [
        knot for knot in doubling if not _pardoned(made, knot, [_union(made, knot)], steps)
    ]:
        return Cost(None, None, (_said(made, regex, felt[0]),))
    if doubling:
        return Cost(None, 1)
    return _powers(made, regex, loops, steps)


def _doubles(made: Automaton, knot: set[int], steps: Steps) -> bool:
    """Whether some text leads from a place of the knot back to it in two ways."""
    if any(made.follow[one].get(other, 0) > 1 for one in knot for other in knot):
        return True
    if len(knot) == 1:
        return False

    def after(pair: tuple[int, int]) -> Iterator[tuple[int, int]]:
        for one in made.follow[pair[0]]:
            for other in made.follow[pair[1]]:
                steps.some()
                if one in knot and other in knot and made.masks[one] & made.masks[other]:
                    yield one, other

    found = knots([(at, at) for at in knot], after, steps)
    return any(len({a == b for a, b in pairs}) > 1 for pairs in found)


def _powers(made: Automaton, regex: str, loops: list[list[int]], steps: Steps) -> Cost:
    """The longest chain of loops, each of which can hand text over to the next."""
    degree, felt, worst = [1] * len(loops), [1] * len(loops), Cost()
    for at, later in enumerate(loops):
        for before, earlier in enumerate(loops[:at]):
            word = _handed(made, earlier, later, steps)
            if word is None:
                continue
            degree[at] = max(degree[at], degree[before] + 1)
            if not _pardoned(made, later, word, steps):
                felt[at] = max(felt[at], felt[before] + 1)
                said = (_said(made, regex, earlier), _said(made, regex, later))
                worst = max(worst, Cost(felt=felt[at], blame=said), key=_rank)
    return Cost(max(degree, default=1), worst.felt, worst.blame)


def _handed(
    made: Automaton, earlier: list[int], later: list[int], steps: Steps
) -> list[int] | None:
    """A text, as sets, that stays in each loop and also leads from the one to the other."""
    masks, follow, own, others = made.masks, made.follow, set(earlier), set(later)
    if not _union(made, earlier) & _union(made, later):
        return None

    def after(three: Three) -> Iterator[tuple[Three, int]]:
        for first in follow[three[0]].keys() & own:
            for last in follow[three[2]].keys() & others:
                both = masks[first] & masks[last]
                for middle in follow[three[1]] if both else ():
                    steps.some()
                    if both & masks[middle]:
                        yield (first, middle, last), both & masks[middle]

    for one in earlier:
        for other in later:
            if (word := _word((one, one, other), (one, other, other), after, steps)) is not None:
                return word
    return None


def _word(
    start: Three, goal: Three, after: Callable[[Three], Iterable[tuple[Three, int]]], steps: Steps
) -> list[int] | None:
    """The sets on a way from `start` to `goal`."""
    came: dict[Three, tuple[Three, int] | None] = {start: None}
    queue = [start]
    for at in queue:
        for one, mask in after(at):
            steps.some()
            if one not in came:
                came[one] = (at, mask)
                queue.append(one)
        if goal in came:
            break
    if goal not in came:
        return None
    word = []
    while step := came[goal]:
        goal, mask = step
        word.append(mask)
    return word[::-1]


def _pardoned(made: Automaton, knot: list[int], word: list[int], steps: Steps) -> bool:
    """Whether all that follows the loop matches anyhow, so that nothing is ever tried again."""
    masks, follow = made.masks, made.follow
    anyhow = {at for at in made.ends if masks[at] == chars.EVERY and at in follow[at]}
    standing, known = set(knot), set[frozenset[int]]()
    while anyhow and not standing & anyhow and frozenset(standing) not in known:
        known.add(frozenset(standing))
        for mask in word:
            steps.some(len(standing))
            standing = {n for at in standing for n in follow[at] if masks[n] & mask}
    return bool(standing & anyhow)


def _union(made: Automaton, knot: list[int]) -> int:
    mask = 0
    for at in knot:
        mask |= made.masks[at]
    return mask


def _said(made: Automaton, regex: str, knot: list[int]) -> str:
    """The smallest repetition around the places, as it is written."""
    first = min(made.spans[at][0] for at in knot)
    last = max(made.spans[at][1] for at in knot)
    around = [loop for loop in made.loops if loop[0] <= first and last <= loop[1]]
    start, end = min(around, key=lambda loop: loop[1] - loop[0], default=(first, last))
    return f"`{regex[start:end]}` at character {start + 1}"
