"""A regex as places and the ways between them, each with how many ways there are: one, or more.

A place is one set of characters in the regex. There is more than one way from a place to the next
where the same text may be divided in several manners, as in `(a+)+`: the next `a` is of the same
repetition, or of a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.lint.regex.nodes import (
    LOOKS,
    Again,
    Chars,
    Either,
    Group,
    Here,
    Node,
    Repeat,
    Role,
    Row,
    every,
)
from workflows.lint.regex.source import Unread

MOST_PLACES, MOST_PARTS = 300, 3000
_COPIES, _MANY = 6, 2  # a bounded repetition is written out up to so many times
Ways = dict[int, int]


@dataclass(frozen=True)
class _Part:
    """Ways to take nothing, the places it may begin at, and those it may end at."""

    empty: int
    first: Ways
    last: Ways


_NOTHING = _Part(1, {}, {})


@dataclass
class Automaton:
    """`loops` are the places in the text of what repeats without end; `apart` is looked at alone."""

    masks: list[int] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    follow: list[Ways] = field(default_factory=list)
    loops: list[tuple[int, int]] = field(default_factory=list)
    apart: list[Node] = field(default_factory=list)
    starts: Ways = field(default_factory=dict)
    ends: frozenset[int] = frozenset()
    parts: int = 0  # looked at so far, copies too
    idle: int = 0  # how often there is more than one way to take nothing

    def place(self, node: Node, mask: int) -> _Part:
        if len(self.masks) >= MOST_PLACES:
            raise Unread(f"it has more than {MOST_PLACES} places")
        self.masks.append(mask)
        self.spans.append((node.start, node.end))
        self.follow.append({})
        at = len(self.masks) - 1
        return _Part(0, {at: 1}, {at: 1})

    def link(self, last: Ways, first: Ways) -> None:
        for one, ways in last.items():
            for other, more in first.items():
                if self.masks[one] and self.masks[other]:
                    known = self.follow[one].get(other, 0)
                    self.follow[one][other] = min(_MANY, known + ways * more)


def automaton(root: Node) -> Automaton:
    """Raises Unread where it would grow too large."""
    made = Automaton()
    whole = _part(made, root)
    made.starts, made.ends = whole.first, frozenset(whole.last)
    return made


def _part(made: Automaton, node: Node) -> _Part:
    made.parts += 1
    if made.parts > MOST_PARTS:
        raise Unread(f"written out, it has more than {MOST_PARTS} parts")
    match node:
        case Chars():
            return made.place(node, node.mask)
        case Here():
            return _NOTHING
        case Again():
            return made.place(node, 0)
        case Row():
            return _row(made, [_part(made, one) for one in node.items])
        case Either():
            return _either(made, [_part(made, one) for one in node.options])
        case Group():
            return _group(made, node)
        case Repeat():
            return _alone(made, node, node.inner) if node.manner == "+" else _repeat(made, node)


def _row(made: Automaton, parts: list[_Part]) -> _Part:
    whole = _NOTHING
    for part in parts:
        made.link(whole.last, part.first)
        whole = _Part(
            min(_MANY, whole.empty * part.empty),
            _sum(whole.first, part.first, whole.empty),
            _sum(part.last, whole.last, part.empty),
        )
    return whole


def _either(made: Automaton, parts: list[_Part]) -> _Part:
    whole = _Part(0, {}, {})
    made.idle += max(0, sum(part.empty > 0 for part in parts) - 1)
    for part in parts:
        first, last = _sum(whole.first, part.first), _sum(whole.last, part.last)
        whole = _Part(min(_MANY, whole.empty + part.empty), first, last)
    return whole


def _sum(one: Mapping[int, int], other: Mapping[int, int], times: int = 1) -> Ways:
    found = dict(one)
    for place, ways in other.items():
        if times:
            found[place] = min(_MANY, found.get(place, 0) + ways * times)
    return found


def _group(made: Automaton, node: Group) -> _Part:
    if node.role in LOOKS:
        made.apart.append(node.inner)
        return _NOTHING
    return _alone(made, node, node.inner) if node.role is Role.WHOLE else _part(made, node.inner)


def _alone(made: Automaton, node: Node, inner: Node) -> _Part:
    """What keeps what it took, as one place: nothing is divided anew inside of it."""
    made.apart.append(inner)
    mask = 0
    for one in every(inner):
        mask |= one.mask if isinstance(one, Chars) else 0
    part = made.place(node, mask)
    return _Part(1, part.first, part.last)


def _repeat(made: Automaton, node: Repeat) -> _Part:
    """Written out where that is short, or where the same number of characters is taken each time.

    Else as without end, which has the same ways through it, only more of them.
    """
    exact = node.low == node.high and _rigid(node.inner)
    if node.high is None or (node.high > _COPIES and not exact):
        return _endless(made, node, min(node.low, _COPIES))
    low, high = min(node.low, _COPIES), min(node.high, _COPIES)
    needed = _row(made, [_part(made, node.inner) for _ in range(low)])
    rest = _NOTHING
    for _ in range(high - low):  # from the last to the first: each only after the one before
        inner = _part(made, node.inner)
        made.idle += inner.empty > 0
        rest = _maybe(_row(made, [inner, rest]))
    return _row(made, [needed, rest])


def _rigid(node: Node) -> bool:
    """Whether it can take its characters in one way only, and as many each time."""
    return all(
        isinstance(one, Chars | Here | Row)
        or (isinstance(one, Group) and one.role not in LOOKS)
        or (isinstance(one, Repeat) and one.low == one.high)
        for one in every(node)
    )


def _maybe(part: _Part) -> _Part:
    return _Part(min(_MANY, part.empty + 1), part.first, part.last)


def _endless(made: Automaton, node: Repeat, low: int) -> _Part:
    made.loops.append((node.start, node.end))
    needed = [_part(made, node.inner) for _ in range(low - 1)]
    part = _part(made, node.inner)
    if not part.first:
        raise Unread(f"a repetition of nothing at character {node.start + 1}")
    made.idle += part.empty > 0
    made.link(part.last, part.first)
    if node.high is not None and part.empty:  # which of its rounds take nothing is open
        made.link(part.last, part.first)
    if part.empty:  # it may end with a round that takes nothing, or without
        part = _Part(_MANY, part.first, dict.fromkeys(part.last, _MANY))
    again = part if low else _Part(max(1, part.empty), part.first, part.last)
    return _row(made, [*needed, again])
