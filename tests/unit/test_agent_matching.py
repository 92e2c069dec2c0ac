"""One file, one config, and the force flag."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.hosts.config import Config
from sandbox.hosts.matching import choose, matches, rank
from sandbox.hosts.refusal import NotCollectable
from sandbox.hosts.understand import read_config
from tests.unit.agent_kit import LOG, Bench, delivered

OLD, NEW = (3, 1, 4), (3, 2, 6)
FORCED = {"force_multiconfig": True}


def config(name: str, **wanted: object) -> Config:
    return read_config(delivered(name, **wanted))


def names(configs: tuple[Config, ...]) -> set[str]:
    return {one.key.partition("$")[2] for one in configs}


def test_of_two_equal_configs_the_older_collects_alone() -> None:
    choice = choose([config("young", created=200), config("old", created=100)], LOG, OLD)

    assert names(choice.taken) == {"old"}
    assert names(choice.rivals) == {"old", "young"}


def test_a_forced_config_collects_beside_the_other_and_nobody_complains() -> None:
    choice = choose([config("b"), config("a", created=200, advanced=FORCED)], LOG, OLD)

    assert names(choice.taken) == {"a", "b"}
    assert choice.rivals == ()


def test_every_forced_config_collects() -> None:
    both = [config("a", advanced=FORCED), config("b", advanced=FORCED)]

    assert names(choose(both, LOG, OLD).taken) == {"a", "b"}


def test_force_means_true_and_not_any_other_value() -> None:
    both = [config("b"), config("a", created=200, advanced={"force_multiconfig": "true"})]

    assert names(choose(both, LOG, OLD).taken) == {"b"}


def test_a_deeper_path_wins_over_age() -> None:
    both = [config("old", logPath="/var/log"), config("young", created=200)]

    assert names(choose(both, LOG, OLD).taken) == {"young"}
    assert names(choose(both, LOG, NEW).taken) == {"young"}


def test_a_paths_length_decided_until_3_1_4_and_its_depth_decides_since_3_2_6() -> None:
    long_flat, short_deep = config("x", logPath="/a-very-long-folder"), config("y", logPath="/a/b")

    assert rank(long_flat, LOG, OLD) > rank(short_deep, LOG, OLD)
    assert rank(long_flat, LOG, NEW) < rank(short_deep, LOG, NEW)


def test_a_config_reaches_as_deep_as_max_depth_says() -> None:
    flat, deep = config("flat", maxDepth=0), config("deep", maxDepth=1)

    assert matches(flat, LOG)
    assert not matches(flat, "/var/log/app-b/old/app.log")
    assert matches(deep, "/var/log/app-b/old/app.log")
    assert not matches(deep, "/var/log/app-b/old/er/app.log")


def test_a_folder_that_only_begins_alike_is_another_folder() -> None:
    assert not matches(config("b"), "/var/log/app-b2/app.log")


def test_a_file_pattern_is_about_the_name() -> None:
    assert not matches(config("b", filePattern="*.log"), "/var/log/app-b/app.log.1")
    assert matches(config("b", filePattern="app.*"), "/var/log/app-b/app.log.1")


def test_rivals_are_complained_of_once_in_ten_minutes(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered("old"), delivered("young", created=200))
    for _ in range(11):
        bench.round(50)
    before = list(bench.agent.alarms.recorded)
    bench.round(60)
    alarms = bench.agent.alarms.recorded

    assert [alarm.kind for alarm in before] == ["MULTI_CONFIG_MATCH_ALARM"]
    assert len(alarms) == bench.agent.alarms.counts.total() == 2
    assert "project-b$young" in alarms[0].text
    assert (
        "MULTI_CONFIG_MATCH_ALARM" in (bench.root / "usr/local/ilogtail/ilogtail.LOG").read_text()
    )


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        ({"inputType": "plugin"}, "plugin"),
        ({"dockerFile": True}, "dockerFile"),
        ({"filterKey": ["level"]}, "filterKey"),
        ({"filterKey": ["level"], "filterRegex": ["(("]}, "does not compile"),
        ({"logBeginRegex": "(("}, "does not compile"),
        ({"topicFormat": "global_topic"}, "global_topic"),
        ({"topicFormat": "(("}, "does not compile"),
        ({"logType": "binary_log"}, "binary_log"),
        ({"fileEncoding": "utf16"}, "utf16"),
        ({"plugin": {"processors": [{"type": "processor_json"}]}}, "plugin"),
        ({"customizedFields": {"x": 1}}, "customizedFields"),
        ({"delaySkipBytes": 1024}, "delaySkipBytes"),
        ({"sensitive_keys": [{"key": "a"}]}, "sensitive_keys"),
        ({"advanced": {"filter_expression": {"key": "a"}}}, "filter_expression"),
        ({"regex": "(("}, "does not compile"),
        ({"timeFormat": "%Q"}, "timeFormat"),
        ({"advanced": {"blacklist": {"dir_blacklist": ["x"]}}}, "dir_blacklist"),
        ({"logPath": ""}, "logPath is missing"),
    ],
)
def test_what_is_not_modelled_is_refused_by_name(wanted: dict[str, object], named: str) -> None:
    with pytest.raises(NotCollectable, match=named):
        config("b", **wanted)


def test_a_refused_config_is_complained_of_and_the_others_go_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered("bad", logType="binary_log"), delivered("good"))

    assert [alarm.kind for alarm in bench.agent.alarms.recorded] == ["USER_CONFIG_ALARM"]
    assert bench.door.lines("good-store") == ["one"]
