"""Logstores."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json
from sandbox.sls.calls import tags
from sandbox.sls.logstore import Logstore

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]")
MOST_SHARDS = 256
ENCRYPTIONS = ("default", "sm4", "m4")
_FILTERS = ("mode", "telemetryType")
_READ_ONLY = frozenset({"createTime", "lastModifyTime", "productType", "resourceQuota"})
_DEFAULTS: dict[str, Any] = {
    "enable_tracking": False,
    "autoSplit": False,
    "maxSplitShard": 0,
    "appendMeta": False,
    "telemetryType": "",
    "mode": "standard",
}


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "logstoreName": lambda v: isinstance(v, str) and bool(_NAME.fullmatch(v)),
    "ttl": lambda v: _whole(v) and 1 <= v <= 3650,
    "shardCount": lambda v: _whole(v) and 1 <= v <= 100,
    "maxSplitShard": _whole,
    "enable_tracking": lambda v: isinstance(v, bool),
    "autoSplit": lambda v: isinstance(v, bool),
    "appendMeta": lambda v: isinstance(v, bool),
    "enableModify": lambda v: isinstance(v, bool),
    "telemetryType": lambda v: v in ("", "None", "Metrics", "metrics", "Event"),
    "mode": lambda v: v in ("standard", "query", "lite"),
    "hot_ttl": _whole,
    "infrequentAccessTTL": _whole,
    "encrypt_conf": lambda v: isinstance(v, dict),
}


def create(call: Call) -> Reply:
    """CreateLogStore; log and index calls know it only `logstore_ready` seconds later."""
    body = _checked(call.request.json_body(), ("logstoreName", "ttl", "shardCount"))
    name, project, now = body["logstoreName"], call.project, call.now
    if name in project.logstores:
        raise errors.logstore_exists(name)
    if len(project.logstores) >= call.state.limits.logstores:
        raise errors.quota("logstores", call.state.limits.logstores)
    project.check_shards(body["shardCount"], call.state.limits.shards)
    ready = now + call.state.clock.real(call.state.delays.logstore_ready)
    body = _DEFAULTS | body
    _check_splitting(body)
    project.logstores[name] = Logstore(name, body, now, ready, now, body["shardCount"])
    return EMPTY


def get(call: Call) -> Reply:
    """GetLogStore; answers at once after the create."""
    return as_json(_shape(call.logstore))


def update(call: Call) -> Reply:
    """UpdateLogStore; the number of shards stays, only splitting would change it."""
    logstore = call.logstore
    body = _checked(call.request.json_body(), ("ttl",))
    if body.get("logstoreName", logstore.name) != logstore.name:
        raise errors.name_mismatch(logstore.name, body["logstoreName"])
    if logstore.body["mode"] == "standard" != body.get("mode", "standard"):
        raise errors.logstore_mode()
    body = logstore.body | body | {"shardCount": logstore.body["shardCount"]}
    _check_splitting(body)
    logstore.body = body
    logstore.modified = call.now
    return EMPTY


def delete(call: Call) -> Reply:
    """DeleteLogStore with its lines, index, consumer groups and tags."""
    name = call.logstore.name
    del call.project.logstores[name]
    tags.forget(call.project, "logstore", name)
    return EMPTY


def list_(call: Call) -> Reply:
    """ListLogStores; without a hit the answer lacks the key `logstores`, as the real one does."""
    query = call.request.query
    names = sorted(
        name
        for name, logstore in call.project.logstores.items()
        if query.get("logstoreName", "") in name
        and all(query.get(key) in (None, "", logstore.body[key]) for key in _FILTERS)
    )
    page, total = call.request.page(names)
    counts: dict[str, Any] = {"count": len(page), "total": total}
    return as_json(counts | ({"logstores": page} if page else {}))


def _shape(logstore: Logstore) -> dict[str, Any]:
    times = {"createTime": int(logstore.created), "lastModifyTime": int(logstore.modified)}
    return logstore.body | times


def _checked(body: dict[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
    given = {key: value for key, value in body.items() if key not in _READ_ONLY}
    if given.keys() - _CHECKS.keys():
        # The official client knows this very text and tries again with the basic keys only.
        raise errors.logstore_invalid("redundant key exist in json")
    for key in required:
        if key not in given:
            raise errors.logstore_invalid(f"{key} is missing")
    for key, value in given.items():
        if key == "encrypt_conf":
            _check_encryption(value)
        elif not _CHECKS[key](value):
            word = "logstore name" if key == "logstoreName" else key
            raise errors.logstore_invalid(f"{word} {value} is invalid")
    return given


def _check_splitting(body: dict[str, Any]) -> None:
    least = 1 if body["autoSplit"] else 0
    if not least <= body["maxSplitShard"] <= MOST_SHARDS:
        raise errors.logstore_invalid(f"maxSplitShard must be within range [1, {MOST_SHARDS}]")


def _check_encryption(conf: Any) -> None:
    if not isinstance(conf, dict) or not isinstance(conf.get("enable"), bool):
        raise errors.logstore_invalid("The encrypt_conf is invalid, [enable] key is missing")
    if conf["enable"] and conf.get("encrypt_type") not in ENCRYPTIONS:
        text = "The encrypt_conf is invalid, [encrypt_type] key is missing or not supported"
        raise errors.logstore_invalid(text)
