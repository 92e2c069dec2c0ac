"""Indexes: an index acts on lines received after it took effect, never on earlier ones."""

from __future__ import annotations

from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json
from sandbox.sls.logstore import Index, Logstore

_KNOWN = frozenset(
    {
        "line",
        "keys",
        "log_reduce",
        "log_reduce_white_list",
        "log_reduce_black_list",
        "max_text_len",
        "scan_index",
        "ttl",
        "storage",
        "index_mode",
        "lastModifyTime",
    }
)
_READ_ONLY = frozenset({"ttl", "storage", "index_mode", "lastModifyTime"})
_TOKENED = ("text", "json")
_TYPES = ("text", "long", "double", "json")


def get(call: Call) -> Reply:
    """GetIndex; 400 where there is none."""
    logstore = call.ready_logstore
    if not logstore.indexes:
        raise errors.index_missing()
    added = {
        "ttl": logstore.body["ttl"],
        "storage": "pg",
        "index_mode": "v2",
        "lastModifyTime": int(logstore.index_modified),
    }
    return as_json(dict(logstore.indexes[-1].body) | added)


def create(call: Call) -> Reply:
    """CreateIndex."""
    logstore, body = call.ready_logstore, _checked(call.request.json_body())
    if logstore.indexes:
        raise errors.index_exists()
    return _put(call, logstore, body)


def update(call: Call) -> Reply:
    """UpdateIndex, a full replace; lines received until it takes effect keep the former one."""
    logstore, body = call.ready_logstore, _checked(call.request.json_body())
    if not logstore.indexes:
        raise errors.parameter("log store index is not created")
    return _put(call, logstore, body)


def delete(call: Call) -> Reply:
    """DeleteIndex; a later index does not bring the earlier lines back."""
    logstore = call.ready_logstore
    if not logstore.indexes:
        raise errors.parameter("log store index is not created")
    logstore.indexes.clear()
    return EMPTY


def _put(call: Call, logstore: Logstore, body: dict[str, Any]) -> Reply:
    effect = call.state.clock.real(call.state.delays.index_effect)
    logstore.indexes.append(Index(call.now + effect, body))
    logstore.index_modified = call.now
    return EMPTY


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    if unknown := body.keys() - _KNOWN:
        raise errors.index_invalid(f"unknown key {', '.join(sorted(unknown))}")
    line, keys = body.get("line"), body.get("keys", {})
    if line is None and not keys:
        raise errors.index_invalid("neither line nor keys are given")
    if line is not None and not (isinstance(line, dict) and _tokens(line)):
        raise errors.index_invalid("line must have a list of single characters as token")
    if not isinstance(keys, dict):
        raise errors.index_invalid("keys must be an object")
    for name, key in keys.items():
        _check_key(name, key)
    return {key: value for key, value in body.items() if key not in _READ_ONLY}


def _check_key(name: str, key: Any) -> None:
    if not isinstance(key, dict) or key.get("type") not in _TYPES:
        raise errors.index_invalid(f"key {name} must have a type of {', '.join(_TYPES)}")
    if key["type"] in _TOKENED and not _tokens(key):
        raise errors.index_invalid(f"key {name} must have a list of single characters as token")


def _tokens(part: dict[str, Any]) -> bool:
    token = part.get("token")
    return isinstance(token, list) and all(isinstance(one, str) and len(one) == 1 for one in token)
