"""Any single change of a body is seen, whichever field it is and from whichever side one looks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.shapes import SHAPES
from tests.shapes.stores import INDEXES, LOGSTORES
from workflows.collection.compare import ABSENT, differences

Body = dict[str, Any]
Path = tuple[str | int, ...]
NAMED: dict[str, Body] = {claim: {"configName": "c"} | body for claim, body in SHAPES.items()}
NAMED |= {claim: {"logstoreName": "app"} | body for claim, body in LOGSTORES.items()}
NAMED |= {f"index: {claim}": body for claim, body in INDEXES.items()}
NAMED["a machine group"] = {
    "groupName": "hosts", "machineIdentifyType": "userdefined", "machineList": ["a", "b"],
    "groupAttribute": {"groupTopic": "t", "externalName": "e"}, "groupType": "Armory",
}  # fmt: skip
# What the service or its documentation has where nothing is said, by the last key of the path.
DEFAULTS: Body = {
    "AllowingIncludedByMultiConfigs": False, "EnableContainerDiscovery": False,
    "IgnoringStdout": False, "KeepingSourceWhenParseSucceed": False, "CopingRawLog": False,
    "ForceRerunWhenUpdate": False, "MaxDirSearchDepth": 0, "Mode": "custom",
    "Stdout": True, "Stderr": True, "UnmatchedContentTreatment": "single_line",
    "TelemetryType": "logs", "alias": "", "autoSplit": False, "caseSensitive": False, "chn": False,
    "dir_blacklist": [], "hot_ttl": 30, "maxDepth": 1000,
    "outputType": "LogService", "raw_log_tag": "__raw__", "scan_index": False,
    "telemetryType": "logs", "timeFormat": "", "topicFormat": "none", "quote": "",
}  # fmt: skip
WITHOUT = ("configName", "logstoreName", "groupName")  # no object is without
DECIDING = ("Type", "type", "autoSplit", "ttl")  # what others mean depends on them
PLACES = ("endpoint", "region", "projectName", "Endpoint", "Region", "Project", "Aliuid")


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list) and value:
        for at, one in enumerate(value):
            yield from leaves(one, (*path, at))
    else:
        yield path, value


def other(value: Any) -> Any:
    """Something that `value` is not, of its own type."""
    match value:
        case bool():
            return not value
        case str():
            return f"{value}x"
        case int() | float():
            return value + 7
        case None:
            return "x"
        case list():
            return ["x"]
    return {"x": "y"}


def changed(body: Body, path: Path, *, gone: bool = False) -> Body:
    made = json.loads(json.dumps(body))
    part: Any = made
    for key in path[:-1]:
        part = part[key]
    if gone:
        del part[path[-1]]
    else:
        part[path[-1]] = other(part[path[-1]])
    return made


def is_said_anyhow(path: Path, value: Any) -> bool:
    key = path[-1] if isinstance(path[-1], str) else path[-2]
    return value in ("", None, [], {}) or DEFAULTS.get(str(key), ABSENT) == value


@pytest.mark.parametrize("claim", NAMED)
def test_any_single_change_is_seen_from_both_sides_and_at_its_place(claim: str) -> None:
    body = NAMED[claim]
    hidden = []
    for path, _ in leaves(body):
        there, back = (differences(*two) for two in pairs(body, changed(body, path)))
        at = bool(there) and str(path[0]) in there[0].path
        one = len(there) == len(back) == 1 or path[-1] in DECIDING
        hidden += [path] * (not at or not one)

    assert [path for path in hidden if not is_idle(body, path)] == []


@pytest.mark.parametrize("claim", NAMED)
def test_a_field_that_is_left_out_is_seen_unless_it_says_what_its_absence_says(claim: str) -> None:
    body = NAMED[claim]
    hidden = []
    for path, value in leaves(body):
        if path[-1] in WITHOUT:
            continue
        there, back = (differences(*two) for two in pairs(body, changed(body, path, gone=True)))
        hidden += [path] * (not there and not is_said_anyhow(path, value))
        assert bool(there) is bool(back)

    assert [path for path in hidden if not is_idle(body, path) and path[-1] not in PLACES] == []


def is_idle(body: Body, path: Path) -> bool:
    """A splitting logstore has as many shards as it needs."""
    return path == ("shardCount",) and body.get("autoSplit", False)


def pairs(one: Body, two: Body) -> tuple[tuple[Body, Body], tuple[Body, Body]]:
    return (one, two), (two, one)
