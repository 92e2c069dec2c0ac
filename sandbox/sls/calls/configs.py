"""Collection configs of the first kind, `/configs`."""

from __future__ import annotations

from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import Call, Reply, as_json
from sandbox.sls.calls import collection, inputs
from sandbox.sls.calls.collection import Form

_KEYS = frozenset(
    {"configName", "logSample", "inputType", "inputDetail", "outputType", "outputDetail"}
)
_OUTPUT = frozenset(
    {"logstoreName", "projectName", "endpoint", "region", "compressType", "telemetryType"}
)
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
    return collection.add(call, _checked(call))


def get(call: Call) -> Reply:
    """GetConfig."""
    return as_json(collection.found(call, Form.CLASSIC))


def update(call: Call) -> Reply:
    """UpdateConfig, a full replace that keeps createTime."""
    former = collection.found(call, Form.CLASSIC)
    return collection.replace(call, former, _checked(call))


def delete(call: Call) -> Reply:
    """DeleteConfig; every machine group loses it."""
    return collection.drop(call, collection.found(call, Form.CLASSIC))


def list_(call: Call) -> Reply:
    """ListConfig: classic configs only."""
    return collection.listed(call, Form.CLASSIC, lambda body: body["outputDetail"]["logstoreName"])


def _checked(call: Call) -> dict[str, Any]:
    given = collection.checked_names(call.request.json_body(), _KEYS)
    if given.get("outputType") != "LogService":
        raise errors.config_invalid("outputType must be LogService")
    if not isinstance(given.get("logSample", ""), str):
        raise errors.config_invalid("logSample must be a string")
    _check_output(given.get("outputDetail"), call.project.name)
    inputs.check(given.get("inputType"), given.get("inputDetail"))
    return given | _filled(given["inputType"], given["inputDetail"])


def _check_output(output: Any, project: str) -> None:
    if not isinstance(output, dict) or not output.get("logstoreName"):
        raise errors.config_invalid("outputDetail must name a logstoreName")
    for key in sorted(_OUTPUT & output.keys()):
        if not isinstance(output[key], str):
            raise errors.config_invalid(f"outputDetail: {key} must be a string")
    if output.get("projectName", project) != project:
        raise errors.config_invalid(f"outputDetail: projectName must be {project} or left out")


def _filled(kind: str, detail: dict[str, Any]) -> dict[str, Any]:
    if kind == "file":
        return {"inputDetail": _FILE_DEFAULTS | detail}
    # The live service gives a syslog input back under its inner name.
    return {
        "inputType": "streamlog" if kind == "syslog" else kind,
        "inputDetail": _DEFAULTS | detail,
    }
