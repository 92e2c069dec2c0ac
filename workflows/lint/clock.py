"""Reading a time as the agent does: its own strptime, which reads a beginning of the text.

Source: core/common/Strptime.cpp of LoongCollector.
"""

from __future__ import annotations

import re

_FIRST = ("January", "February", "March", "April", "May", "June")
MONTHS = (*_FIRST, "July", "August", "September", "October", "November", "December")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NUMBERS = {
    **dict.fromkeys("de", (1, 31)),
    **dict.fromkeys("Hk", (0, 23)),
    **dict.fromkeys("Ilm", (1, 12)),
    **dict.fromkeys("UWV", (0, 53)),
    **dict.fromkeys("Cgy", (0, 99)),
    "j": (1, 366),
    "M": (0, 59),
    "S": (0, 61),
    "u": (1, 7),
    "w": (0, 6),
    "Y": (0, 9999),
}
_SHORT = {
    "c": "%a %b %d %H:%M:%S %Y",
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "R": "%H:%M",
    "r": "%I:%M:%S %p",
    "T": "%H:%M:%S",
    "X": "%H:%M:%S",
    "x": "%m/%d/%y",
}
_PATTERNS = {
    **dict.fromkeys("Aa", "|".join((*DAYS, *(day[:3] for day in DAYS)))),
    **dict.fromkeys("Bbh", "|".join((*MONTHS, *(month[:3] for month in MONTHS)))),
    **dict.fromkeys("nt", r"\s*"),
    "f": r"\d{1,9}",
    "G": r"\d+",
    "p": "AM|PM",
    "s": r"\d+",
    "Z": "(?:GMT|UTC)?",
    "z": r"\s*(?:GMT|UT|Z|[ECMP][DS]T|[+-]\d{2}(?::?\d{2})?|[A-IL-Y])",
}
_READ = {key: re.compile(text, re.ASCII | re.IGNORECASE) for key, text in _PATTERNS.items()}
_MODIFIERS = "EO"
_EPOCH = "%s"


def unknown(form: str) -> tuple[str, ...]:
    """The directives of a time format that the agent does not know."""
    known = {*_NUMBERS, *_SHORT, *_PATTERNS, "%"}
    found = re.findall(rf"%[{_MODIFIERS}]?(.?)", form, re.DOTALL)
    wrong = [f"%{letter}" for letter in found if letter not in known]
    if "s" in found and form != _EPOCH:
        wrong.append(f"{_EPOCH} beside others")
    return tuple(dict.fromkeys(wrong))


def reads(form: str, text: str) -> bool:
    """Whether the text begins with a time of that format."""
    return _read(form, text, 0) is not None


def _read(form: str, text: str, at: int) -> int | None:
    """Where the time ends, None where it is none."""
    rest = iter(form)
    for char in rest:
        if char.isspace():
            at += len(text[at:]) - len(text[at:].lstrip())
        elif char != "%":
            if text[at : at + 1] != char:
                return None
            at += 1
        else:
            letter = next(rest, "")
            letter = next(rest, "") if letter in _MODIFIERS and letter else letter
            after = _directive(letter, text, at)
            if after is None:
                return None
            at = after
    return at


def _directive(letter: str, text: str, at: int) -> int | None:
    if letter in _SHORT:
        return _read(_SHORT[letter], text, at)
    if letter in _NUMBERS:
        return _number(text, at, *_NUMBERS[letter])
    if letter in _READ:
        found = _READ[letter].match(text, at)
        return found.end() if found else None
    return at + 1 if letter == "%" and text[at : at + 1] == "%" else None


def _number(text: str, at: int, low: int, high: int) -> int | None:
    """Digits, as many as the largest number has, and only while it is not surpassed."""
    value, begin = 0, at
    for char in text[at : at + len(str(high))]:
        if char not in "0123456789" or (at > begin and value * 10 > high):
            break
        value, at = value * 10 + int(char), at + 1
    return at if at > begin and low <= value <= high else None
