"""Processors that turn the text of a record into fields: regex and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.hosts.line import CONTENT, OFFSET, Fields, Line
from sandbox.hosts.refusal import NotCollectable

FindFields = Callable[[str], Fields | None]

UNMATCHED = "__raw_log__"  # CommonParserOptions.cpp, legacyUnmatchedRawLogKey
RAW = "__raw__"
WHOLE_LINE = "(.*)"


@dataclass(frozen=True)
class Parse:
    """Finds fields in one field; where it finds none, the names under which the text is kept.

    Source: CommonParserOptions.cpp (3.x), ProcessorParseRegexNative.cpp of 1.8.8 (discardUnmatch,
    `__raw_log__`, `__raw__`).
    """

    find: FindFields
    alarm: str
    source: str = CONTENT
    kept_found: tuple[str, ...] = ()
    kept_unmatched: tuple[str, ...] = ()

    def __call__(self, line: Line) -> None:
        """Replace the source field by what is in it."""
        text = line.fields.get(self.source)
        if text is None:
            return
        found = self.find(text)
        del line.fields[self.source]
        line.fields |= found or {}
        for name in self.kept_unmatched if found is None else self.kept_found:
            line.fields.setdefault(name, text)
        if found is None:
            line.complain(self.alarm)
            line.dropped = not self.kept_unmatched and line.fields.keys() <= {OFFSET}


def regex_fields(regex: str, keys: list[str]) -> FindFields:
    """Match the whole text, with a group for every key. Source: ProcessorParseRegexNative.cpp.

    Keys may come as one text with commas, as old consoles wrote them.
    """
    if len(keys) == 1 and "," in keys[0]:
        keys = keys[0].split(",")
    if regex == WHOLE_LINE:
        return lambda text: {keys[0] if keys else CONTENT: text}
    pattern = compiled(regex)
    if pattern.groups < len(keys):
        return lambda _text: None

    def fields(text: str) -> Fields | None:
        found = pattern.fullmatch(text)
        if not found:
            return None
        return dict(zip(keys, (group or "" for group in found.groups()), strict=False))

    return fields


def compiled(regex: str) -> re.Pattern[str]:
    """Return a pattern of a config; NotCollectable where it is none.

    To boost `.` takes line breaks too, and `^` and `$` stand at each line's ends: the agent asks it
    with match_default (core/common/StringTools.cpp, BoostRegexMatch).
    """
    try:
        return re.compile(regex, re.ASCII | re.DOTALL | re.MULTILINE)
    except re.error as error:
        raise NotCollectable(f"regex {regex!r} does not compile: {error}") from error


def json_fields(text: str) -> Fields | None:
    """Make every top-level value a field, as text. Source: ProcessorParseJsonNative.cpp."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    return {key: _json_text(value) for key, value in found.items()}


def _json_text(value: object) -> str:
    """Write a value as RapidjsonValueToString does: null is nothing, a fraction has six digits."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:f}"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
