"""What an ETL job is to do, read out of its configuration: from where, to where, which window."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.sls import errors
from sandbox.sls.roles import ARN

UNNAMED = "__UNNAMED__"  # the data set of an SPL script that names none
_ENDPOINT = re.compile(
    r"(?:https?://)?(?P<region>[a-z]{2,3}-[a-z0-9-]+?)(?P<inner>-intranet|-share)?"
    r"\.log\.aliyuncs\.com/?"
)
_OUTPUT = re.compile(r"""e_output\(\s*(?:name\s*=\s*)?(["'])(?P<name>[^"'\\]+)\1\s*\)""")
_KEYS: dict[str, type] = {
    "logstore": str,
    "roleArn": str,
    "script": str,
    "sinks": list,
    "fromTime": int,
    "toTime": int,
}
_MORE: dict[str, type] = {
    "accessKeyId": str,
    "accessKeySecret": str,
    "parameters": dict,
    "version": int,
    "lang": str,
    "instanceType": str,
}
_SINK_KEYS: dict[str, type] = dict.fromkeys(
    ("name", "endpoint", "project", "logstore", "roleArn"), str
)
_SINK_MORE: dict[str, type] = {
    "type": str,
    "accessKeyId": str,
    "accessKeySecret": str,
    "datasets": list,
}


@dataclass(frozen=True)
class Sink:
    """Where lines go; `inner` says that the endpoint is reached from its own region only."""

    name: str
    region: str
    inner: bool
    project: str
    logstore: str
    role: str


@dataclass(frozen=True)
class Plan:
    """A pure copy: lines of `logstore` received in [start, stop), 0 for open, to every sink."""

    logstore: str
    role: str
    start: int
    stop: int
    sinks: tuple[Sink, ...]

    @property
    def fixed(self) -> tuple[str, int, int]:
        """What an update may not change."""
        return self.logstore, self.start, self.stop

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role it names, once."""
        return tuple(dict.fromkeys((self.role, *(sink.role for sink in self.sinks))))


def plan_of(given: Any, *, spl: bool) -> Plan:
    """Read a configuration; `spl` says that the job must be one of the new kind.

    Raises PostBodyInvalid for its form, ParameterInvalid for its values, NotImplemented for what
    this sandbox would have to transform.
    """
    config = checked(given, "configuration", _KEYS, _MORE)
    _no_keys(config)
    if config.get("parameters"):
        raise errors.not_implemented("ETL job with parameters: leave them empty")
    is_spl = config.get("lang") == "SPL"
    if spl and not is_spl:
        raise errors.parameter("lang must be SPL")
    if config.get("lang", "SPL") != "SPL":
        raise errors.not_implemented(f"ETL job in {config['lang']!r}: leave lang out, or say SPL")
    if not is_spl and config.get("version", 2) != 2:
        raise errors.not_implemented("ETL job of another version than 2")
    start, stop = _window(config["fromTime"], config["toTime"])
    sinks = _sinks(config["sinks"], is_spl=is_spl)
    chosen = _all_sinks(config["script"], sinks) if is_spl else _by_dsl(config["script"], sinks)
    return Plan(_filled(config, "logstore"), _role(config), start, stop, chosen)


def checked(
    given: Any, what: str, needed: dict[str, type], more: dict[str, type]
) -> dict[str, Any]:
    """An object with the keys and types that it needs or may have; raises PostBodyInvalid."""
    if not isinstance(given, dict):
        raise errors.post_body(f"{what} must be an object")
    if missing := needed.keys() - given.keys():
        raise errors.post_body(f"{what} lacks {', '.join(sorted(missing))}")
    if unknown := given.keys() - needed.keys() - more.keys():
        raise errors.post_body(f"{what} has an unknown key {', '.join(sorted(unknown))}")
    for key, value in given.items():
        kind = (needed | more)[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise errors.post_body(f"{key} of {what} must be of type {kind.__name__}")
    return given


def _window(start: int, stop: int) -> tuple[int, int]:
    if start < 0 or stop < 0 or (stop and stop <= start):
        text = f"fromTime {start} and toTime {stop} must be seconds of a window, or 0"
        raise errors.parameter(text)
    return start, stop


def _sinks(given: list[Any], *, is_spl: bool) -> tuple[Sink, ...]:
    raw = [checked(one, "sink", _SINK_KEYS, _SINK_MORE) for one in given]
    names = [one["name"] for one in raw]
    if not raw or len(set(names)) < len(names):
        raise errors.parameter("sinks must be one or more, each with a name of its own")
    return tuple(_sink(one, is_spl=is_spl) for one in raw)


def _sink(raw: dict[str, Any], *, is_spl: bool) -> Sink:
    _no_keys(raw)
    if raw.get("type", "AliyunLOG") != "AliyunLOG":
        raise errors.not_implemented(f"sink of type {raw['type']!r}: say AliyunLOG")
    if is_spl and "datasets" not in raw:
        raise errors.parameter(f"sink {raw['name']} must have datasets")
    if raw.get("datasets", [UNNAMED]) != [UNNAMED]:
        raise errors.not_implemented(f"sink with datasets other than {UNNAMED}")
    endpoint = _ENDPOINT.fullmatch(raw["endpoint"])
    if endpoint is None:
        raise errors.parameter(f"endpoint {raw['endpoint']!r} is not one of the log service")
    return Sink(
        name=_filled(raw, "name"),
        region=endpoint["region"],
        inner=endpoint["inner"] is not None,
        project=_filled(raw, "project"),
        logstore=_filled(raw, "logstore"),
        role=_role(raw),
    )


def _all_sinks(script: str, sinks: tuple[Sink, ...]) -> tuple[Sink, ...]:
    if script.strip() != "*":
        raise errors.not_implemented(f"SPL script {script!r}: say *")
    return sinks


def _by_dsl(script: str, sinks: tuple[Sink, ...]) -> tuple[Sink, ...]:
    if not script.strip():
        return sinks[:1]
    output = _OUTPUT.fullmatch(script.strip())
    if output is None:
        raise errors.not_implemented(f'ETL script {script!r}: say nothing or e_output("<sink>")')
    chosen = tuple(sink for sink in sinks if sink.name == output["name"])
    if not chosen:
        raise errors.parameter(f"the script names sink {output['name']}, which is not there")
    return chosen


def _no_keys(raw: dict[str, Any]) -> None:
    if raw.get("accessKeyId") or raw.get("accessKeySecret"):
        raise errors.not_implemented("ETL job with access keys: give it a roleArn instead")


def _filled(raw: dict[str, Any], key: str) -> str:
    if not raw[key]:
        raise errors.parameter(f"{key} must not be empty")
    return str(raw[key])


def _role(raw: dict[str, Any]) -> str:
    if not ARN.fullmatch(raw["roleArn"]):
        raise errors.parameter(f"roleArn {raw['roleArn']!r} is not acs:ram::<uid>:role/<name>")
    return str(raw["roleArn"])
