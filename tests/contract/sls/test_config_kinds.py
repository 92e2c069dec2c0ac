"""Classic configs of every kind on the SLS server: what each needs, and what is filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aliyun.log.logtail_config_detail import (
    ApsaraFileConfigDetail,
    FullRegFileConfigDetail,
    JsonFileConfigDetail,
    PluginConfigDetail,
    SeperatorFileConfigDetail,
    SimpleFileConfigDetail,
    SyslogConfigDetail,
)

from tests.contract.sls.world import World, regex_config

PLACE = ("app", "made", "/var/log/app", "*.log")
STDOUT = {"inputs": [{"type": "service_docker_stdout", "detail": {"Stdout": True}}]}
MASK = {"key": "content", "type": "const", "regex_begin": "x", "regex_content": "y", "all": True}
FILE_ONLY = {
    "discardNonUtf8", "discardUnmatch", "dockerFile", "fileEncoding", "maxDepth", "preserve",
    "preserveDepth", "tailExisted",
}  # fmt: skip
FILES = ("full", "simple", "json", "delimiter", "apsara")
DETAILS: dict[str, Any] = {
    "full": FullRegFileConfigDetail(*PLACE, "a line", regex="(.*)", key=["content"]),
    "simple": SimpleFileConfigDetail(*PLACE),
    "json": JsonFileConfigDetail(*PLACE, timeKey="time"),
    "delimiter": SeperatorFileConfigDetail(*PLACE, "1,2", ",", ["ip", "time"], timeKey="time"),
    "apsara": ApsaraFileConfigDetail(*PLACE, ".*"),
    "plugin": PluginConfigDetail("app", "made", STDOUT),
    "syslog": SyslogConfigDetail("app", "made", "tag"),
}


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        made.logstore(index=False)
        yield made


def post(world: World, kind: str = "full", detail: Any = None, **change: Any) -> tuple[int, str]:
    body = DETAILS[kind].to_json() | change
    body["inputDetail"] = body["inputDetail"] | (detail or {})
    status, _, answer = world.send("POST", "/configs", json.dumps(body).encode())
    return status, (answer or {}).get("errorMessage", "")


def without(world: World, kind: str, key: str) -> tuple[int, str]:
    body = DETAILS[kind].to_json()
    body = body | {"inputDetail": {k: v for k, v in body["inputDetail"].items() if k != key}}
    status, _, answer = world.send("POST", "/configs", json.dumps(body).encode())
    return status, (answer or {}).get("errorMessage", "")


@pytest.mark.parametrize("kind", DETAILS)
def test_each_kind_keeps_what_was_sent_and_gets_the_defaults_of_its_kind(
    world: World, kind: str
) -> None:
    sent = DETAILS[kind].to_json()
    world.source.create_logtail_config("web", DETAILS[kind])
    got = world.send("GET", "/configs/made")[2]
    filled = got["inputDetail"].keys() - sent["inputDetail"].keys()

    assert got["inputDetail"] == got["inputDetail"] | sent["inputDetail"]
    assert {"delayAlarmBytes", "priority"} <= filled
    assert got["inputDetail"].keys() & FILE_ONLY == (FILE_ONLY if kind in FILES else set())
    assert got["inputType"] == {"syslog": "streamlog"}.get(kind, sent["inputType"])


@pytest.mark.parametrize("kind", ["simple", "json", "delimiter", "apsara", "plugin"])
def test_the_sdk_reads_back_what_it_made(world: World, kind: str) -> None:
    world.source.create_logtail_config("web", DETAILS[kind])
    got = world.source.get_logtail_config("web", "made").logtail_config

    assert type(got).__name__ == type(DETAILS[kind]).__name__


@pytest.mark.parametrize(
    ("kind", "key"),
    [("full", "key"), ("full", "logPath"), ("full", "filePattern"), ("full", "logType"),
     ("json", "logPath"), ("delimiter", "key"), ("delimiter", "separator"),
     ("plugin", "plugin"), ("syslog", "tag")],
)  # fmt: skip
def test_what_a_kind_cannot_be_without_is_named(world: World, kind: str, key: str) -> None:
    status, text = without(world, kind, key)

    assert status == 400
    assert text.startswith("Invalid config resource json.")
    assert key in text


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("full", {"preserve": "true"}), ("full", {"maxDepth": 1001}), ("full", {"maxDepth": "9"}),
        ("full", {"fileEncoding": "latin1"}), ("full", {"logTimezone": "+08:00"}),
        ("full", {"key": "content"}), ("full", {"filterKey": ["a"], "filterRegex": []}),
        ("full", {"mergeType": "shard"}), ("full", {"advanced": []}), ("full", {"logPath": ""}),
        ("full", {"sensitive_keys": [MASK]}), ("full", {"sensitive_keys": {}}),
        ("plugin", {"plugin": {"inputs": []}}), ("plugin", {"plugin": {"inputs": [{}]}}),
        ("plugin", {"plugin": {"inputs": [{"type": "x"}]}}),
    ],
)  # fmt: skip
def test_a_known_key_of_another_shape_is_refused(
    world: World, kind: str, detail: dict[str, Any]
) -> None:
    assert post(world, kind, detail)[0] == 400


@pytest.mark.parametrize(
    "detail",
    [
        {"logTimezone": "GMT+08:00", "adjustTimezone": True},
        {"filterKey": ["a"], "filterRegex": ["^x"]},
        {"sensitive_keys": [MASK | {"const": "***"}, MASK | {"type": "md5"}]},
        {"advanced": {"force_multiconfig": True, "tail_size_kb": 0}, "somethingNew": 1},
    ],
)
def test_documented_and_unknown_keys_of_the_detail_pass(
    world: World, detail: dict[str, Any]
) -> None:
    assert post(world, "full", detail) == (200, "")


@pytest.mark.parametrize(("project", "status"), [("web", 200), ("shop-b", 400)])
def test_the_output_may_name_its_own_project_only(world: World, project: str, status: int) -> None:
    output = {"projectName": project, "logstoreName": "app", "compressType": "zstd"}
    got, text = post(world, outputDetail=output)

    assert (got, "projectName" in text) == (status, status == 400)


def test_create_time_is_the_server_s_own_on_create_and_update(world: World) -> None:
    world.send(
        "POST", "/configs", json.dumps(regex_config().to_json() | {"createTime": 1}).encode()
    )
    first = world.send("GET", "/configs/nginx")[2]["createTime"]
    world.clock.forward(9)
    body = regex_config().to_json() | {"createTime": 2, "lastModifyTime": 3}
    world.send("PUT", "/configs/nginx", json.dumps(body).encode())
    second = world.send("GET", "/configs/nginx")[2]

    assert abs(first - world.clock.now()) < 60
    assert (second["createTime"], second["lastModifyTime"] >= first + 9) == (first, True)
