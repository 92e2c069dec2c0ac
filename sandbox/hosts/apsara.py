"""The apsara_log kind: `[time] [LEVEL] [thread] [file:line] key:value …`, between tabs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.hosts.line import CONTENT, Fields, Line
from sandbox.hosts.logtime import TOO_OLD, TimeRule

MOST_BASE_FIELDS = 10
MICROSECONDS = 1_000_000
BASE = re.compile(r"\[([^\[\]]*)\](?=\t|\n|\Z)")
FRACTION = re.compile(r"\A.(\d{1,9})", re.DOTALL)


@dataclass(frozen=True)
class Apsara:
    """Reads one field of that kind. Source: ProcessorParseApsaraNative.cpp ProcessEvent."""

    time: TimeRule
    source: str = CONTENT
    kept_found: tuple[str, ...] = ()
    kept_unmatched: tuple[str, ...] = ()

    def __call__(self, line: Line) -> None:
        """Replace the source field by what is in it; without a time it does not match."""
        text = line.fields.get(self.source)
        if not text:
            return
        del line.fields[self.source]
        micro = self._microseconds(text, line.now)
        if micro is None:
            line.complain("PARSE_TIME_FAIL_ALARM")
            line.dropped = not self.kept_unmatched
        elif line.now - micro // MICROSECONDS > TOO_OLD:
            line.complain("OUTDATED_LOG_ALARM")
            line.dropped = True
        else:
            line.seconds = micro // MICROSECONDS
            line.fields |= apsara_fields(text) | {"microtime": str(micro)}
        for name in self.kept_unmatched if micro is None else self.kept_found:
            line.fields.setdefault(name, text)

    def _microseconds(self, text: str, now: float) -> int | None:
        """Return the time in brackets: epoch seconds that begin with 1, or a date and time.

        Source: ApsaraEasyReadLogTimeParser.
        """
        inside, closed, _ = text[1:].partition("]")
        if text[0] != "[" or not closed:
            return None
        if inside.startswith("1"):
            digits = re.match(r"(\d{1,10})(\d{0,6})\Z", inside)
            return int(digits[1]) * MICROSECONDS + _micro(digits[2]) if digits else None
        seconds = self.time.seconds(inside[:19], now)
        fraction = FRACTION.match(inside[19:])
        return seconds and seconds * MICROSECONDS + (_micro(fraction[1]) if fraction else 0)


def apsara_fields(text: str) -> Fields:
    """Return level, thread, file and line of the brackets, and the pairs after them.

    Source: ParseApsaraBaseFields: the first bracket of each look counts, the time's own is none.
    """
    fields: Fields = {}
    end = 0
    for count, found in enumerate(BASE.finditer(text)):
        if found.start() > end + 1 or count >= MOST_BASE_FIELDS:
            break
        end = found.end()
        if count:
            for name, value in _base(found[1]).items():
                fields.setdefault(name, value)
    pairs = (part.partition(":") for part in text[end:].split("\t"))
    return fields | {key: value for key, colon, value in pairs if colon}


def _base(value: str) -> Fields:
    if re.fullmatch(r"[A-Z]*", value):
        return {"__LEVEL__": value}
    if re.fullmatch(r"[0-9]*", value):
        return {"__THREAD__": value}
    if "/" not in value and "." not in value:
        return {}
    file, colon, number = value.partition(":")
    return {"__FILE__": file} | ({"__LINE__": number} if colon else {})


def _micro(digits: str) -> int:
    return int(digits[:6].ljust(6, "0"))
