"""Of what the documented objects are made, and the two questions asked of them with a body.

`plain` makes two bodies that mean the same the same: read-only fields and documented defaults fall
away, numbers are numbers, and lists without an order are sorted tuples. `unknown` names what is not
documented. Both take any JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

WHOLE = re.compile(r"-?[0-9]{1,18}")


class Absent(Enum):
    """The field is not there."""

    ABSENT = "nothing"


ABSENT = Absent.ABSENT


class Node(Protocol):
    """One documented place in a body."""

    def plain(self, value: Any) -> Any:
        """What it means, ABSENT for what says no more than its absence."""

    def unknown(self, value: Any, path: str) -> Iterator[str]:
        """Paths of what is not documented in it."""


@dataclass(frozen=True)
class Field:
    """One value. `spelled`: what other spellings of it mean."""

    default: Any = ABSENT
    number: bool = False
    spelled: Mapping[str | int, Any] = field(default_factory=dict)

    def plain(self, value: Any) -> Any:
        value = _number(value) if self.number else value
        if isinstance(value, str | int) and not isinstance(value, bool):
            value = self.spelled.get(value, value)
        return ABSENT if value is None or same(value, self.default) else value

    def unknown(self, value: Any, path: str) -> Iterator[str]:
        yield from ()


@dataclass(frozen=True)
class ReadOnly:
    """Set by the service, whatever is sent."""

    def plain(self, value: Any) -> Any:
        return ABSENT

    def unknown(self, value: Any, path: str) -> Iterator[str]:
        yield from ()


@dataclass(frozen=True)
class Bag:
    """A list in which order means nothing; one client of the service sends it as a text."""

    def plain(self, value: Any) -> Any:
        if isinstance(value, str):
            value = _listed(value)
        if not isinstance(value, list):
            return ABSENT if value is None else value
        return tuple(sorted(value, key=repr)) or ABSENT

    def unknown(self, value: Any, path: str) -> Iterator[str]:
        yield from ()


@dataclass(frozen=True)
class Each:
    """A list of things of one kind, in their order."""

    node: Node

    def plain(self, value: Any) -> Any:
        if not isinstance(value, list):
            return ABSENT if value is None else value
        ones = [self.node.plain(one) for one in value]
        return [{} if one is ABSENT else one for one in ones] or ABSENT

    def unknown(self, value: Any, path: str) -> Iterator[str]:
        for at, one in enumerate(value if isinstance(value, list) else ()):
            yield from self.node.unknown(one, f"{path}[{at}]")


@dataclass(frozen=True)
class Named:
    """An object whose keys are people's own names, each with a thing of one kind."""

    node: Node

    def plain(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return ABSENT if value is None else value
        ones = {name: self.node.plain(one) for name, one in value.items()}
        return {name: {} if one is ABSENT else one for name, one in ones.items()} or ABSENT

    def unknown(self, value: Any, path: str) -> Iterator[str]:
        for name, one in (value if isinstance(value, Mapping) else {}).items():
            yield from self.node.unknown(one, f"{path}.{name}")


@dataclass(frozen=True)
class Fields:
    """An object with documented keys; others are left as they are."""

    known: Mapping[str, Node]

    def plain(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return ABSENT if value is None else value
        ones = {key: self.known.get(key, ANY).plain(one) for key, one in value.items()}
        return {key: one for key, one in ones.items() if one is not ABSENT} or ABSENT

    def unknown(self, value: Any, path: str) -> Iterator[str]:
        for key, one in (value if isinstance(value, Mapping) else {}).items():
            where = f"{path}.{key}" if path else str(key)
            node = self.known.get(key)
            yield from [where] if node is None else node.unknown(one, where)


ANY: Node = Field()
NUMBER = Field(number=True)
READ_ONLY = ReadOnly()
LIST = Field([])  # its order is kept
TEXTS = Field({})  # keys and values are people's own


def fields(names: str = "", /, **nodes: Any) -> dict[str, Node]:
    """Documented keys: `names` without a default, the others with a node or their default."""
    return dict.fromkeys(names.split(), ANY) | {name: _node(given) for name, given in nodes.items()}


def _node(given: Any) -> Node:
    if hasattr(given, "plain"):
        node: Node = given
        return node
    return Field(given, number=isinstance(given, int) and not isinstance(given, bool))


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1."""
    return type(one) is type(other) and bool(one == other)


def _number(value: Any) -> Any:
    """Some clients send numbers as texts, and some servers with a point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and WHOLE.fullmatch(value):
        return int(value)
    return value


def _listed(text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, list) else text
