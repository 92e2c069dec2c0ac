"""Lines of one side that have no match on the other yet; kept as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

SIDES = ("source", "target")


class Waiting(NamedTuple):
    """A line of one side; with a `tail` it may be one that an agent read again at its start.

    `tail` is until when the agent was at that: what the source sent later is no such line's match.
    `passed` is up to when all was read as the other side was first seen to have come past it.
    """

    received: int
    minute: int  # of its own time
    file: str = ""
    tail: int = 0
    passed: int = 0


Queues = dict[str, dict[str, list[Waiting]]]  # by host, then by content in hexadecimal
Row = tuple[str, str, Waiting]  # host, content and line


def other(side: str) -> str:
    """The one that is to have the same."""
    return "target" if side == "source" else "source"


def received(line: Waiting) -> int:
    """What lines without a match are sorted by."""
    return line.received


def queues(facts: Mapping[str, Mapping[str, list[list[Any]]]]) -> Queues:
    """From JSON."""
    return {
        host: {key: [Waiting(*one) for one in some] for key, some in lines.items()}
        for host, lines in facts.items()
    }
