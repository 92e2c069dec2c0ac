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
_FLAGS = ("caseSensitive", "chn", "doc_value", "index_all", "auto_key_detect")
_LISTS = ("chn_list", "include_keys", "exclude_keys")
# Bytes of a text that SQL may see; 0 is what clients send that leave it to the service.
_LONGEST = range(64, 16_384 + 1)
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
    _check_top(body)
    _check_part("line", line or {})
    for name, key in keys.items():
        _check_key(name, key)
    return {key: value for key, value in body.items() if key not in _READ_ONLY}


def _check_key(name: str, key: Any) -> None:
    if not isinstance(key, dict) or key.get("type") not in _TYPES:
        raise errors.index_invalid(f"key {name} must have a type of {', '.join(_TYPES)}")
    if key["type"] in _TOKENED and not _tokens(key):
        raise errors.index_invalid(f"key {name} must have a list of single characters as token")

    if not isinstance(key.get("alias", ""), str) or not isinstance(key.get("json_keys", {}), dict):
        raise errors.index_invalid(f"key {name}: alias must be a string, json_keys an object")
    _check_part(f"key {name}", key)
    for inner, one in key.get("json_keys", {}).items():
        _check_inner(f"key {name}.{inner}", one)


def _check_inner(name: str, key: Any) -> None:
    if not isinstance(key, dict) or key.get("type") not in ("text", "long", "double"):
        raise errors.index_invalid(f"{name} must have a type of text, long, double")
    _check_part(name, key)


def _check_top(body: dict[str, Any]) -> None:
    longest = body.get("max_text_len", 0)
    if not isinstance(longest, int) or (longest != 0 and longest not in _LONGEST):
        raise errors.index_invalid(
            f"max_text_len must be 0, or from {_LONGEST[0]} to {_LONGEST[-1]}"
        )
    for key in ("log_reduce", "scan_index"):
        if not isinstance(body.get(key, False), bool):
            raise errors.index_invalid(f"{key} must be true or false")


def _check_part(name: str, part: dict[str, Any]) -> None:
    for flag in _FLAGS:
        if not isinstance(part.get(flag, False), bool):
            raise errors.index_invalid(f"{name}: {flag} must be true or false")
    for key in _LISTS:
        listed = part.get(key, [])
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise errors.index_invalid(f"{name}: {key} must be a list of strings")


def _tokens(part: dict[str, Any]) -> bool:
    token = part.get("token")
    return isinstance(token, list) and all(isinstance(one, str) and len(one) == 1 for one in token)
