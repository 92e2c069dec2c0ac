"""The time in a line: from text and format to epoch seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from sandbox.hosts.refusal import NotCollectable

# `ilogtail_discard_interval`, ProcessorParseTimestampNative.cpp. Log times are real epoch seconds
# whatever the clock's speed, so this one duration is not scaled.
TOO_OLD = 12 * 3600
OFFSET = re.compile(r"GMT([+-])(\d\d):(\d\d)")
LEFT_OVER = "unconverted data remains: "
EPOCH = "%s"
EPOCH_DIGITS = 10
NO_YEAR = 1900  # what Python sets where a format has none
YEAR_MARKS = ("%Y", "%y", "%c", "%D", "%F", "%G", "%x")
LAST_DAY, FIRST_DAY = (12, 31), (1, 1)


@dataclass(frozen=True)
class TimeRule:
    """Which field holds a line's time, in which format, in which zone (None: the host's).

    `year` is for formats without one: a number, 0 for the present year, None for none at all.
    """

    key: str
    format: str
    zone: timezone | None = None
    year: int | None = None

    def seconds(self, text: str, now: float = 0.0) -> int | None:
        """Return epoch seconds, or None where `text` does not begin with a time of the format.

        Without any year the time is of a year long past, as mktime makes it: -1.
        """
        if self.format == EPOCH:
            digits = re.match(r"\d+", text)
            return int(digits[0][:EPOCH_DIGITS]) if digits and int(digits[0]) else None
        moment = _moment(text, self.format)
        if moment is None:
            return None
        if moment.year == NO_YEAR and not any(mark in self.format for mark in YEAR_MARKS):
            if self.year is None:
                return -1
            moment = _in_year(moment, self.year, datetime.fromtimestamp(now, self.zone))
        return int((moment.replace(tzinfo=self.zone) if self.zone else moment).timestamp())


def time_rule(detail: dict[str, Any]) -> TimeRule | None:
    """Return the rule of an inputDetail, None where lines carry the time of reading.

    An absent timeKey means `time` in regex mode and no time in the others. Sources:
    CommonRegLogFileReader.cpp, JsonLogFileReader.cpp SetTimeKey, ConfigManagerBase.cpp.
    """
    form, key = detail.get("timeFormat"), detail.get("timeKey")
    if not key and detail.get("logType") == "common_reg_log":
        key = "time"
    if not form or not key:
        return None
    zone = time_zone(detail.get("logTimezone")) if detail.get("adjustTimezone") else None
    year = (detail.get("advanced") or {}).get("specified_year")
    return checked(TimeRule(key, form, zone, year))


def checked(rule: TimeRule) -> TimeRule:
    """Return the rule; NotCollectable where its format is not understood here."""
    try:
        datetime.strptime("", rule.format)  # noqa: DTZ007 - only the format is tried
    except ValueError as error:
        if rule.format != EPOCH and "does not match format" not in str(error):
            raise NotCollectable(
                f"time format {rule.format!r} (timeFormat) is not understood here: {error}"
            ) from error
    return rule


def time_zone(name: object) -> timezone:
    """Return the zone that is called like `GMT+08:00`."""
    found = OFFSET.fullmatch(str(name or ""))
    if not found:
        raise NotCollectable(f"time zone {name!r} is not GMT+HH:MM")
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(ahead if found[1] == "+" else -ahead)


def _in_year(moment: datetime, year: int, now: datetime) -> datetime:
    """Give a time its year; around New Year's Eve the nearer one. Source: TimeUtil.cpp DeduceYear."""
    if year:
        return moment.replace(year=year)
    day, today = (moment.month, moment.day), (now.month, now.day)
    turn = (day == FIRST_DAY and today == LAST_DAY) - (day == LAST_DAY and today == FIRST_DAY)
    return moment.replace(year=now.year + turn)


# Lines of one second share one text, so a handful of remembered answers spares nearly all parsing.
@lru_cache(maxsize=256)
def _moment(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - the host's own zone by default
    except ValueError as error:
        # The agent's strptime reads a prefix; Python's names the rest it would not read.
        if LEFT_OVER not in str(error):
            return None
        return _moment(text.removesuffix(str(error).split(LEFT_OVER, 1)[1]), form)
