"""What a config says about itself, in either form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.shapes import SHAPES
from tests.shapes.kit import file, files, pipeline, plugin
from tests.unit.collection_kit import JSON
from workflows.collection import facts_of
from workflows.collection.facts_of import Kind

QUESTIONS: tuple[Callable[[Any], Any], ...] = (
    facts_of.begin_regex, facts_of.destinations, facts_of.forceable, facts_of.forced,
    facts_of.in_container, facts_of.input_is_file, facts_of.input_type, facts_of.keys,
    facts_of.kind, facts_of.log_sample, facts_of.logstore, facts_of.own_time, facts_of.parsers,
    facts_of.paths, facts_of.regex, facts_of.time_format, facts_of.topic_from_group,
    facts_of.unknown_fields,
)  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "kind", "reads"),
    [
        ("an nginx access log", Kind.FULL_REGEX, "file"),
        ("simple mode with nothing but the key", Kind.SIMPLE, "file"),
        ("json with a time key", Kind.JSON, "file"),
        ("columns parted by a comma", Kind.DELIMITER, "file"),
        ("the apsara form", Kind.APSARA, "file"),
        ("syslog with a tag", Kind.SYSLOG, "syslog"),
        ("what containers print", Kind.CONTAINER_STDOUT, "service_docker_stdout"),
        ("the journal, of two units", Kind.PLUGIN, "service_journal"),
        ("lines as they are", Kind.PIPELINE, "input_file"),
        ("what containers print, native", Kind.PIPELINE, "input_container_stdio"),
    ],
)
def test_a_config_is_called_as_people_call_it(claim: str, kind: Kind, reads: str) -> None:
    assert (facts_of.kind(SHAPES[claim]), facts_of.input_type(SHAPES[claim])) == (kind, reads)
    assert facts_of.kind({"inputType": "smoke"}) is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("body", "own"),
    [
        (file("common_reg_log", key=["time", "msg"], timeFormat="%s"), True),
        (file("common_reg_log", key=["at"], timeFormat="%s"), False),
        (file("common_reg_log", key=["time"], timeFormat=""), False),
        (file("delimiter_log", key=["a", "t"], timeKey="t", timeFormat="%s"), True),
        (file("delimiter_log", key=["a"], timeKey="t", timeFormat="%s"), False),
        (file("json_log", timeKey="t", timeFormat="%s"), True),
        (file("json_log", timeFormat="%s"), False),
        (file("apsara_log"), True),
        (SHAPES["syslog with a tag"], False),
        (plugin("service_docker_stdout", {}, ("processor_strptime", {"SourceKey": "t"})), True),
        (plugin("service_docker_stdout", {}, ("processor_gotime", {"SetTime": False})), False),
        (plugin("service_journal", {"UseJournalEventTime": True}), True),
        (pipeline(files("/a"), {"Type": "processor_parse_timestamp_native"}), True),
        (pipeline(files("/a"), {"Type": "processor_spl", "Script": "* | where a=1"}), False),
        (SHAPES["spl"], True),
    ],
)
def test_a_line_has_a_time_of_its_own_only_where_the_config_reads_it(body: Any, own: bool) -> None:
    assert facts_of.own_time(body) is own


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        (file("json_log", "/a/*/b", "*.log", maxDepth=0), (("/a/*/b", "*.log", 0),)),
        (file("json_log", "/a", "x.log"), (("/a", "x.log", 1000),)),
        (pipeline(files("/a/**/*.log", "/b/c.log", MaxDirSearchDepth=4)),
         (("/a", "*.log", 4), ("/b", "c.log", 0))),
        (pipeline(files("/a.log")), (("/", "a.log", 0),)),
        (pipeline(files("C:\\logs\\a.log")), (("C:/logs", "a.log", 0),)),
        (SHAPES["what containers print"], ()),
    ],
)  # fmt: skip
def test_paths_are_folder_pattern_and_depth(body: Any, paths: Any) -> None:
    assert facts_of.paths(body) == paths


def test_what_parses_is_told_in_its_order_with_its_place() -> None:
    body = SHAPES["what pods print, parsed by a regex and trimmed"]
    (parser,) = facts_of.parsers(body)

    assert parser.at == "inputDetail.plugin.processors[0].detail"
    assert facts_of.keys(body) == parser.keys == ("time", "level", "msg")
    assert facts_of.regex(body) == parser.regex
    assert facts_of.keys(file("common_reg_log", key=["a", "a", "b"])) == ("a", "b")


def test_a_begin_and_a_time_are_found_in_every_form() -> None:
    begins = [facts_of.begin_regex(SHAPES[claim]) for claim in (
        "a java log with stack traces", "errors of one container, over many lines",
        "many lines by a start", "lines as they are",
    )]  # fmt: skip
    times = [facts_of.time_format(SHAPES[claim]) for claim in (
        "a time of the west, adjusted", "a regex and its time", "extended processors", "the apsara form",
    )]  # fmt: skip

    assert begins[1:] == [r"\d{4}-\d\d-\d\d .*", r"\d{4}-\d\d-\d\d.*", ""]
    assert times == ["%b %d %H:%M:%S", "%d/%b/%Y:%H:%M:%S", "%Y-%m-%dT%H:%M:%S", ""]


def test_flags_and_topics_are_read_in_both_forms() -> None:
    forced = {claim for claim, body in SHAPES.items() if facts_of.forced(body)}
    topics = {claim for claim, body in SHAPES.items() if facts_of.topic_from_group(body)}
    inside = {claim for claim, body in SHAPES.items() if facts_of.in_container(body)}

    assert not facts_of.forced(file("json_log", advanced={"force_multiconfig": False}))
    assert not facts_of.forced(pipeline(files("/a", AllowingIncludedByMultiConfigs="true")))
    assert forced == {
        "one that is forced in the source already", "one that is forced in the source, in a pipeline",
    }  # fmt: skip
    assert topics == {
        "the topic of the machine group", "the topic of the machine group, in a pipeline",
    }  # fmt: skip
    assert "files in containers, discovered" in inside
    assert "files in pods, with their labels as tags" in inside


def test_every_shape_that_is_not_of_tomorrow_is_documented_through_and_through() -> None:
    odd = {"an input that nobody has heard of", "numbers for a store of figures"}
    unknown = {
        claim for claim, body in SHAPES.items()
        if facts_of.unknown_fields({"configName": "c", "createTime": 1} | body)
    }  # fmt: skip

    assert {claim for claim in unknown if not claim.startswith("unknown ")} == odd
    assert {claim for claim in SHAPES if claim.startswith("unknown ")} <= unknown


def test_unknown_fields_of_other_objects_are_told_too() -> None:
    assert facts_of.unknown_fields({"logstoreName": "a", "ttl": 1, "new": 1}) == ("new",)
    assert facts_of.unknown_fields({"keys": {"a": {"type": "text", "new": 1}}}) == ("keys.a.new",)
    assert facts_of.unknown_fields({"groupName": "g", "groupAttribute": {"new": 1}}) == (
        "groupAttribute.new",
    )


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SHAPES)), st.data())
def test_no_question_fails_on_any_json(claim: str, data: st.DataObject) -> None:
    body: Any = SHAPES[claim]
    key = data.draw(st.sampled_from(sorted(body)))
    odd = data.draw(JSON)
    for changed in (body | {key: odd}, body | {key: {"plugin": odd, "inputs": odd}}, {key: odd}):
        assert len([question(changed) for question in QUESTIONS]) == len(QUESTIONS)
