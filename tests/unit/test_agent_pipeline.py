"""Pipeline configs: what they mean, and what of them is refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.hosts.matching import matches
from sandbox.hosts.refusal import NotCollectable
from sandbox.hosts.understand import read_config
from sandbox.sls.door import Delivered
from tests.unit.agent_kit import LOG, B, Bench, delivered

OLD, NEW = (3, 0, 5), (3, 3, 5)
REGEX = {
    "Type": "processor_parse_regex_native",
    "SourceKey": "content",
    "Regex": r"(\d+) (.*)",
    "Keys": ["n", "text"],
}


def pipeline(*processors: dict[str, Any], **wanted: Any) -> Delivered:
    """Return a pipeline; `body` and `flusher` change those, the rest the input."""
    more, flusher = wanted.pop("body", {}), wanted.pop("flusher", {})
    body = {
        "configName": "p",
        "inputs": [{"Type": "input_file", "FilePaths": ["/var/log/app-b/*.log"], **wanted}],
        "processors": list(processors),
        "flushers": [{"Type": "flusher_sls", "Logstore": "store", **flusher}],
    }
    return Delivered("project-b", "p", B, body | more, 100)


def test_a_pipeline_collects_as_its_classic_twin_does(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("1 one\nnot\n2 two\n")
    twin = delivered("twin", regex=r"(\d+) (.*)", key=["n", "text"], created=200)
    twin.body["inputDetail"]["advanced"] = {"force_multiconfig": True}
    bench.deliver(pipeline(REGEX), twin)

    assert bench.door.fields("store") == bench.door.fields("twin-store")
    assert bench.door.fields("store") == [{"n": "1", "text": "one"}, {"n": "2", "text": "two"}]


def test_inputs_options_mean_what_the_classic_ones_mean() -> None:
    config = read_config(
        pipeline(
            TailSizeKB=3,
            TailingAllMatchedFiles=True,
            AllowingIncludedByMultiConfigs=True,
            AppendingLogPositionMeta=True,
            FileEncoding="GBK",
            Multiline={
                "Mode": "custom",
                "StartPattern": "B",
                "UnmatchedContentTreatment": "discard",
            },
        )
    )

    assert (config.tail_bytes, config.tail_all, config.forced) == (3072, True, True)
    assert (config.position_meta, config.rule.encoding) == (True, "gbk")
    assert config.records.of_several_lines
    assert not config.records.keep_unmatched
    assert (config.key, config.logstore) == ("##1.0##project-b$p", "store")


def test_a_depth_counts_only_below_two_asterisks() -> None:
    flat = read_config(pipeline(MaxDirSearchDepth=5))
    deep = read_config(pipeline(FilePaths=["/var/log/**/*.log"], MaxDirSearchDepth=1))
    bare = read_config(pipeline(FilePaths=["/var/log/**/*.log"]))

    assert not matches(flat, "/var/log/app-b/x/app.log")
    assert matches(deep, LOG)
    assert not matches(deep, "/var/log/app-b/x/app.log")
    assert not matches(bare, LOG)


def test_excluded_files_are_left_out() -> None:
    config = read_config(
        pipeline(
            FilePaths=["/var/log/**/*.log"],
            MaxDirSearchDepth=9,
            ExcludeFiles=["debug*"],
            ExcludeFilePaths=["/var/log/app-b/x.log"],
            ExcludeDirs=["/var/log/app-c"],
        )
    )
    seen = ("app-b/app.log", "app-b/debug.log", "app-b/x.log", "app-c/app.log")

    assert [matches(config, f"/var/log/{path}") for path in seen] == [True, False, False, False]


def test_several_paths_are_taken_from_3_2_6_on() -> None:
    paths = ["/var/log/app-b/*.log", "/srv/*.txt"]

    assert matches(read_config(pipeline(FilePaths=paths), NEW), "/srv/a.txt")
    with pytest.raises(NotCollectable, match="takes 1"):
        read_config(pipeline(FilePaths=paths), OLD)


def test_a_continue_pattern_beside_both_others_does_not_count() -> None:
    three = {"StartPattern": "B", "ContinuePattern": "C", "EndPattern": "E"}
    config = read_config(pipeline(Multiline=three))
    alone = read_config(pipeline(Multiline={"ContinuePattern": "C"}))

    assert config.records.go_on is None
    assert config.records.end is not None
    assert not alone.records.of_several_lines


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ({"EnableContainerDiscovery": True}, "EnableContainerDiscovery"),
        ({"ContainerFilters": {"K8sPodRegex": "x"}}, "ContainerFilters"),
        ({"ReadDelaySkipThresholdBytes": 5}, "ReadDelaySkipThresholdBytes"),
        ({"EnableExactlyOnce": 2}, "EnableExactlyOnce"),
        ({"FileEncoding": "utf16"}, "utf16"),
        ({"FilePaths": ["logs/*.log"]}, "logs"),
        ({"FilePaths": []}, "0 paths"),
        ({"ExcludeDirs": ["x"]}, "ExcludeDirs"),
        ({"Multiline": {"Mode": "JSON"}}, "JSON"),
        ({"Multiline": {"StartPattern": "(("}}, "does not compile"),
        ({"TailingAllMatchedFiles": "yes"}, "TailingAllMatchedFiles"),
        ({"body": {"inputs": [{"Type": "input_container_stdio"}]}}, "input_container_stdio"),
        ({"body": {"inputs": [{"Type": "service_canal"}]}}, "service_canal"),
        ({"body": {"flushers": [{"Type": "flusher_kafka_v2"}]}}, "flusher_kafka_v2"),
        ({"body": {"aggregators": [{"Type": "aggregator_context"}]}}, "aggregators"),
        ({"body": {"global": {"EnableTimestampNanosecond": True}}}, "EnableTimestampNanosecond"),
        ({"body": {"global": {"TopicType": "weather"}}}, "weather"),
        ({"flusher": {"TelemetryType": "metrics"}}, "TelemetryType"),
        ({"flusher": {"Match": {"Type": "tag"}}}, "Match"),
    ],
)
def test_what_is_not_modelled_is_refused_by_name(wanted: dict[str, Any], named: str) -> None:
    with pytest.raises(NotCollectable, match=named):
        read_config(pipeline(**wanted))


@pytest.mark.parametrize(
    ("processor", "named"),
    [
        ({"Type": "processor_spl", "Script": "*"}, "processor_spl"),
        ({"Type": "processor_json"}, "processor_json"),
        (REGEX | {"Surprise": 1}, "Surprise"),
        (REGEX | {"Regex": "(("}, "does not compile"),
        ({"Type": "processor_parse_regex_native", "SourceKey": "content"}, "Regex is missing"),
        ({"Type": "processor_filter_regex_native", "ConditionExp": {"a": 1}}, "ConditionExp"),
    ],
)
def test_a_processor_that_is_not_modelled_is_refused_by_name(
    processor: dict[str, Any], named: str
) -> None:
    with pytest.raises(NotCollectable, match=named):
        read_config(pipeline(processor))


def test_a_refused_pipeline_is_complained_of_and_collects_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(pipeline(EnableContainerDiscovery=True))

    assert [alarm.kind for alarm in bench.agent.alarms.recorded] == ["USER_CONFIG_ALARM"]
    assert bench.door.groups == []
