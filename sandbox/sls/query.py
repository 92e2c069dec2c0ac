"""The part of the search language that is understood: `*`, terms, and `key: value`, all and-ed.

Whatever else a query says is refused by name; it is never read as something weaker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sandbox.sls import errors
from sandbox.sls.tape import Group

DELIMITERS = tuple(", '\";=()[]{}?@&<>/:\n\t\r")
_PART = re.compile(
    r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[^\s"():|<>=\[\]]+)|(?P<mark>\S))'
)
_SYSTEM = ("__source__", "__topic__")


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
    parts = _parts(text)
    found: list[Condition] = []
    while parts:
        if condition := _take_item(parts):
            found.append(condition)
        if parts and _is_and(parts[0]):
            parts.pop(0)
            if not parts:
                raise _not_understood("a query that ends with 'and'")
    return tuple(found)


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
    return value is not None and _has(value, condition.value, index.get("line") or {})


def line_holds(condition: Condition, fields: Mapping[str, str], index: Mapping[str, Any]) -> bool:
    """Whether a line has what the condition demands, as far as the index covers it."""
    keys, line = index.get("keys", {}), index.get("line")
    if condition.key:
        return condition.key in fields and _key_holds(condition, fields, keys)
    if line is not None:
        return any(_has(value, condition.value, line) for value in fields.values())
    texts = {name: key for name, key in keys.items() if key["type"] == "text"}
    return any(_has(fields.get(name, ""), condition.value, key) for name, key in texts.items())


def _key_holds(
    condition: Condition, fields: Mapping[str, str], keys: Mapping[str, Mapping[str, Any]]
) -> bool:
    key = keys.get(condition.key)
    if key is None:
        return False
    if key["type"] in ("long", "double"):
        return _number(fields[condition.key]) == _number(condition.value)
    return _has(fields[condition.key], condition.value, key)


def _has(value: str, wanted: str, rule: Mapping[str, Any]) -> bool:
    tokens = _tokens(wanted, tuple(rule.get("token", DELIMITERS)), rule.get("caseSensitive", False))
    return bool(tokens) and all(token.search(value) for token in tokens)


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


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _parts(text: str) -> list[_Part]:
    return [
        _Part(match[str(match.lastgroup)], str(match.lastgroup))
        for match in _PART.finditer(text.strip())
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
        return re.sub(r"\\(.)", r"\1", part.text)
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
