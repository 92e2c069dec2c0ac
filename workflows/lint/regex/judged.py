"""What is known of one regex, and trying it on a line in bounded time."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from workflows.lint.regex.cost import Cost, cost
from workflows.lint.regex.nodes import (
    LOOKS,
    Again,
    Group,
    Node,
    Repeat,
    Role,
    every,
    inside,
    python,
)
from workflows.lint.regex.read import read
from workflows.lint.regex.source import Broken, Unread

_STEPS = 3_000_000  # of Python's matcher, on one line


@dataclass(frozen=True)
class Judged:
    """`broken`: no agent can read it; `doubts`: what is not known. No pattern: it cannot be tried.

    `going_back`: a part that only an engine knows which goes back and tries again; `levels`: how
    deep such parts are nested, each of which may go through the text once more.
    """

    groups: int | None = None
    pattern: re.Pattern[str] | None = None
    cost: Cost | None = None
    broken: str = ""
    doubts: tuple[str, ...] = ()
    going_back: str = ""
    levels: int = 0

    def matches(self, text: str) -> bool | None:
        """Whether it matches the whole text, as the agent asks; None where it cannot be tried."""
        if self.pattern is None or not self._bounded(text, 0):
            return None
        return self.pattern.fullmatch(text) is not None

    def found_in(self, text: str) -> bool | None:
        """Whether it matches somewhere in the text; None where it cannot be tried."""
        if self.pattern is None or not self._bounded(text, 1):
            return None
        return self.pattern.search(text) is not None

    def _bounded(self, text: str, more: int) -> bool:
        """Whether the text is short enough; `more` powers of its length on top."""
        if self.cost is None or self.cost.degree is None or self.cost.felt is None:
            return False
        # What is not felt does not cost a power, but it is an estimate: one is granted to it.
        power: int = min(self.cost.degree, self.cost.felt + 1) + more + self.levels
        return power * math.log2(len(text) + 1) + self.cost.choices <= math.log2(_STEPS)


@lru_cache(maxsize=512)
def judged(regex: str) -> Judged:
    """Never raises."""
    try:
        found = read(regex)
    except Broken as wrong:
        return Judged(broken=str(wrong))
    except Unread as unread:
        return Judged(doubts=(f"{unread} is not understood here",))
    known = Judged(found.groups, None, None, "", found.doubts, *_going_back(regex, found.root))
    again = any(isinstance(node, Again) for node in every(found.root))
    if again and any(_keeps(node) for node in every(found.root)):
        # Python's re has faults where groups are kept and asked for.
        return replace(
            known, doubts=(*known.doubts, "it keeps what it took, and asks for it again")
        )
    try:
        pattern = re.compile(python(found.root, capture=again), re.ASCII)
        return replace(known, pattern=pattern, cost=cost(regex, found.root))
    except (re.error, OverflowError) as error:
        return _not_python(known, str(error))
    except Unread as unread:
        return replace(known, doubts=(*known.doubts, str(unread)))


def _going_back(regex: str, root: Node) -> tuple[str, int]:
    """The first such part, "" without any, and how deep they are nested."""
    first = next((node for node in every(root) if _goes_back(node)), None)
    said = f"`{regex[first.start : first.end]}` at character {first.start + 1}" if first else ""
    return said, _levels(root)


def _goes_back(node: Node) -> bool:
    looks = isinstance(node, Group) and node.role in LOOKS
    return looks or isinstance(node, Again) or _keeps(node)


def _keeps(node: Node) -> bool:
    """Whether it gives nothing back of what it took."""
    whole = isinstance(node, Group) and node.role is Role.WHOLE
    return whole or (isinstance(node, Repeat) and node.manner == "+")


def _levels(node: Node) -> int:
    return int(_goes_back(node)) + max(map(_levels, inside(node)), default=0)


def _not_python(known: Judged, said: str) -> Judged:
    if "look-behind" in said:
        return replace(known, broken="what is looked behind at has no fixed length")
    return replace(known, doubts=(*known.doubts, f"it is not understood here: {said}"))
