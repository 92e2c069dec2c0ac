"""Sets in square brackets. Source: Boost.Regex, Perl syntax (basic_regex_parser.hpp parse_set)."""

from __future__ import annotations

from workflows.lint.regex import chars
from workflows.lint.regex.escapes import after_backslash, made
from workflows.lint.regex.nodes import Chars
from workflows.lint.regex.source import Broken, Source, Unread

_SPECIAL = ("[:", "[.", "[=")


def char_set(source: Source) -> Chars:
    """The set at `[`, which is taken already."""
    start = source.at - 1
    turned = source.follows("^")
    mask, inner, first = 0, "", True
    while first or source.peek() != "]":
        if source.ended:
            raise Broken(f"`[` at character {start + 1} is never closed")
        one, text = _item(source, start, first=first)
        mask, inner, first = mask | one, inner + text, False
    source.take()
    node = made(source, start, mask, f"{'^' if turned else ''}{inner}")
    return Chars(node.start, node.end, chars.others(node.mask), node.python) if turned else node


def _item(source: Source, start: int, *, first: bool) -> tuple[int, str]:
    """One character, a class, or all from one character to another."""
    if not first and source.peek() == "-" and source.peek(2) != "-]":
        source.doubts.append(
            f"`-` at character {source.at + 1} stands between others in brackets, which boost "
            "refuses; write it last"
        )
    low = _end(source, start)
    if not isinstance(low, str):
        return low, chars.ranges(low)
    if source.peek() != "-" or source.peek(2) in ("-]", "-"):
        return chars.bit(low), chars.escaped(low)
    source.take()
    high = _high(source, start)
    if ord(low) > ord(high):
        raise Broken(f"the range `{low}-{high}` before character {source.at + 1} runs backwards")
    return chars.span(low, high), f"{chars.escaped(low)}-{chars.escaped(high)}"


def _high(source: Source, start: int) -> str:
    r"""Where a range ends a letter is no class, as boost reads it: `[0-\u]` goes up to `u`."""
    if source.peek(2) in _SPECIAL:
        raise Unread(f"the range at character {source.at} ends in a class")
    letter = source.peek(2)[1:]
    if source.peek() == "\\" and letter.lower() in chars.LETTERS:
        source.take(2)
        return "\v" if letter == "v" else letter
    high = _end(source, start)
    if isinstance(high, str):
        return high
    raise Unread(f"the range at character {source.at} ends in a property")


def _end(source: Source, start: int) -> str | int:
    """A character, or a class's set."""
    if source.peek(2) in _SPECIAL:
        return _special(source, start)
    char = source.take()
    if char != "\\":
        return char
    return "\b" if source.follows("b") else after_backslash(source)


def _special(source: Source, start: int) -> str | int:
    kind, opened = source.take(2), source.at
    name = source.up_to(f"{kind[1]}]", start)
    if kind != "[:":
        if len(name) == 1:
            return name
        raise Unread(f"`{kind}{name}` at character {opened - 1}")
    if name in ("<", ">"):  # alone in brackets, a word's end
        raise Unread(f"`[:{name}:]` at character {opened - 1}")
    mask = {**chars.CLASSES, **chars.LETTERS}.get(name.removeprefix("^").lower())
    if mask is None:
        raise Broken(f"`[:{name}:]` at character {opened - 1} is no class of characters")
    return chars.others(mask) if name.startswith("^") else mask
