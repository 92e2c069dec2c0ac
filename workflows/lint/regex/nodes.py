"""What a regex is made of. Each node knows its place in the text that it was read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Chars:
    """One character of the set `mask` (see chars.py); `python` says the same to Python's re."""

    start: int
    end: int
    mask: int
    python: str


@dataclass(frozen=True)
class Here:
    """Takes no character: an anchor, a word boundary, nothing at all."""

    start: int
    end: int
    python: str


@dataclass(frozen=True)
class Again:
    """What a group matched before, once more."""

    start: int
    end: int
    group: int


@dataclass(frozen=True)
class Row:
    """One after another."""

    start: int
    end: int
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Either:
    """One of several."""

    start: int
    end: int
    options: tuple[Node, ...]


class Role(Enum):
    """What a pair of brackets is for; the value is how it opens."""

    CAPTURE = "("
    TOGETHER = "(?:"
    WHOLE = "(?>"  # once left, never entered again
    AHEAD = "(?="
    NOT_AHEAD = "(?!"
    BEHIND = "(?<="
    NOT_BEHIND = "(?<!"


LOOKS = frozenset({Role.AHEAD, Role.NOT_AHEAD, Role.BEHIND, Role.NOT_BEHIND})


@dataclass(frozen=True)
class Group:
    start: int
    end: int
    role: Role
    inner: Node


@dataclass(frozen=True)
class Repeat:
    """`inner` from `low` to `high` times, None for without end; `manner` is "", "?" or "+"."""

    start: int
    end: int
    inner: Node
    low: int
    high: int | None
    manner: str


Node = Chars | Here | Again | Row | Either | Group | Repeat


def python(node: Node, *, capture: bool) -> str:
    """The same in the syntax of Python's re, for the flag ASCII."""
    match node:
        case Chars() | Here():
            return node.python
        case Again():
            return f"(?:\\{node.group})"
        case Row():
            return "".join(python(one, capture=capture) for one in node.items)
        case Either():
            return "|".join(python(one, capture=capture) for one in node.options)
        case Group():
            role = node.role if capture or node.role is not Role.CAPTURE else Role.TOGETHER
            return f"{role.value}{python(node.inner, capture=capture)})"
        case Repeat():
            bounds = f"{{{node.low},{'' if node.high is None else node.high}}}"
            return f"(?:{python(node.inner, capture=capture)}){bounds}{node.manner}"


def inside(node: Node) -> tuple[Node, ...]:
    match node:
        case Row():
            return node.items
        case Either():
            return node.options
        case Group() | Repeat():
            return (node.inner,)
    return ()


def every(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for one in inside(node):
        yield from every(one)
