"""What `inputDetail` of a classic config must be, by inputType and logType."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.sls import errors

KINDS = ("file", "plugin", "syslog", "streamlog")
# What the documentation asks of every file, without topicFormat (the official client leaves that
# out), and what each mode adds.
FILE = ("logPath", "filePattern")
MODES: dict[str, tuple[str, ...]] = {
    "common_reg_log": ("key",),
    "json_log": (),
    "delimiter_log": ("separator", "key"),
    "apsara_log": (),
}
_DEPTH, _PRESERVED = 1000, 3
_ZONE = re.compile(r"|GMT[+-]\d\d:\d\d")


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _up_to(most: int) -> Callable[[Any], bool]:
    return lambda value: _whole(value) and 0 <= value <= most


def _one_of(*known: str) -> Callable[[Any], bool]:
    return lambda value: value in known


_SHAPES: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("enableRawLog", "enableTag", "localStorage", "adjustTimezone"), _flag),
    **dict.fromkeys(("discardUnmatch", "discardNonUtf8", "dockerFile", "preserve"), _flag),
    **dict.fromkeys(("tailExisted", "autoExtend", "acceptNoEnoughKeys"), _flag),
    **dict.fromkeys(("delayAlarmBytes", "maxSendRate", "sendRateExpire", "priority"), _whole),
    **dict.fromkeys(("topicFormat", "timeFormat", "timeKey", "regex", "logBeginRegex"), _text),
    **dict.fromkeys(("separator", "quote", "tag"), _text),
    **dict.fromkeys(("key", "filterKey", "filterRegex", "shardHashKey"), _texts),
    **dict.fromkeys(("dockerIncludeLabel", "dockerExcludeLabel"), _object),
    **dict.fromkeys(("dockerIncludeEnv", "dockerExcludeEnv", "advanced", "plugin"), _object),
    "logPath": lambda value: _text(value) and value != "",
    "filePattern": lambda value: _text(value) and value != "",
    "delaySkipBytes": _whole,
    "maxDepth": _up_to(_DEPTH),
    "preserveDepth": _up_to(_PRESERVED),
    "fileEncoding": _one_of("utf8", "gbk"),
    "mergeType": _one_of("topic", "logstore"),
    "logTimezone": lambda value: _text(value) and _ZONE.fullmatch(value) is not None,
    "sensitive_keys": lambda value: isinstance(value, list) and all(map(_masking, value)),
}


def check(kind: Any, detail: Any) -> None:
    """Refuse an inputDetail that is not of its inputType; unknown keys of it may stand."""
    if kind not in KINDS or not isinstance(detail, dict):
        raise errors.config_invalid(f"inputType must be of {', '.join(KINDS)} with inputDetail")
    for key in required(kind, detail):
        if key not in detail:
            raise errors.config_invalid(f"inputDetail must have a {key}")
    for key, value in detail.items():
        if key in _SHAPES and not _SHAPES[key](value):
            raise errors.config_invalid(f"inputDetail: {key} {value!r} is invalid")
    if len(detail.get("filterKey", [])) != len(detail.get("filterRegex", [])):
        raise errors.config_invalid("filterKey and filterRegex must have the same length")
    if kind == "plugin":
        _check_plugin(detail["plugin"])


def required(kind: str, detail: dict[str, Any]) -> tuple[str, ...]:
    """The keys that an input of this kind cannot be without; raises on an unknown logType."""
    if kind == "plugin":
        return ("plugin",)
    if kind != "file":
        return ("tag",)
    mode = detail.get("logType")
    if not isinstance(mode, str) or mode not in MODES:
        raise errors.config_invalid(f"logType must be one of {', '.join(MODES)}")
    return FILE + MODES[mode]


def _check_plugin(plugin: dict[str, Any]) -> None:
    inputs = plugin.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        raise errors.config_invalid("plugin must have inputs")
    for one in inputs:
        if not isinstance(one, dict) or not isinstance(one.get("type"), str):
            raise errors.config_invalid("each of the plugin's inputs must have a type")
        if not isinstance(one.get("detail"), dict):
            raise errors.config_invalid("each of the plugin's inputs must have a detail")


def _masking(rule: Any) -> bool:
    if not isinstance(rule, dict) or not isinstance(rule.get("all"), bool):
        return False
    if not all(isinstance(rule.get(key), str) for key in ("key", "regex_begin", "regex_content")):
        return False
    return rule.get("type") == "md5" or (rule.get("type") == "const" and _text(rule.get("const")))
