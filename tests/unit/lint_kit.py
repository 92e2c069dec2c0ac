"""An app's collection without a fault; each test spoils one thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from workflows.collection.forms import form_of
from workflows.collection.found import Config, Found, There, Wanted
from workflows.lint import Finding, Level
from workflows.lint.everything import lint
from workflows.ports import Line, Lines

REGEX = r"(\d+-\d+-\d+ \d+:\d+:\d+) (\w+) (.*)"
SAMPLE = "2026-11-22 14:03:05 INFO order paid"
DETAIL: dict[str, Any] = {
    "logType": "common_reg_log",
    "logPath": "/var/log/shop",
    "filePattern": "app.log",
    "regex": REGEX,
    "key": ["time", "level", "message"],
    "timeKey": "time",
    "timeFormat": "%Y-%m-%d %H:%M:%S",
    "discardUnmatch": False,
}
FIELDS = {"time": "2026-11-22 14:03:05", "level": "INFO", "message": "order paid"}


def classic(name: str = "shop", sample: str = SAMPLE, **detail: Any) -> dict[str, Any]:
    """A config in full regex mode; None takes a field out."""
    whole = {key: value for key, value in (DETAIL | detail).items() if value is not None}
    return {
        "configName": name,
        "inputType": "file",
        "inputDetail": whole,
        "outputType": "LogService",
        "outputDetail": {"logstoreName": "app"},
        "logSample": sample,
    }


def pipeline(*processors: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {
        "configName": "shop",
        "inputs": [{"Type": "input_file", "FilePaths": ["/var/log/shop/app.log"], **options}],
        "processors": [*processors],
        "flushers": [{"Type": "flusher_sls", "Logstore": "app"}],
    }


def config(body: dict[str, Any], name: str = "", groups: tuple[str, ...] = ("web",)) -> Config:
    return Config(name or str(body.get("configName", "shop")), form_of(body), body, groups)


def found(*bodies: dict[str, Any] | Config, **changes: Any) -> Found:
    given = bodies or (classic(),)
    configs = tuple(one if isinstance(one, Config) else config(one) for one in given)
    group = {
        "groupName": "web",
        "machineIdentifyType": "userdefined",
        "machineList": ["shop"],
        "groupAttribute": {"groupTopic": ""},
    }
    logstore = {"logstoreName": "app", "ttl": 30, "shardCount": 2}
    index = {"line": {"token": [" "]}}
    whole = Found("1" * 16, "cn-hangzhou", logstore, index, 2, configs, {"web": group})
    return replace(whole, **{"project": "shop-b", **changes})


def there(**changes: Any) -> There:
    empty = There("2" * 16, "cn-hangzhou", None, None, None, {}, (), (), ())
    return replace(empty, **{"project": "shop-a", **changes})


def forced(body: dict[str, Any]) -> dict[str, Any]:
    """With the flag that lets a config collect beside others."""
    if isinstance(body.get("inputs"), list):
        flag = {"AllowingIncludedByMultiConfigs": True}
        return body | {"inputs": [one | flag for one in body["inputs"] if isinstance(one, dict)]}
    detail = body.get("inputDetail")
    detail = detail if isinstance(detail, dict) else {}
    return body | {"inputDetail": detail | {"advanced": {"force_multiconfig": True}}}


def wanted(source: Found, **changes: Any) -> Wanted:
    configs = {one.name: forced(one.body) for one in source.configs}
    logstore, group = {"logstoreName": "app", "ttl": 30, "shardCount": 2}, {"groupName": "shop"}
    return replace(Wanted(logstore, {}, group, configs), **changes)


def lines(*fields: dict[str, str], path: str = "/var/log/shop/app.log") -> Lines:
    made = tuple(Line(1_800_000_000, tuple(one.items())) for one in fields)
    return Lines(made, tags=(("__path__", path),))


def judged(
    *bodies: dict[str, Any] | Config, samples: Iterable[Lines] = (), **changes: Any
) -> tuple[Finding, ...]:
    """What is found about these configs of an app, with nothing in the target."""
    source = found(*bodies, **changes)
    return lint(source, there(), wanted(source), tuple(samples))


def errors(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(one.thing, one.path) for one in findings if one.level is Level.ERROR]


def warnings(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(one.thing, one.path) for one in findings if one.level is Level.WARNING]
