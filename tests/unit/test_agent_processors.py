"""What processors make of one line."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sandbox.hosts.delimiter import quoted_columns
from sandbox.hosts.line import LineRule
from sandbox.hosts.parse import line_rule
from sandbox.hosts.processors import processor
from tests.unit.agent_kit import NOON

CONTENT: dict[str, Any] = {"SourceKey": "content"}


def native(kind: str, line: str, now: float = NOON, **options: Any) -> Any:
    steps = processor({"Type": f"processor_{kind}_native", **options})
    return LineRule(tuple(steps)).read(line.encode(), now)


def classic(line: str, now: float = NOON, **detail: Any) -> Any:
    return line_rule({"logType": "common_reg_log", **detail}).read(line.encode(), now)


def stamp(at: float, form: str) -> str:
    return time.strftime(form, time.localtime(at))


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("a|b", ["a", "b"]),
        ("|", ["", ""]),
        ("'a|b'|c", ["a|b", "c"]),
        ("'it''s'|x", ["it's", "x"]),
        ("a'b|c", None),
        ("'a'b|c", None),
        ("'a|b", None),
    ],
)
def test_quotes_keep_a_column_together_and_a_stray_one_spoils_the_line(
    line: str, columns: list[str] | None
) -> None:
    assert quoted_columns(line, "|", "'") == columns


@pytest.mark.parametrize(
    ("treatment", "more"),
    [("extend", {"__column1__": "2", "__column2__": "3"}), ("keep", {"__column1__": "&&2&&3"})],
)
def test_columns_beyond_the_keys_are_named_by_number_or_kept_as_one(
    treatment: str, more: dict[str, str]
) -> None:
    told: dict[str, Any] = {
        **CONTENT,
        "Separator": "&&",
        "Keys": ["a"],
        "OverflowedFieldsTreatment": treatment,
    }

    assert native("parse_delimiter", "1&&2&&3", **told).log[1] == {"a": "1"} | more


def test_discarded_columns_are_gone_and_so_are_those_called_underscore() -> None:
    told: dict[str, Any] = {**CONTENT, "Separator": ",", "OverflowedFieldsTreatment": "discard"}

    assert native("parse_delimiter", "1,2,3", Keys=["_", "b"], **told).log[1] == {"b": "2"}


def test_classic_columns_beyond_the_keys_are_kept_as_one_without_auto_extend() -> None:
    told: dict[str, Any] = {"logType": "delimiter_log", "separator": "\\t", "key": ["a"]}

    assert classic("1\t2\t3", autoExtend=False, **told).log[1] == {
        "a": "1",
        "__column1__": "\t2\t3",
    }
    assert classic("1\t2", **told).log[1] == {"a": "1", "__column1__": "2"}


def test_json_numbers_and_nothing_are_written_as_the_agent_does() -> None:
    read = native("parse_json", '{"i": 7, "f": 1.5, "n": null, "t": true}', **CONTENT)

    assert read.log[1] == {"i": "7", "f": "1.500000", "n": "", "t": "true"}


def test_a_text_that_does_not_parse_is_kept_as_the_options_say() -> None:
    kept: dict[str, Any] = {
        "KeepingSourceWhenParseFail": True,
        "RenamedSourceKey": "raw",
        "CopingRawLog": True,
    }
    dropped = native("parse_json", "{", **CONTENT)

    assert (dropped.log, dropped.alarm) == (None, "PARSE_LOG_FAIL_ALARM")
    assert native("parse_json", "{", **CONTENT, **kept).log[1] == {"raw": "{", "__raw_log__": "{"}


def test_the_source_is_kept_beside_its_fields_where_asked_for() -> None:
    read = native("parse_json", '{"a":1}', **CONTENT, KeepingSourceWhenParseSucceed=True)

    assert read.log[1] == {"a": "1", "content": '{"a":1}'}


def test_a_filter_lets_through_only_what_matches_in_every_field() -> None:
    told: dict[str, Any] = {
        "regex": r"(\w+) (\w+)",
        "key": ["level", "text"],
        "filterKey": ["level"],
    }

    assert classic("ERROR x", filterRegex=["ERR.*"], **told).log
    assert classic("INFO x", filterRegex=["ERR.*"], **told).log is None
    assert classic("ERROR x", filterRegex=["ERR"], **told).log is None
    assert classic("ERROR x", **told | {"filterKey": ["absent"]}, filterRegex=[".*"]).log is None


def test_a_secret_is_replaced_by_a_constant_or_its_md5() -> None:
    entry = {"key": "content", "regex_begin": "pin=", "regex_content": r"\d+", "all": True}
    constant = entry | {"type": "const", "const": "***"}
    line = "pin=1 and pin=22"

    assert classic(line, sensitive_keys=[constant]).log[1]["content"] == "pin=*** and pin=***"
    once = classic(line, sensitive_keys=[constant | {"all": False}])
    assert once.log[1]["content"] == "pin=*** and pin=22"
    hashed = classic("pin=1", sensitive_keys=[entry | {"type": "md5"}])
    assert hashed.log[1]["content"] == "pin=C4CA4238A0B923820DCC509A6F75849B"


def test_a_pipeline_masks_alike() -> None:
    told: dict[str, Any] = {
        **CONTENT,
        "Method": "const",
        "ReplacingString": "***",
        "ContentPatternBeforeReplacedString": "pin=",
        "ReplacedContentPattern": r"\d+",
    }

    assert native("desensitize", "pin=1 pin=2", **told).log[1] == {"content": "pin=*** pin=***"}


def test_a_time_in_a_field_of_json_counts_only_with_its_key_named() -> None:
    line = f'{{"at": "{stamp(NOON - 60, "%Y-%m-%d %H:%M:%S")}"}}'
    told: dict[str, Any] = {"logType": "json_log", "timeFormat": "%Y-%m-%d %H:%M:%S"}

    assert classic(line, **told, timeKey="at").log[0] == NOON - 60
    assert classic(line, **told).log[0] == NOON


def test_epoch_seconds_are_read_from_their_first_ten_digits() -> None:
    told: dict[str, Any] = {**CONTENT, "SourceFormat": "%s"}

    assert native("parse_timestamp", f"{int(NOON) - 5}123", **told).log[0] == NOON - 5


def test_a_format_without_a_year_needs_one_told_or_its_lines_are_dropped() -> None:
    line, told = stamp(NOON - 60, "%b %d %H:%M:%S"), {**CONTENT, "SourceFormat": "%b %d %H:%M:%S"}

    assert native("parse_timestamp", line, **told).alarm == "OUTDATED_LOG_ALARM"
    assert native("parse_timestamp", line, SourceYear=0, **told).log[0] == NOON - 60
    year = int(stamp(NOON, "%Y"))
    assert native("parse_timestamp", line, SourceYear=year, **told).log[0] == NOON - 60


def test_new_years_eve_read_on_new_years_day_is_last_year() -> None:
    midnight = time.mktime((2027, 1, 1, 0, 0, 5, 0, 0, -1))
    told: dict[str, Any] = {**CONTENT, "SourceFormat": "%m-%d %H:%M:%S", "SourceYear": 0}

    read = native("parse_timestamp", "12-31 23:59:59", midnight, **told)

    assert read.log[0] == midnight - 6


def test_an_apsara_line_names_its_parts() -> None:
    line = (
        f"[{stamp(NOON, '%Y-%m-%d %H:%M:%S')}.123456]\t[ERROR]\t[77]\t[/src/a.cpp:12]\tk:v:w\tx:y"
    )
    read = classic(line, logType="apsara_log")

    assert read.log == (
        NOON,
        {
            "__LEVEL__": "ERROR",
            "__THREAD__": "77",
            "__FILE__": "/src/a.cpp",
            "__LINE__": "12",
            "k": "v:w",
            "x": "y",
            "microtime": f"{int(NOON)}123456",
        },
    )


def test_an_apsara_line_may_tell_the_time_in_epoch_seconds_and_needs_one() -> None:
    told: dict[str, Any] = {"logType": "apsara_log"}
    lost = classic("no time", **told)

    assert classic(f"[{int(NOON)}]\tk:v", **told).log[0] == NOON
    assert (lost.log, lost.alarm) == (None, "PARSE_TIME_FAIL_ALARM")
    assert classic("no time", discardUnmatch=False, **told).log[1] == {"__raw_log__": "no time"}
    assert classic(f"[{int(NOON) - 50000}]\tk:v", **told).alarm == "OUTDATED_LOG_ALARM"


def test_the_raw_line_comes_under_its_own_name_matched_or_not() -> None:
    told: dict[str, Any] = {
        "regex": r"(\d+)",
        "key": ["n"],
        "enableRawLog": True,
        "discardUnmatch": False,
    }

    assert classic("7", advanced={"raw_log_tag": "raw"}, **told).log[1] == {"n": "7", "raw": "7"}
    assert classic("x", **told).log[1] == {"__raw_log__": "x", "__raw__": "x"}


def test_keys_in_one_text_are_several_keys() -> None:
    assert classic("1 2", regex=r"(\d) (\d)", key=["a,b"]).log[1] == {"a": "1", "b": "2"}
