"""Whether two configs can mean the same file. Wildcards are `*` and `?`, each within one name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_WILD = frozenset("*?[")
_ONE_OF = re.compile(r"\[[^\]]+\]")  # such a choice of characters is taken for any character
LONGEST, DEEPEST = 100, 40


@dataclass(frozen=True)
class Place:
    """Files called like `pattern` in `folder` or `depth` folders below it; below 0: at any depth."""

    folder: str
    pattern: str
    depth: int

    @property
    def parts(self) -> tuple[str, ...]:
        """The folder's names; a `.` and an empty name say nothing."""
        return tuple(part for part in self.folder.split("/") if part not in ("", "."))[:DEEPEST]

    def __str__(self) -> str:
        return f"{self.folder.rstrip('/')}/{self.pattern}"


def meet(one: Place, other: Place) -> bool:
    """Whether there can be a file that both mean."""
    if not same(one.pattern, other.pattern):
        return False
    upper, lower = sorted((one, other), key=lambda place: len(place.parts))
    below = len(lower.parts) - len(upper.parts)
    if 0 <= upper.depth < below:
        return False
    return all(same(a, b) for a, b in zip(upper.parts, lower.parts, strict=False))


def holds(place: Place, path: str) -> bool:
    """Whether the file lies there."""
    folder, _, name = path.rpartition("/")
    return bool(path) and meet(place, Place(folder, _bare(name), 0))


def _bare(name: str) -> str:
    return name.replace("*", "_").replace("?", "_")


@lru_cache(maxsize=4096)
def same(one: str, other: str) -> bool:
    """Whether there can be a name that both patterns mean."""
    if one == other or not _WILD & {*one, *other}:
        return one == other
    one, other = (_ONE_OF.sub("?", name) for name in (one, other))
    # What is too long to be looked at may be anything.
    one, other = (n if len(n) <= LONGEST else f"{n[:LONGEST]}*" for n in (one, other))
    row = [True] + [False] * len(other)
    for at, char in enumerate(other, 1):
        row[at] = row[at - 1] and char == "*"
    for char in one:
        above, row[0] = row[0], row[0] and char == "*"
        for at, right in enumerate(other, 1):
            before, above = above, row[at]
            if char == "*" or right == "*":
                row[at] = row[at] or row[at - 1] or (before and char == right)
            else:
                row[at] = before and (char == right or "?" in (char, right))
    return row[-1]
