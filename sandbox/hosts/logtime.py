"""The time in a line: from text and format to epoch seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from sandbox.hosts.refusal import NotCollectable

OFFSET = re.compile(r"GMT([+-])(\d\d):(\d\d)")
LEFT_OVER = "unconverted data remains: "


@dataclass(frozen=True)
class TimeRule:
    """Which field holds a line's time, in which format, in which zone (None: the host's)."""

    key: str
    format: str
    zone: timezone | None = None

    def seconds(self, text: str) -> int | None:
        """Return epoch seconds, or None where `text` does not begin with a time of the format."""
        return _seconds(text, self.format, self.zone)


def time_rule(detail: dict[str, Any]) -> TimeRule | None:
    """Return the rule of an inputDetail, None where lines carry the time of reading.

    An absent timeKey means `time`. Source: CommonRegLogFileReader.cpp.
    """
    form = detail.get("timeFormat")
    if not form:
        return None
    rule = TimeRule(detail.get("timeKey") or "time", form, _zone(detail))
    try:
        datetime.strptime("", form)  # noqa: DTZ007 - only the format is tried
    except ValueError as error:
        if "does not match format" not in str(error):
            raise NotCollectable(f"timeFormat {form!r} is not understood here: {error}") from error
    return rule


def _zone(detail: dict[str, Any]) -> timezone | None:
    if not detail.get("adjustTimezone"):
        return None
    found = OFFSET.fullmatch(detail.get("logTimezone") or "")
    if not found:
        raise NotCollectable(f"logTimezone {detail.get('logTimezone')!r} is not GMT+HH:MM")
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(ahead if found[1] == "+" else -ahead)


# Lines of one second share one text, so a handful of remembered answers spares nearly all parsing.
@lru_cache(maxsize=256)
def _seconds(text: str, form: str, zone: timezone | None) -> int | None:
    try:
        moment = datetime.strptime(text, form)  # noqa: DTZ007 - the host's own zone by default
    except ValueError as error:
        # The agent's strptime reads a prefix; Python's names the rest it would not read.
        if LEFT_OVER not in str(error):
            return None
        return _seconds(text.removesuffix(str(error).split(LEFT_OVER, 1)[1]), form, zone)
    return int((moment.replace(tzinfo=zone) if zone else moment).timestamp())
