"""From a line to fields: full regex, JSON and delimiter mode."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.hosts.logtime import TimeRule, time_rule
from sandbox.hosts.refusal import NotCollectable

if TYPE_CHECKING:
    from collections.abc import Iterable

Fields = dict[str, str]
FindFields = Callable[[str], Fields | None]

# `ilogtail_discard_interval`, ProcessorParseTimestampNative.cpp. Log times are real epoch seconds
# whatever the clock's speed, so this one duration is not scaled.
TOO_OLD = 12 * 3600
UNMATCHED = "__raw_log__"  # CommonParserOptions.cpp, legacyUnmatchedRawLogKey
RAW = "__raw__"
WHOLE_LINE = "(.*)"


@dataclass(frozen=True)
class Outcome:
    """A line as (epoch seconds, fields), or no log; and the kind of alarm it gave rise to."""

    log: tuple[int, Fields] | None
    alarm: str = ""


@dataclass(frozen=True)
class LineRule:
    """How one config reads a line."""

    fields: FindFields
    time: TimeRule | None
    keep_unmatched: bool
    keep_raw: bool
    encoding: str

    def text(self, raw: bytes) -> str:
        """Decode a line; what is not of the encoding becomes a blank (discardNonUtf8 false)."""
        return raw.decode(self.encoding, errors="replace").replace("\ufffd", " ")

    def read(self, raw: bytes, now: float) -> Outcome:
        """Return what becomes of one line that was read at `now`."""
        line = self.text(raw)
        fields = self.fields(line)
        if fields is None:
            return self._unmatched(line, now)
        if self.keep_raw:
            fields[RAW] = line
        return self._timed(fields, now)

    def _unmatched(self, line: str, now: float) -> Outcome:
        """Drop it or keep it whole. Source: LogParser.cpp AddUnmatchLog; discardUnmatch."""
        kept = (int(now), {UNMATCHED: line}) if self.keep_unmatched else None
        return Outcome(kept, "REGEX_MATCH_ALARM")

    def _timed(self, fields: Fields, now: float) -> Outcome:
        """Give it its own time or that of reading. Source: ProcessorParseTimestampNative.cpp."""
        if self.time is None or self.time.key not in fields:
            return Outcome((int(now), fields))
        seconds = self.time.seconds(fields[self.time.key])
        if seconds is None:
            return Outcome((int(now), fields), "PARSE_TIME_FAIL_ALARM")
        if now - seconds > TOO_OLD:
            return Outcome(None, "OUTDATED_LOG_ALARM")
        return Outcome((seconds, fields))


def line_rule(detail: dict[str, Any]) -> LineRule:
    """Return how an inputDetail wants its lines read; NotCollectable names what is not modelled."""
    kinds = {"common_reg_log": _regex, "json_log": _json, "delimiter_log": _delimiter}
    kind = kinds.get(detail.get("logType", ""))
    if kind is None:
        raise NotCollectable(f"logType {detail.get('logType')!r} is not modelled; use {[*kinds]}")
    encoding = (detail.get("fileEncoding") or "utf8").lower()
    if encoding not in ("utf8", "gbk"):
        raise NotCollectable(f"fileEncoding {encoding!r} is not modelled; use utf8 or gbk")
    return LineRule(
        fields=kind(detail),
        time=time_rule(detail),
        keep_unmatched=not detail.get("discardUnmatch", True),
        keep_raw=bool(detail.get("enableRawLog")),
        encoding=encoding,
    )


def _regex(detail: dict[str, Any]) -> FindFields:
    """Match the whole line, with a group for every key. ProcessorParseRegexNative.cpp."""
    keys = detail.get("key") or ["content"]
    regex = detail.get("regex") or WHOLE_LINE
    if regex == WHOLE_LINE:
        return lambda line: {keys[0]: line}
    pattern = _compiled(regex)
    if pattern.groups < len(keys):
        return lambda _line: None

    def fields(line: str) -> Fields | None:
        found = pattern.fullmatch(line)
        return dict(zip(keys, _texts(found.groups()), strict=False)) if found else None

    return fields


def _compiled(regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex, re.ASCII)
    except re.error as error:
        raise NotCollectable(f"regex {regex!r} does not compile: {error}") from error


def _texts(groups: Iterable[str | None]) -> list[str]:
    return [group or "" for group in groups]


def _json(_detail: dict[str, Any]) -> FindFields:
    """Make every top-level value a field, as text. ProcessorParseJsonNative.cpp."""

    def fields(line: str) -> Fields | None:
        try:
            found = json.loads(line)
        except ValueError:
            return None
        if not isinstance(found, dict):
            return None
        return {key: _json_text(value) for key, value in found.items()}

    return fields


def _json_text(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _delimiter(detail: dict[str, Any]) -> FindFields:
    """Name columns by their keys, more `__column_N__`. ProcessorParseDelimiterNative.cpp."""
    separator, quote = detail.get("separator", ""), detail.get("quote") or '"'
    if len(separator) != 1 or len(quote) != 1:
        raise NotCollectable(f"separator {separator!r} with quote {quote!r}: one character each")
    keys: list[str] = detail.get("key") or []
    extend, few = bool(detail.get("autoExtend")), bool(detail.get("acceptNoEnoughKeys"))

    def fields(line: str) -> Fields | None:
        columns = next(csv.reader([line], delimiter=separator, quotechar=quote), [])
        if len(columns) < len(keys) and not few:
            return None
        more = [f"__column_{at}__" for at in range(len(keys), len(columns))] if extend else []
        return dict(zip([*keys, *more], columns, strict=False))

    return fields
