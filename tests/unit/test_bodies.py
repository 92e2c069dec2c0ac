"""What is carried from the source's raw JSON to the target's, and how the two are compared."""

from __future__ import annotations

import pytest

from workflows.apps import App, Side
from workflows.errors import Blocked
from workflows.model import Facts
from workflows.steps.bodies import (
    FULL_TEXT,
    config_body,
    difference,
    index_body,
    logstore_body,
    restorable,
)

APP = App(
    "app-b", "app-b", Side("proj-b", "store-b", "conf-b", "group-b"),
    Side("proj-a", "store-a", "conf-a", "group-a"), (),
)  # fmt: skip


def source_config(**more: object) -> Facts:
    return {
        "configName": "conf-b",
        "inputType": "file",
        "inputDetail": {"logPath": "/var/log/app-b", "advanced": {"tail_size_kb": 512}},
        "outputType": "LogService",
        "outputDetail": {
            "logstoreName": "store-b", "endpoint": "cn-x", "region": "r", "projectName": "proj-b",
            "telemetryType": "logs",
        },
        "createTime": 1,
        "lastModifyTime": 2,
        "someFutureField": {"kept": True},
        **more,
    }  # fmt: skip


def test_the_targets_config_differs_in_names_output_and_the_force_flag_only() -> None:
    body = config_body(source_config(), APP)

    assert body == {
        "configName": "conf-a",
        "inputType": "file",
        "inputDetail": {
            "logPath": "/var/log/app-b",
            "advanced": {"tail_size_kb": 512, "force_multiconfig": True},
        },
        "outputType": "LogService",
        "outputDetail": {"logstoreName": "store-a", "telemetryType": "logs"},
        "someFutureField": {"kept": True},
    }


def test_deriving_leaves_the_snapshot_of_the_source_alone() -> None:
    config = source_config()
    config_body(config, APP)

    assert config == source_config()


def test_a_config_that_does_not_read_files_is_refused_with_its_kind() -> None:
    with pytest.raises(Blocked, match="conf-b has input type 'plugin'"):
        config_body(source_config(inputType="plugin"), APP)


def test_a_logstore_keeps_its_settings_and_loses_what_the_service_sets() -> None:
    source = {"logstoreName": "store-b", "ttl": 90, "shardCount": 40, "mode": "query",
              "createTime": 3, "productType": "x"}  # fmt: skip
    body = logstore_body(source, "store-a")

    assert body == {"logstoreName": "store-a", "ttl": 90, "shardCount": 10, "mode": "query"}


def test_a_logstore_encrypted_with_the_sources_key_stops_the_plan() -> None:
    source = {"logstoreName": "store-b", "encrypt_conf": {"enable": True}}

    with pytest.raises(Blocked, match="store-b is encrypted"):
        logstore_body(source, "store-a")


def test_an_index_is_carried_raw_and_a_missing_one_becomes_full_text() -> None:
    keys = {"level": {"type": "text", "token": [","], "futureOption": 1}}

    assert index_body({"keys": keys, "ttl": 7, "index_mode": "v2"}) == {"keys": keys}
    assert index_body(None) == FULL_TEXT


def test_defaults_that_the_service_fills_in_are_no_difference() -> None:
    wanted = {"a": {"b": 1}, "list": [1, 2]}

    assert difference(wanted, {"a": {"b": 1, "default": 0}, "list": [1, 2], "more": 1}) == ""
    assert difference(wanted, {"a": {"b": 2}, "list": [1, 2]}) == "a.b"
    assert difference(wanted, {"a": {"b": 1}, "list": [2, 1]}) == "list"
    assert difference(wanted, {}) == "a"


def test_a_config_is_made_again_without_the_times_the_service_sets() -> None:
    assert "createTime" not in restorable(source_config())
    assert restorable(source_config())["someFutureField"] == {"kept": True}
