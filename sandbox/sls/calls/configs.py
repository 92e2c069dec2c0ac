"""Collection configs of the first kind, `/configs`."""

from __future__ import annotations

import re
from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json

# The documentation wants lower case; the vendor's own suite creates capitals, so they pass.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,126}[A-Za-z0-9]")
_KEYS = frozenset(
    {"configName", "logSample", "inputType", "inputDetail", "outputType", "outputDetail"}
)
# Sent by clients that copy what they read; the server sets its own.
_READ_ONLY = frozenset({"createTime", "lastModifyTime", "modifyTime"})
_INPUTS = ("file", "plugin", "syslog", "streamlog")
_LOG_TYPES = ("common_reg_log", "json_log", "delimiter_log", "apsara_log")
_DEFAULTS: dict[str, Any] = {
    "adjustTimezone": False,
    "delayAlarmBytes": 0,
    "enableRawLog": False,
    "enableTag": False,
    "localStorage": True,
    "logTimezone": "",
    "maxSendRate": -1,
    "mergeType": "topic",
    "priority": 0,
    "sendRateExpire": 0,
    "sensitive_keys": [],
}
_FILE_DEFAULTS: dict[str, Any] = _DEFAULTS | {
    "discardNonUtf8": False,
    "discardUnmatch": True,
    "dockerFile": False,
    "fileEncoding": "utf8",
    "maxDepth": 1000,
    "preserve": True,
    "preserveDepth": 0,
    "tailExisted": False,
}


def create(call: Call) -> Reply:
    """CreateConfig; the logstore it names need not exist."""
    body, project = _checked(call.request.json_body()), call.project
    name = body["configName"]
    if name in project.configs:
        raise errors.config_exists(name)
    if len(project.configs) >= call.state.limits.configs:
        raise errors.quota("configs", call.state.limits.configs)
    now = int(call.now)
    project.configs[name] = body | {"createTime": now, "lastModifyTime": now}
    project.bindable_at[f"config {name}"] = call.bindable_from
    return EMPTY


def get(call: Call) -> Reply:
    """GetConfig."""
    return as_json(call.config)


def update(call: Call) -> Reply:
    """UpdateConfig, a full replace that keeps createTime."""
    former, body = call.config, _checked(call.request.json_body())
    name = former["configName"]
    if body["configName"] != name:
        raise errors.name_mismatch(name, body["configName"])
    times = {"createTime": former["createTime"], "lastModifyTime": int(call.now)}
    call.project.configs[name] = body | times
    return EMPTY


def delete(call: Call) -> Reply:
    """DeleteConfig; every machine group loses it."""
    name = call.config["configName"]
    del call.project.configs[name]
    for group in call.project.groups.values():
        if name in group.configs:
            group.configs.remove(name)
    return EMPTY


def list_(call: Call) -> Reply:
    """ListConfig; configName filters by a part of the name, logstoreName by the whole."""
    part = call.request.query.get("configName", "")
    logstore = call.request.query.get("logstoreName")
    names = [
        name
        for name, body in call.project.configs.items()
        if part in name and logstore in (None, body["outputDetail"]["logstoreName"])
    ]
    return call.listed("configs", sorted(names))


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in body.items() if key not in _READ_ONLY}
    if unknown := given.keys() - _KEYS:
        raise errors.config_invalid(f"unknown key {', '.join(sorted(unknown))}")
    name, output = given.get("configName"), given.get("outputDetail")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise errors.config_invalid(f"configName {name!r} is invalid")
    if given.get("outputType") != "LogService":
        raise errors.config_invalid("outputType must be LogService")
    if not isinstance(output, dict) or not isinstance(output.get("logstoreName"), str):
        raise errors.config_invalid("outputDetail must name a logstoreName")
    return given | _checked_input(given.get("inputType"), given.get("inputDetail"))


def _checked_input(kind: Any, detail: Any) -> dict[str, Any]:
    if kind not in _INPUTS or not isinstance(detail, dict):
        raise errors.config_invalid(f"inputType must be of {', '.join(_INPUTS)} with inputDetail")
    if kind == "file":
        _check_file(detail)
        return {"inputDetail": _FILE_DEFAULTS | detail}
    # The live service gives a syslog input back under its inner name.
    return {
        "inputType": "streamlog" if kind == "syslog" else kind,
        "inputDetail": _DEFAULTS | detail,
    }


def _check_file(detail: dict[str, Any]) -> None:
    if detail.get("logType") not in _LOG_TYPES:
        raise errors.config_invalid(f"logType must be one of {', '.join(_LOG_TYPES)}")
    for key in ("logPath", "filePattern"):
        if not isinstance(detail.get(key), str) or not detail[key]:
            raise errors.config_invalid(f"inputDetail must have a {key}")
