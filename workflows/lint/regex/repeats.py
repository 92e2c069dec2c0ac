"""What repeats the piece before it, and what says nothing."""

from __future__ import annotations

from workflows.lint.regex.nodes import Here, Node, Repeat
from workflows.lint.regex.source import Broken, Source, Unread

MOST_TIMES = 1000


def blank(source: Source) -> bool:
    """Skip white space, and what follows a `#` in the line: both say nothing in mode x."""
    if source.peek().isspace():
        source.take()
        return True
    if source.peek() == "#":
        while not source.ended and source.take() != "\n":
            pass
        return True
    return False


def repeated(source: Source, atom: Node) -> Node:
    if source.modes.x:
        while blank(source):
            pass
    begin = source.at
    found = bounds(source)
    if found is None:
        return atom
    said = f"`{source.text[begin : source.at]}` at character {begin + 1}"
    if isinstance(atom, Here) and atom.python:
        raise Broken(f"{said} has nothing to repeat")
    low, high = found
    if high is not None and low > high:
        raise Broken(f"{said} runs backwards")
    if max(low, high or 0) > MOST_TIMES:
        raise Unread(f"{said} asks for more than {MOST_TIMES} times")
    manner = source.take() if source.peek() in ("?", "+") else ""
    node = Repeat(atom.start, source.at, atom, low, high, manner)
    if source.peek() in ("*", "+", "?"):
        raise Unread(f"`{source.peek()}` at character {source.at + 1} repeats a repetition")
    return node


def bounds(source: Source) -> tuple[int, int | None] | None:
    """How often, where the text says so at this place; a `{` that says nothing is a character."""
    match source.peek():
        case "*" | "+" | "?" as sign:
            source.take()
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        case "{":
            return _counted(source)
    return None


def _counted(source: Source) -> tuple[int, int | None] | None:
    begin = source.at
    source.take()
    low = source.digits()
    comma = source.follows(",")
    high = source.digits() if comma else low
    if not low or not source.follows("}"):
        source.at = begin
        return None
    return int(low), int(high) if high else None
