"""Two objects of the service are the same where they mean the same, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.collection_kit import JSON
from workflows.collection.compare import Difference, differences, lost
from workflows.collection.secret import is_secret

Body = dict[str, Any]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"configName": "c", "inputType": "syslog"}, {"configName": "c", "inputType": "streamlog"}),
        ({"configName": "c", "createTime": 1}, {"configName": "c", "lastModifyTime": 2}),
        ({"configName": "c", "logSample": ""}, {"configName": "c"}),
        ({"configName": "c", "inputDetail": {"advanced": {}}}, {"configName": "c"}),
        ({"inputDetail": {"maxDepth": "10"}}, {"inputDetail": {"maxDepth": 10}}),
        ({"inputDetail": {"maxDepth": 10.0}}, {"inputDetail": {"maxDepth": 10}}),
        ({"inputDetail": {"maxDepth": 1000}}, {"inputDetail": {"sensitive_keys": []}}),
        ({"inputDetail": {"dockerIncludeEnv": None}}, {"inputDetail": {"dockerIncludeEnv": {}}}),
        (
            {"configName": "c", "outputDetail": {"endpoint": "e", "telemetryType": "logs"}},
            {"configName": "c", "outputDetail": {"endpoint": "", "region": "r"}},
        ),
        (
            {"flushers": [{"Type": "flusher_sls", "Logstore": "a", "Region": "r"}], "task": {}},
            {"flushers": [{"Type": "flusher_sls", "Logstore": "a", "TelemetryType": ""}]},
        ),
        (
            {"groupName": "g", "machineList": ["b", "a"], "groupAttribute": {"osType": "Linux"}},
            {"groupName": "g", "machineList": '["a", "b"]', "createTime": 3, "groupType": ""},
        ),
        ({"line": {"token": [",", " "]}}, {"line": {"token": [" ", ","]}, "ttl": 7, "storage": "pg"}),
        ({"keys": {}, "max_text_len": 0}, {"max_text_len": 2048, "log_reduce": False}),
        (
            {"logstoreName": "s", "ttl": 30, "hot_ttl": 30, "telemetryType": "None"},
            {"logstoreName": "s", "ttl": 30, "mode": "standard", "maxSplitShard": 64},
        ),
        (
            {"logstoreName": "s", "autoSplit": True, "shardCount": 2},
            {"logstoreName": "s", "autoSplit": True, "shardCount": 12},
        ),
        ({"logstoreName": "s", "ttl": 30, "hot_ttl": -1}, {"logstoreName": "s", "ttl": 30}),
    ],
)  # fmt: skip
def test_what_the_service_makes_of_a_body_is_no_difference(one: Body, two: Body) -> None:
    assert differences(one, two) == differences(two, one) == ()


@pytest.mark.parametrize(
    ("one", "two", "path"),
    [
        ({"filterKey": ["a", "b"]}, {"filterKey": ["b", "a"]}, "filterKey[0]"),
        ({"key": ["a", "b"]}, {"key": ["a"]}, "key"),
        ({"enableTag": True}, {"enableTag": 1}, "enableTag"),
        ({"discardUnmatch": False}, {}, "discardUnmatch"),
        ({"advanced": {"force_multiconfig": True}}, {}, "advanced"),
        ({"advanced": {"tail_size_kb": 1024}}, {"advanced": {}}, "advanced"),
        ({"advanced": {"specified_year": 0}}, {}, "advanced"),
        ({"regex": "(.*)"}, {"regex": "(.*) "}, "regex"),
        ({"futureFlag": False}, {}, "futureFlag"),
    ],
)
def test_what_only_looks_alike_is_a_difference(one: Body, two: Body, path: str) -> None:
    there, back = (
        differences({"inputDetail": left}, {"inputDetail": right})
        for left, right in ((one | {"logPath": "/a"}, two | {"logPath": "/a"}),
                            (two | {"logPath": "/a"}, one | {"logPath": "/a"}))
    )  # fmt: skip

    assert there[0].path == back[0].path == f"inputDetail.{path}"
    assert (there[0].wanted, there[0].found) == (back[0].found, back[0].wanted)


def test_every_difference_is_told_by_its_path() -> None:
    one = {"groupName": "g", "machineList": ["a"], "groupAttribute": {"groupTopic": "t"}}
    two = {"groupName": "h", "machineList": ["a", "b"]}

    assert [str(difference) for difference in differences(one, two)] == [
        'groupAttribute: {"groupTopic": "t"} is wanted, there is nothing',
        'groupName: "g" is wanted, there is "h"',
        'machineList: ["a"] is wanted, there is ["a", "b"]',
    ]


def test_what_splitting_makes_idle_is_decided_for_both_logstores_together() -> None:
    splits = {"logstoreName": "s", "autoSplit": True, "maxSplitShard": 64, "shardCount": 2}
    stays = {"logstoreName": "s", "autoSplit": False, "maxSplitShard": 64, "shardCount": 2}

    assert [str(one) for one in differences(splits, stays)] == [
        "autoSplit: true is wanted, there is nothing"
    ]
    assert [one.path for one in differences(stays | {"shardCount": 5}, splits)] == [
        "autoSplit", "shardCount",
    ]  # fmt: skip


def test_two_places_that_are_both_said_and_differ_are_a_difference() -> None:
    flushers = [[{"Type": "flusher_sls", "Region": region}] for region in ("cn-a", "cn-b")]
    one, two = ({"flushers": flusher} for flusher in flushers)

    assert [found.path for found in differences(one, two)] == ["flushers[0].Region"]


def test_a_pipeline_in_place_of_a_classic_config_is_one_difference() -> None:
    (found,) = differences(
        {"configName": "c", "inputDetail": {}}, {"configName": "c", "flushers": []}
    )

    assert str(found) == 'the whole: "a classic config" is wanted, there is "a pipeline config"'


def test_what_the_service_adds_to_our_own_write_is_not_lost() -> None:
    wanted = {"configName": "c", "inputDetail": {"logPath": "/a"}}
    found = {"configName": "c", "inputDetail": {"logPath": "/b", "newDefault": 1}, "new": 2}

    assert [one.path for one in lost(wanted, found)] == ["inputDetail.logPath"]
    assert len(differences(wanted, found)) == 3


def test_secrets_of_a_config_are_not_told() -> None:
    options = {"Password": "hunter2", "Headers": {"Authorization": "Basic eA=="}, "Port": 1,
               "Address": "mysql://reader:hunter2@db:3306/shop"}  # fmt: skip
    plugin = {"inputs": [{"type": "x", "detail": options}]}
    one = {"configName": "c", "logSample": "Ann, 1999", "inputDetail": {"plugin": plugin}}
    told = " ".join(map(str, differences(one, {"configName": "c"})))
    inner = str(Difference("inputs[0].Password", "hunter2", "hunter3"))

    assert not [secret for secret in ("hunter2", "eA==", "1999") if secret in told]
    assert '"Port": 1' in told
    assert "mysql://***@db:3306/shop" in told
    assert inner == 'inputs[0].Password: "***" is wanted, there is "***"'


def test_fields_that_only_sound_like_a_secret_are_told() -> None:
    names = ("SourceKey", "timeKey", "token", "Keys", "shardHashKey", "regex", "cmk_key_id")

    assert [name for name in names if is_secret(name)] == []


KEYS = st.sampled_from(
    ["configName", "inputDetail", "outputDetail", "flushers", "inputs", "processors", "global",
     "logstoreName", "encrypt_conf", "autoSplit", "groupName", "machineList", "groupAttribute",
     "keys", "line", "future"],
)  # fmt: skip
BODIES = st.dictionaries(KEYS, JSON, max_size=5)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BODIES, BODIES)
def test_of_any_json_the_verdict_is_the_same_from_both_sides(one: Body, two: Body) -> None:
    there, back = differences(one, two), differences(two, one)

    assert differences(one, one) == ()
    assert [found.path for found in there] == [found.path for found in back]
    assert all(str(found) for found in there)
