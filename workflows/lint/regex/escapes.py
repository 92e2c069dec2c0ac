"""What a backslash means, in brackets and out of them. Source: Boost.Regex, Perl syntax."""

from __future__ import annotations

from string import hexdigits

from workflows.lint.regex import chars
from workflows.lint.regex.nodes import Again, Chars, Here, Node
from workflows.lint.regex.source import Broken, Source, Unread

_PLACES = {
    "b": r"\b",
    "B": r"\B",
    "A": r"\A",
    "`": r"\A",
    "z": r"\Z",
    "'": r"\Z",
    "Z": r"(?=\n*\Z)",
    "<": r"\b(?=\w)",
    ">": r"\b(?<=\w)",
}
_NOT_HERE = {
    "K": "keep",
    "X": "combining sequence",
    "G": "end of the last match",
    "N": "named sign",
}
_LARGEST = 0x10FFFF


def escape(source: Source) -> Node:
    """What stands at a backslash outside of brackets; the backslash is taken already."""
    start = source.at - 1
    letter = source.peek()
    if letter in _PLACES:
        return Here(start, source.at + 1, _PLACES[source.take()])
    if letter in set("123456789"):
        number = int(source.digits(1))  # a second digit is a character of its own
        return Again(start, source.at, number)
    if letter in ("g", "k"):
        return _named(source, start)
    if letter in _NOT_HERE:
        raise Unread(f"`\\{letter}` ({_NOT_HERE[letter]}) at character {start + 1}")
    if source.follows("R"):
        breaks = rf"(?:\r\n|[{chars.ranges(chars.VERTICAL)}])"
        return Chars(start, source.at, chars.VERTICAL, breaks)
    if source.follows("C"):
        return Chars(start, source.at, chars.EVERY, r"[\s\S]")
    meant = after_backslash(source)
    if isinstance(meant, str):
        return made(source, start, chars.bit(meant), chars.escaped(meant))
    return made(source, start, meant, chars.ranges(meant))


def made(source: Source, start: int, mask: int, inner: str) -> Chars:
    """A set as a node, with regard to case where that does not matter."""
    if source.modes.i:
        return Chars(start, source.at, chars.folded(mask), f"(?i:[{inner}])")
    return Chars(start, source.at, mask, f"[{inner}]")


def after_backslash(source: Source) -> str | int:
    """The character that an escape stands for, or its set."""
    start, letter = source.at - 1, source.take()
    if not letter:
        raise Broken("it ends in a backslash")
    if letter in chars.LETTERS:
        return chars.LETTERS[letter]
    if letter.lower() in chars.LETTERS:
        return chars.others(chars.LETTERS[letter.lower()])
    if letter in "pP":
        return _property(source, start, turned=letter == "P")
    return _character(source, start, letter)


def _property(source: Source, start: int, *, turned: bool) -> int:
    name = source.up_to("}", start) if source.follows("{") else source.take()
    mask = {**chars.CLASSES, **chars.LETTERS}.get(name.lower())
    if mask is None:
        raise Unread(f"the property `{name}` at character {start + 1}")
    return chars.others(mask) if turned else mask


def _character(source: Source, start: int, letter: str) -> str:
    if letter in chars.CONTROLS:
        return chars.CONTROLS[letter]
    if letter == "x":
        return _hex(source, start)
    if letter == "0":
        return chr(int(_most(source, 3, "01234567") or "0", 8))
    if letter == "c":
        return chr(ord(source.take() or "@") % 32)
    return letter


def _hex(source: Source, start: int) -> str:
    digits = source.up_to("}", start) if source.follows("{") else _most(source, 2, hexdigits)
    try:
        code = int(digits, 16)
    except ValueError:
        raise Broken(f"`\\x` at character {start + 1} has no hexadecimal number") from None
    if code > _LARGEST:
        raise Broken(f"`\\x{{{digits}}}` at character {start + 1} is no character")
    return chr(code)


def _most(source: Source, length: int, known: str) -> str:
    digits = ""
    while len(digits) < length and source.peek() and source.peek() in known:
        digits += source.take()
    return digits


def _named(source: Source, start: int) -> Node:
    r"""What a group that is called by name or number, as in `\g{1}` and `\k<name>`, matched."""
    source.take()
    opened = source.peek()
    ends = {"{": "}", "<": ">", "'": "'"}
    if opened in ends:
        source.take()
        name = source.up_to(ends[opened], start)
    else:
        name = source.digits()
    number = source.names.get(name)
    if number is None and name.removeprefix("-").isdecimal() and len(name) < 5:
        number = int(name) if int(name) > 0 else source.groups + 1 + int(name)
    if number is None or number < 1:
        raise Broken(f"`{source.text[start : source.at]}` at character {start + 1} names no group")
    return Again(start, source.at, number)
