"""Sets of characters as bits: one for each of the first 256, the others share 1,024.

Characters that share a bit look alike here. That may warn of a clash which is none, between two
Chinese characters, say, one time in a thousand; it never hides one.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable

_NEAR, _FAR = 256, 1024
EVERY = (1 << (_NEAR + _FAR)) - 1
ALL_FAR = EVERY >> _NEAR << _NEAR


def bit(char: str) -> int:
    code = ord(char)
    return 1 << (code if code < _NEAR else _NEAR + code % _FAR)


def of(chars: Iterable[str]) -> int:
    mask = 0
    for char in chars:
        mask |= bit(char)
    return mask


def span(low: str, high: str) -> int:
    """All from `low` to `high`, both included."""
    if ord(high) - ord(low) >= _FAR:
        near = of(map(chr, range(ord(low), _NEAR))) if ord(low) < _NEAR else 0
        return near | ALL_FAR
    return of(map(chr, range(ord(low), ord(high) + 1)))


def folded(mask: int) -> int:
    """With both cases of every letter of ASCII."""
    for lower, upper in zip(string.ascii_lowercase, string.ascii_uppercase, strict=True):
        if mask & (bit(lower) | bit(upper)):
            mask |= bit(lower) | bit(upper)
    return mask


DIGIT, LOWER, UPPER = of(string.digits), of(string.ascii_lowercase), of(string.ascii_uppercase)
SPACE = of(" \t\n\r\f\v")
WORD = DIGIT | LOWER | UPPER | bit("_")
HORIZONTAL, VERTICAL = of(" \t"), of("\n\v\f\r\x85")

CLASSES = {
    "alnum": DIGIT | LOWER | UPPER,
    "alpha": LOWER | UPPER,
    "blank": HORIZONTAL,
    "cntrl": span("\0", "\x1f") | bit("\x7f"),
    "digit": DIGIT,
    "graph": span("!", "~"),
    "lower": LOWER,
    "print": span(" ", "~"),
    "punct": of(string.punctuation),
    "space": SPACE,
    "upper": UPPER,
    "word": WORD,
    "xdigit": of(string.hexdigits),
    "unicode": ALL_FAR,
}
# After a backslash, in brackets and out of them; a capital letter means all others.
LETTERS = {
    "d": DIGIT,
    "w": WORD,
    "s": SPACE,
    "l": LOWER,
    "u": UPPER,
    "h": HORIZONTAL,
    "v": VERTICAL,
}
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}


def others(mask: int) -> int:
    return EVERY & ~mask


# Python's own words for sets: with long ranges instead, it takes milliseconds to compile one.
_WORDS = {DIGIT: r"\d", SPACE: r"\s", WORD: r"\w", EVERY: r"\s\S"}
_WORDS |= {others(DIGIT): r"\D", others(SPACE): r"\S", others(WORD): r"\W"}


def ranges(mask: int) -> str:
    """The set as Python writes it between brackets; characters beyond 255 all or none."""
    if mask in _WORDS:
        return _WORDS[mask]
    found, code = "", 0
    while code < _NEAR:
        end = code
        while end < _NEAR and mask >> end & 1:
            end += 1
        if end > code:
            found += rf"\x{code:02x}-\x{end - 1:02x}"
        code = end + 1
    return found + (r"\u0100-\U0010ffff" if mask & ALL_FAR == ALL_FAR else "")


def escaped(char: str) -> str:
    """A character as itself, in Python's brackets and out of them."""
    return re.escape(char)
