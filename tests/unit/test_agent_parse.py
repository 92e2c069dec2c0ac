"""From a line to fields and time."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sandbox.hosts.parse import line_rule
from tests.unit.agent_kit import NOON

LINE = '2026-11-22 14:03:05,123 INFO order-service seq=00000042 host=h1 msg="订单"'
ORDER: dict[str, Any] = {
    "logType": "common_reg_log",
    "regex": r"(\d+-\d+-\d+ \d+:\d+:\d+),(\d+) (\w+) (\S+) (.*)",
    "key": ["time", "ms", "level", "service", "message"],
    "timeKey": "time",
    "timeFormat": "%Y-%m-%d %H:%M:%S",
}
MOMENT = int(time.mktime((2026, 11, 22, 14, 3, 5, 0, 0, -1)))


def one(detail: dict[str, Any], raw: bytes, now: float = NOON) -> Any:
    return line_rule(detail).read(raw, now)


def read(line: str | bytes, now: float = MOMENT + 1.0, **wanted: Any) -> Any:
    raw = line if isinstance(line, bytes) else line.encode()
    return line_rule({**ORDER, **wanted}).read(raw, now)


def test_a_full_regex_names_every_group() -> None:
    when, fields = read(LINE).log

    assert when == MOMENT
    assert fields == {
        "time": "2026-11-22 14:03:05",
        "ms": "123",
        "level": "INFO",
        "service": "order-service",
        "message": 'seq=00000042 host=h1 msg="订单"',
    }


def test_simple_mode_keeps_the_whole_line_under_content_at_the_time_of_reading() -> None:
    detail = {"logType": "common_reg_log"}

    assert one(detail, b"any  line ", NOON + 0.9).log == (int(NOON), {"content": "any  line "})


def test_an_unmatched_line_is_dropped_unless_the_config_keeps_it() -> None:
    dropped, kept = read("what?"), read("what?", discardUnmatch=False)

    assert dropped.log is None
    assert kept.log == (MOMENT + 1, {"__raw_log__": "what?"})
    assert dropped.alarm == kept.alarm == "REGEX_MATCH_ALARM"


def test_the_whole_line_must_match() -> None:
    assert read("x " + LINE).log is None
    assert read("two words", regex=r"(\w+)", key=["first"]).log is None


def test_a_dot_takes_line_breaks_and_anchors_stand_at_each_line() -> None:
    fields = read("2026-11-22 14:03:05 ERROR boom\n  at Shop", regex=r"(\S+ \S+) (\w+) (.*)",
                  key=["time", "level", "message"]).log[1]  # fmt: skip
    parted = read("one\ntwo", regex=r"(\w+)$\n^(\w+)", key=["a", "b"])

    assert fields["message"] == "boom\n  at Shop"
    assert parted.log[1] == {"a": "one", "b": "two"}


def test_fewer_groups_than_keys_match_nothing() -> None:
    assert read(LINE, key=[*ORDER["key"], "more"]).log is None


def test_more_groups_than_keys_are_left_out() -> None:
    assert set(read(LINE, key=["time"]).log[1]) == {"time"}


def test_a_time_may_be_followed_by_more_than_the_format_reads() -> None:
    regex = r"(\S+ \S+) (\w+) (.*)"

    assert read(LINE, regex=regex, key=["time", "level", "rest"]).log[0] == MOMENT


def test_a_line_whose_time_cannot_be_read_carries_the_time_of_reading() -> None:
    outcome = read(LINE, timeFormat="%d/%m/%Y")

    assert outcome.log[0] == MOMENT + 1
    assert outcome.alarm == "PARSE_TIME_FAIL_ALARM"


def test_a_line_older_than_twelve_hours_is_dropped_and_one_not_older_is_kept() -> None:
    too_old = read(LINE, now=MOMENT + 12 * 3600 + 1)

    assert too_old.log is None
    assert too_old.alarm == "OUTDATED_LOG_ALARM"
    assert read(LINE, now=MOMENT + 12 * 3600.0).log[0] == MOMENT


def test_a_time_zone_of_the_config_replaces_the_hosts() -> None:
    zoned = read(LINE, adjustTimezone=True, logTimezone="GMT+08:00", now=0.0)

    assert zoned.log[0] == 1795327385


def test_the_raw_line_comes_along_where_asked_for() -> None:
    assert read(LINE, enableRawLog=True).log[1]["__raw__"] == LINE


def test_bytes_that_are_no_utf8_become_blanks() -> None:
    detail = {"logType": "common_reg_log"}

    assert one(detail, b"a\xffb").log == (int(NOON), {"content": "a b"})


def test_gbk_is_read_as_gbk() -> None:
    detail = {"logType": "common_reg_log", "fileEncoding": "gbk"}

    assert one(detail, "订单".encode("gbk")).log[1] == {"content": "订单"}


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ('{"a": "x", "n": 7, "o": {"k": [1, 2]}}', {"a": "x", "n": "7", "o": '{"k":[1,2]}'}),
        ("[1]", None),
        ("{", None),
    ],
)
def test_json_mode_takes_the_top_level(line: str, fields: dict[str, str] | None) -> None:
    outcome = one({"logType": "json_log"}, line.encode())

    assert (outcome.log[1] if outcome.log else None) == fields


def test_delimiter_mode_names_columns_and_honours_quotes() -> None:
    detail = {"logType": "delimiter_log", "separator": "|", "quote": "'", "key": ["a", "b"]}

    assert one(detail, b"1|'2|3'").log[1] == {"a": "1", "b": "2|3"}
    assert one(detail, b"1").log is None


def test_delimiter_mode_extends_and_accepts_fewer_where_told() -> None:
    told = {"autoExtend": True, "acceptNoEnoughKeys": True}
    detail = {"logType": "delimiter_log", "separator": ",", "key": ["a", "b"], **told}

    assert one(detail, b"1,2,3").log[1] == {
        "a": "1",
        "b": "2",
        "__column2__": "3",
    }
    assert one(detail, b"1").log[1] == {"a": "1"}
