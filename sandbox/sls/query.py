"""The part of the search language that is understood: `*`, terms, and `key: value`, all and-ed.

Whatever else a query says is refused by name; it is never read as something weaker.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sandbox.sls import errors
from sandbox.sls.tape import Group

DELIMITERS = tuple(", '\";=()[]{}?@&<>/:\n\t\r")
_PART = re.compile(
    r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[^\s"():|<>=\[\]]+)'
    # A quote that never ends goes with all that follows, or the rest would be read once for each.
    r'|(?P<open>"(?:[^"\\]|\\.)*\\?\Z)|(?P<mark>\S))',
    re.DOTALL,
)
_BAR = re.compile(r'(?P<search>(?:[^"|]|"(?:[^"\\]|\\.)*")*)\|', re.DOTALL)
MOST_KEYWORDS = 30  # as the help page on limits of queries has it
MOST_TEXT = 64 * 1024  # characters, with the statement; no query needs them, and all are looked at
_SYSTEM = ("__source__", "__topic__")


LineTest = Callable[[Mapping[str, str]], bool]


@dataclass(frozen=True)
class Condition:
    """One demand on a line; without a key the value may stand in any field."""

    key: str
    value: str

    @property
    def of_group(self) -> bool:
        """Whether it asks for something that all lines of a group share."""
        return self.key in _SYSTEM or self.key.startswith("__tag__:")


@dataclass(frozen=True)
class _Part:
    text: str
    kind: str


def parse(text: str) -> tuple[Condition, ...]:
    """The conditions of a query, none for `*` or nothing; raises ParameterInvalid."""
    _check_length(text)
    parts = _parts(text)
    found: list[Condition] = []
    while parts:
        if condition := _take_item(parts):
            found.append(condition)
        if parts and _is_and(parts[0]):
            parts.pop(0)
            if not parts:
                raise _not_understood("a query that ends with 'and'")
    if len(found) > MOST_KEYWORDS:
        raise errors.parameter(f"a query has at most {MOST_KEYWORDS} keywords, not {len(found)}")
    return tuple(found)


def split(text: str) -> tuple[str, str]:
    """The search before the first `|` outside quotes, and the SQL after it, which may be empty."""
    _check_length(text)
    bar = _BAR.match(text)
    if bar is None:
        return text, ""
    statement = text[bar.end() :].strip()
    if not statement:
        raise _not_understood("a query that ends with '|'")
    return bar["search"].strip(), statement


def check_types(conditions: Iterable[Condition], index: Mapping[str, Any]) -> None:
    """Refuse what the types of the indexed keys do not let us answer; raises ParameterInvalid."""
    for condition in conditions:
        kind = index.get("keys", {}).get(condition.key, {}).get("type")
        if kind == "json":
            raise _not_understood(f"a search in the json key {condition.key}")
        if kind in ("long", "double") and _number(condition.value) is None:
            raise errors.parameter(f"{condition.key} is a {kind}: {condition.value!r} is not")


def group_holds(condition: Condition, group: Group, index: Mapping[str, Any]) -> bool:
    """Whether a condition of the group's kind holds for all its lines."""
    if condition.key == "__source__":
        value: str | None = group.source
    elif condition.key == "__topic__":
        value = group.topic
    else:
        value = group.tags.get(condition.key.removeprefix("__tag__:"))
    return value is not None and _text_test(condition.value, index.get("line") or {})(value)


def line_test(conditions: Iterable[Condition], index: Mapping[str, Any]) -> LineTest:
    """Tells of a line's fields whether all conditions hold, as far as the index covers them."""
    tests = [_test(condition, index) for condition in conditions]
    if len(tests) == 1:
        return tests[0]
    return lambda fields: all(test(fields) for test in tests)


def _test(condition: Condition, index: Mapping[str, Any]) -> LineTest:
    keys, line, wanted = index.get("keys", {}), index.get("line"), condition.value
    if condition.key:
        return _key_test(condition, keys.get(condition.key))
    if line is not None:
        held = _text_test(wanted, line)
        return lambda fields: any(held(value) for value in fields.values())
    texts = {n: _text_test(wanted, key) for n, key in keys.items() if key["type"] == "text"}
    return lambda fields: any(held(fields.get(name, "")) for name, held in texts.items())


def _key_test(condition: Condition, key: Mapping[str, Any] | None) -> LineTest:
    name = condition.key
    if key is None:
        return lambda _: False
    if key["type"] in ("long", "double"):
        number = _number(condition.value)
        return lambda fields: name in fields and _number(fields[name]) == number
    held = _text_test(condition.value, key)
    return lambda fields: name in fields and held(fields[name])


def _text_test(wanted: str, rule: Mapping[str, Any]) -> Callable[[str], bool]:
    """Whether a value has all tokens of what is wanted."""
    tokens = _tokens(wanted, tuple(rule.get("token", DELIMITERS)), rule.get("caseSensitive", False))
    if len(tokens) == 1:
        return lambda value: tokens[0].search(value) is not None
    return lambda value: bool(tokens) and all(token.search(value) for token in tokens)


@lru_cache(maxsize=256)
def _tokens(
    text: str, delimiters: tuple[str, ...], case_sensitive: object
) -> tuple[re.Pattern[str], ...]:
    """A pattern for each token of a text, to be found between delimiters or the ends."""
    some = "".join(re.escape(delimiter) for delimiter in delimiters)
    words = re.split(f"[{some}]", text) if some else [text]
    before, after = (f"(?<![^{some}])", f"(?![^{some}])") if some else (r"\A", r"\Z")
    flags = re.NOFLAG if case_sensitive else re.IGNORECASE
    return tuple(re.compile(before + re.escape(w) + after, flags) for w in words if w)


def _check_length(text: str) -> None:
    if len(text) > MOST_TEXT:
        raise errors.parameter(f"a query has at most {MOST_TEXT} characters, not {len(text)}")


def _number(text: str) -> float | None:
    if "_" in text or not text.isascii():  # Python's own way with numbers
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _parts(text: str) -> list[_Part]:
    found = [(str(match.lastgroup), match) for match in _PART.finditer(text.strip())]
    return [
        _Part('"', "mark") if kind == "open" else _Part(match[kind], kind) for kind, match in found
    ]


def _take_item(parts: list[_Part]) -> Condition | None:
    first = _take_value(parts)
    if not _next_is_colon(parts):
        return None if first == _Part("*", "word") else Condition("", _plain(first))
    key = _plain(first)
    parts.pop(0)
    value = _take_value(parts)
    if key == "__tag__" and _next_is_colon(parts):
        key = f"__tag__:{_plain(value)}"
        parts.pop(0)
        value = _take_value(parts)
    return Condition(key, _plain(value))


def _take_value(parts: list[_Part]) -> _Part:
    if not parts:
        raise _not_understood("a key without a value")
    part = parts.pop(0)
    if part.kind == "mark":
        raise _not_understood(repr(part.text))
    if part.kind == "word" and part.text.lower() in ("and", "or", "not"):
        raise _not_understood(repr(part.text))
    return part


def _plain(part: _Part) -> str:
    if part.kind == "quoted":
        return re.sub(r"\\(.)", r"\1", part.text, flags=re.DOTALL)
    if "*" in part.text or "?" in part.text:
        raise _not_understood(f"the wildcard in {part.text!r}")
    return part.text


def _next_is_colon(parts: list[_Part]) -> bool:
    return bool(parts) and parts[0] == _Part(":", "mark")


def _is_and(part: _Part) -> bool:
    return part.kind == "word" and part.text.lower() == "and"


def _not_understood(what: str) -> errors.SlsError:
    can = "it knows '*', terms and 'key: value', joined by 'and'"
    return errors.parameter(f"{what} is not understood by this sandbox: {can}")
