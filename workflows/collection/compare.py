"""What two objects of the service mean differently, whatever the service made of their JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.collection.schema.bodies import Thing, thing_of
from workflows.collection.schema.nodes import ABSENT, Absent, same
from workflows.collection.schema.objects import idle
from workflows.collection.secret import hidden
from workflows.model import quoted

__all__ = ["ABSENT", "Difference", "differences", "lost"]

# The service fills in where it is itself: said on one side only, that is no difference.
_WHERE = re.compile(
    r"outputDetail\.(endpoint|region|projectName)"
    r"|flushers\[\d+\]\.(Endpoint|Region|Project|Aliuid)"
)
_NAMES = {
    Thing.PIPELINE: "a pipeline config",
    Thing.CLASSIC: "a classic config",
    Thing.LOGSTORE: "a logstore",
    Thing.GROUP: "a machine group",
    Thing.INDEX: "an index",
}


@dataclass(frozen=True)
class Difference:
    """`path` is in the object's JSON, such as `inputDetail.maxDepth`; either value may be ABSENT."""

    path: str
    wanted: Any
    found: Any

    def __str__(self) -> str:
        """For people: what is secret in a config is not in it, and what does not print is spelt."""
        key = self.path.rpartition(".")[2]
        wanted, found = (_said(key, value) for value in (self.wanted, self.found))
        return quoted(f"{self.path}: {wanted} is wanted, there is {found}")


def differences(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[Difference, ...]:
    """All of them, by path, of two bodies of one kind: config, logstore, index or machine group.

    Empty exactly if it is empty the other way round.
    """
    one, other = thing_of(wanted), thing_of(found)
    if one is not other:
        return (Difference("the whole", _NAMES[one], _NAMES[other]),)
    pairs = (one.known.plain(body) for body in (wanted, found))
    left, right = ({} if body is ABSENT else body for body in pairs)
    if one is Thing.LOGSTORE:
        left, right = (_without(body, idle(left, right)) for body in (left, right))
    return tuple(sorted(_between(left, right, ""), key=lambda one: one.path))


def _without(body: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in keys}


def lost(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What of `wanted` is not in `found`: for reading back what was just written.

    What only `found` has, the service put there by itself.
    """
    return tuple(one for one in differences(wanted, found) if one.wanted is not ABSENT)


def _between(wanted: Any, found: Any, path: str) -> Iterator[Difference]:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key in sorted({*wanted, *found}):
            where = f"{path}.{key}" if path else key
            yield from _between(wanted.get(key, ABSENT), found.get(key, ABSENT), where)
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for at, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from _between(one, other, f"{path}[{at}]")
    elif not same(wanted, found) and not _filled_in(wanted, found, path):
        yield Difference(path, wanted, found)


def _filled_in(wanted: Any, found: Any, path: str) -> bool:
    return bool(_WHERE.fullmatch(path)) and any(one in (ABSENT, "") for one in (wanted, found))


def _said(key: str, value: Any) -> str:
    if isinstance(value, Absent):
        return "nothing"
    return json.dumps(hidden(value, key), ensure_ascii=False)
