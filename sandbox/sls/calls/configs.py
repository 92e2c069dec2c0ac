"""Collection configs of the first kind, `/configs`."""

from __future__ import annotations

from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import Call, Reply, as_json
from sandbox.sls.calls import collection
from sandbox.sls.calls.collection import Form

_KEYS = frozenset(
    {"configName", "logSample", "inputType", "inputDetail", "outputType", "outputDetail"}
)
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
    return collection.add(call, _checked(call.request.json_body()))


def get(call: Call) -> Reply:
    """GetConfig."""
    return as_json(collection.found(call, Form.CLASSIC))


def update(call: Call) -> Reply:
    """UpdateConfig, a full replace that keeps createTime."""
    former = collection.found(call, Form.CLASSIC)
    return collection.replace(call, former, _checked(call.request.json_body()))


def delete(call: Call) -> Reply:
    """DeleteConfig; every machine group loses it."""
    return collection.drop(call, collection.found(call, Form.CLASSIC))


def list_(call: Call) -> Reply:
    """ListConfig: classic configs only."""
    return collection.listed(call, Form.CLASSIC, lambda body: body["outputDetail"]["logstoreName"])


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    given = collection.checked_names(body, _KEYS)
    output = given.get("outputDetail")
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
