"""Collection configs of the second kind, `/pipelineconfigs`."""

from __future__ import annotations

from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import Call, Reply, as_json
from sandbox.sls.calls import collection
from sandbox.sls.calls.collection import Form

_PLUGINS = ("inputs", "processors", "aggregators", "flushers")
_OBJECTS = ("global", "task")
_KEYS = frozenset({"configName", "logSample", *_PLUGINS, *_OBJECTS})


def create(call: Call) -> Reply:
    """CreateLogtailPipelineConfig; the logstore it names need not exist."""
    return collection.add(call, _checked(call.request.json_body()))


def get(call: Call) -> Reply:
    """GetLogtailPipelineConfig: what was sent, with the server's times."""
    return as_json(collection.found(call, Form.PIPELINE))


def update(call: Call) -> Reply:
    """UpdateLogtailPipelineConfig, a full replace that keeps createTime."""
    former = collection.found(call, Form.PIPELINE)
    return collection.replace(call, former, _checked(call.request.json_body()))


def delete(call: Call) -> Reply:
    """DeleteLogtailPipelineConfig; every machine group loses it."""
    return collection.drop(call, collection.found(call, Form.PIPELINE))


def list_(call: Call) -> Reply:
    """ListLogtailPipelineConfig: pipeline configs only."""
    return collection.listed(call, Form.PIPELINE, lambda body: body["flushers"][0]["Logstore"])


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    given = collection.checked_names(body, _KEYS)
    for key in _OBJECTS:
        if not isinstance(given.get(key, {}), dict):
            raise errors.config_invalid(f"{key} must be an object")
    if not isinstance(given.get("logSample", ""), str):
        raise errors.config_invalid("logSample must be a string")
    kinds = {key: _types(key, given.get(key, [])) for key in _PLUGINS}
    if len(kinds["inputs"]) != 1 or len(kinds["aggregators"]) > 1:
        raise errors.config_invalid("there must be one input, and at most one aggregator")
    _check_processors(kinds["processors"])
    if kinds["flushers"] != ["flusher_sls"]:
        raise errors.config_invalid("flushers must be one flusher_sls")
    logstore = given["flushers"][0].get("Logstore")
    if not isinstance(logstore, str) or not logstore:
        raise errors.config_invalid("flusher_sls must name a Logstore")
    return given


def _types(key: str, plugins: Any) -> list[str]:
    if not isinstance(plugins, list) or not all(isinstance(one, dict) for one in plugins):
        raise errors.config_invalid(f"{key} must be a list of objects")
    types = [one.get("Type") for one in plugins]
    if not all(isinstance(kind, str) and kind for kind in types):
        raise errors.config_invalid(f"each of {key} must have a Type")
    return types


def _check_processors(types: list[str]) -> None:
    # SPL is neither native nor extended by its name, and no rule about it is known.
    native = {kind.endswith("_native") for kind in types if kind != "processor_spl"}
    if len(native) > 1:
        raise errors.config_invalid("native and extended processors cannot be mixed")
