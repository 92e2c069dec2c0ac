"""What is said about one config: its JSON, its regexes, its sample, its paths and its input."""

from __future__ import annotations

from typing import Any

import pytest

from tests.shapes import SHAPES
from tests.unit.lint_kit import (
    FIELDS,
    REGEX,
    SAMPLE,
    classic,
    errors,
    judged,
    lines,
    pipeline,
    warnings,
)
from workflows.collection import facts_of
from workflows.lint import Level

SHOP = "config shop"
NATIVE = {"Type": "processor_parse_regex_native", "SourceKey": "content", "Regex": REGEX}
PARSE = NATIVE | {"Keys": ["time", "level", "message"]}


def test_a_config_without_a_fault_has_no_findings() -> None:
    assert judged(samples=[lines(FIELDS, FIELDS)]) == ()


def test_a_pipeline_without_a_fault_has_no_findings() -> None:
    timing = {
        "Type": "processor_parse_timestamp_native",
        "SourceKey": "time",
        "SourceFormat": "%Y-%m-%d %H:%M:%S",
    }

    assert judged(pipeline(PARSE, timing), samples=[lines(FIELDS)]) == ()


@pytest.mark.parametrize("claim", SHAPES)
def test_no_config_as_it_is_met_is_refused_but_for_a_reason(claim: str) -> None:
    reasons = {"windows paths": [(SHOP, "inputDetail.logPath")]}
    found = judged({"configName": "shop", **SHAPES[claim]})

    assert errors(found) in ([], reasons.get(claim))


@pytest.mark.parametrize(
    ("detail", "path", "says"),
    [
        ({"regex": "(a"}, "inputDetail.regex", "`(` at character 1 is never closed"),
        ({"regex": "(.*) (.*)"}, "inputDetail.key", "2 groups in the regex, 3 keys: no line"),
        ({"filterRegex": ["+"], "filterKey": ["x"]}, "inputDetail.filterRegex[0]", "to repeat"),
        (
            {"advanced": {"filter_expression": {"operands": [{"exp": "a"}, {"exp": "(b"}]}}},
            "inputDetail.advanced.filter_expression.operands[1].exp",
            "never closed",
        ),
        ({"timeFormat": "%Y-%Q"}, "inputDetail.timeFormat", "does not know %Q"),
        ({"logPath": "var/log"}, "inputDetail.logPath", "does not begin with /"),
        ({"logPath": "C:\\logs"}, "inputDetail.logPath", "a path of Windows"),
        ({"filePattern": "a/*.log"}, "inputDetail.filePattern", "is no pattern of a file's name"),
        (
            {"sensitive_keys": [{"regex_begin": "(?=x)", "regex_content": "y"}]},
            "inputDetail.sensitive_keys[0].regex_begin",
            "read by RE2",
        ),
    ],
)
def test_what_is_surely_wrong_is_an_error_at_its_field(
    detail: dict[str, Any], path: str, says: str
) -> None:
    found = [one for one in judged(classic(sample="", **detail)) if one.level is Level.ERROR]

    assert [(one.thing, one.path) for one in found] == [(SHOP, path)]
    assert says in found[0].text
    assert found[0].hint


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (pipeline(PARSE | {"Regex": "(a"}), "processors[0].Regex"),
        (pipeline(PARSE | {"Keys": ["a", "b", "c", "d"]}), "processors[0].Keys"),
        (pipeline(FilePaths=["/a/b", "c/d"]), "inputs[0].FilePaths[1]"),
        (pipeline(FilePaths=["/a/"]), "inputs[0].FilePaths[0]"),
        (pipeline(FilePaths=[]), "inputs[0].FilePaths"),
    ],
)
def test_a_pipelines_fault_is_an_error_at_its_field_too(body: dict[str, Any], path: str) -> None:
    assert errors(judged(body)) == [(SHOP, path)]


@pytest.mark.parametrize(
    ("detail", "path", "says"),
    [
        ({"regex": REGEX + "(x?)"}, "inputDetail.key", "4 groups in the regex, 3 keys"),
        ({"key": ["a", "a", "time"]}, "inputDetail.key", "key a is there twice"),
        ({"regex": "(.*)-(.*) END (x)"}, "inputDetail.regex", "time grows with the square"),
        ({"regex": r"(?|(\d)|(a)) (b) (c)"}, "inputDetail.regex", "is not understood here"),
        ({"timeFormat": "%s.%f"}, "inputDetail.timeFormat", "%s beside others"),
        ({"timeKey": "when"}, "inputDetail.timeFormat", "no key is called when"),
        ({"logPath": "/var/log/[ab]"}, "inputDetail.logPath", "brackets in /var/log/[ab]"),
        ({"logPath": "/var/**"}, "inputDetail.logPath", "maxDepth"),
        ({"dockerFile": True}, "", "files inside of containers"),
        ({"logBeginRegex": "[a"}, "inputDetail.logBeginRegex", "the agent goes on without it"),
        ({"topicFormat": "/var/(.*"}, "inputDetail.topicFormat", "the agent goes on without it"),
        ({"regex": "(a+)+(b) (c)"}, "inputDetail.regex", "each further character doubles"),
        ({"regex": r"([\u4e00-\u9fa5]+) ([\w-.]+) (.*)"}, "inputDetail.regex", "boost refuses"),
        ({"separator": 5}, "inputDetail.separator", "it is not text"),
        ({"filterKey": ["a", 1]}, "inputDetail.filterKey", "it is not a list of texts"),
        ({"maxDepth": -1}, "inputDetail.maxDepth", "0 to 1000"),
        ({"maxDepth": "10"}, "inputDetail.maxDepth", "0 to 1000"),
        ({"logPath": "${LOGS}/shop"}, "inputDetail.logPath", "known to each host's agent alone"),
        ({"timeFormat": "%Y-%-m-%d"}, "inputDetail.timeFormat", "%-"),
    ],
)
def test_what_may_be_meant_is_a_warning_at_its_field(
    detail: dict[str, Any], path: str, says: str
) -> None:
    found = judged(classic(sample="", **detail))

    assert errors(found) == []
    assert [one for one in found if one.path == path and says in one.text and one.hint]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (pipeline(FilePaths=["/a/**/b/*.log"]), "inputs[0].FilePaths[0]"),
        (pipeline(FilePaths=["/a/**.log"]), "inputs[0].FilePaths[0]"),
        (pipeline(MaxDirSearchDepth="many"), "inputs[0].MaxDirSearchDepth"),
        (pipeline(Multiline={"StartPattern": "(?<=a*)b"}), "inputs[0].Multiline.StartPattern"),
        (
            pipeline() | {"global": {"TopicType": "filepath", "TopicFormat": "["}},
            "global.TopicFormat",
        ),
        (pipeline() | {"processors": {}}, "processors"),
    ],
)
def test_what_a_pipelines_agent_lives_with_is_a_warning(body: dict[str, Any], path: str) -> None:
    found = judged(body)

    assert errors(found) == []
    assert (SHOP, path) in warnings(found)


def test_a_project_that_a_config_names_and_does_not_lie_in_is_a_warning() -> None:
    output = {"logstoreName": "app", "projectName": "shop-c"}
    flushers = [{"Type": "flusher_sls", "Logstore": "app", "Project": "shop-c"}]

    assert warnings(judged(classic() | {"outputDetail": output})) == [
        (SHOP, "outputDetail.projectName")
    ]
    assert warnings(judged(pipeline(PARSE) | {"flushers": flushers})) == [
        (SHOP, "flushers[0].Project")
    ]
    assert judged(classic() | {"outputDetail": output | {"projectName": "shop-b"}}) == ()


def test_keys_as_one_text_with_commas_are_counted_one_by_one() -> None:
    body = classic(key=["time,level,message"])

    assert judged(body) == ()
    assert facts_of.own_time(body)
    assert facts_of.keys(body) == ("time", "level", "message")


def test_a_sample_that_does_not_match_is_a_warning_and_says_what_is_thrown_away() -> None:
    found = judged(classic(sample="no match", discardUnmatch=True))

    assert warnings(found) == [(SHOP, "inputDetail.discardUnmatch"), (SHOP, "logSample")]
    assert errors(found) == []


def test_of_an_outdated_sample_it_is_said_that_lines_are_parsed() -> None:
    found = judged(classic(sample="no match"), samples=[lines(FIELDS)])

    assert warnings(found) == [(SHOP, "logSample")]
    assert "though lines that came of late do" in found[0].text


@pytest.mark.parametrize(
    ("begin", "found"),
    [
        (r"\d+-\d+-\d+ .*", []),
        (r"\[\d+", [(SHOP, "logSample")]),
    ],
)
def test_a_sample_of_several_lines_must_begin_as_records_do(
    begin: str, found: list[tuple[str, str]]
) -> None:
    sample = f"{SAMPLE}\n  at com.example.Shop\n"

    assert warnings(judged(classic(sample=sample, logBeginRegex=begin))) == found


def test_of_a_sample_of_several_records_the_first_is_tried() -> None:
    detail = {"logBeginRegex": r"\d+-\d+-\d+ .*", "regex": r"(\S+ \S+) (\w+) ([^:]*)"}

    assert judged(classic(sample=f"{SAMPLE}\n  at Shop\n{SAMPLE}: a", **detail)) == ()
    assert judged(classic(sample=f"{SAMPLE}\n  at Shop: a\n{SAMPLE}", **detail)) != ()


def test_a_begin_that_old_agents_would_not_find_is_a_warning() -> None:
    found = judged(classic(logBeginRegex=r"\d+-\d+"))

    assert "agents before 3.0" in found[0].text
    assert warnings(found) == [(SHOP, "logSample")]


def test_a_sample_is_never_tried_with_a_regex_that_might_not_end() -> None:
    found = judged(classic(sample="a" * 5000, regex="(a+)+(b) (c)"))

    assert warnings(found) == [(SHOP, "inputDetail.regex")]
    assert "was not tried with the regex" in found[1].text


def test_lines_that_were_not_parsed_are_counted() -> None:
    raw = {"__raw_log__": "?"}
    found = judged(samples=[lines(FIELDS, raw, FIELDS), lines(raw, {"content": "??"})])

    assert warnings(found) == [(SHOP, "inputDetail.regex")]
    assert found[0].text == "3 of 5 lines that came of late were not parsed"


def test_a_key_that_no_line_has_is_named() -> None:
    found = judged(samples=[lines({"time": FIELDS["time"], "message": "x"})])

    assert found[0].text == "level is in none of 1 parsed lines that came of late"


def test_a_key_that_a_later_processor_may_have_dropped_is_not_missed() -> None:
    body = pipeline(PARSE, {"Type": "processor_drop", "DropKeys": ["level"]})

    assert judged(body, samples=[lines({"time": "x", "message": "y"})]) == ()


def test_whole_lines_that_were_kept_are_matched_once_more() -> None:
    found = judged(samples=[lines(FIELDS | {"__raw__": "other"}, FIELDS | {"__raw__": SAMPLE})])

    assert "does not match 1 of 2 lines" in found[0].text


def test_times_that_do_not_read_are_counted_and_not_quoted() -> None:
    found = judged(samples=[lines(FIELDS, FIELDS | {"time": "secret"})])

    assert [(one.level, one.path) for one in found] == [(Level.WARNING, "inputDetail.timeFormat")]
    assert found[0].text.startswith("1 of 2 lines")
    assert "secret" not in found[0].text


def test_of_several_configs_each_is_judged_by_the_lines_of_its_own_files() -> None:
    other = classic("cart", logPath="/var/log/cart", regex=r"(\d+) (a)", key=["x", "y"], sample="")
    found = judged(
        classic(), other, samples=[lines(FIELDS), lines({"x": "1"}, path="/var/log/cart/app.log")]
    )

    assert [(one.thing, one.text) for one in found if "none of" in one.text] == [
        ("config cart", "y is in none of 1 parsed lines that came of late")
    ]


def test_fields_that_nobody_knows_are_noted_with_their_paths() -> None:
    body = classic(future=1) | {"tomorrow": {}}
    (found,) = judged(body)

    assert (found.level, found.path) == (Level.NOTE, "")
    assert found.text == "not documented: inputDetail.future, tomorrow"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (SHAPES["what containers print"], "stdout"),
        (SHAPES["what containers print, native"], "stdout"),
        (SHAPES["syslog with a tag"], "waits for what is sent"),
        (SHAPES["figures of the host"], "measures"),
        (SHAPES["rows of a database, by a checkpoint"], "something else than growing files"),
    ],
)
def test_what_proof_and_roll_back_do_not_cover_is_a_warning_with_its_reason(
    body: dict[str, Any], says: str
) -> None:
    assert [one for one in judged(body) if one.level is Level.WARNING and says in one.text]
