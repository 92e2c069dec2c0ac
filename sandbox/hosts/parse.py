"""The processors of a classic config, in the agent's order: parse, time, filter, mask.

Source: Pipeline.cpp of 1.8.8 (split, parse, timestamp, filter, desensitize, tag).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.hosts.apsara import Apsara
from sandbox.hosts.delimiter import Overflow, delimited
from sandbox.hosts.line import LineRule, Step
from sandbox.hosts.logtime import TimeRule, time_rule, time_zone
from sandbox.hosts.parsing import (
    RAW,
    UNMATCHED,
    WHOLE_LINE,
    FindFields,
    Parse,
    compiled,
    json_fields,
    regex_fields,
)
from sandbox.hosts.refusal import NotCollectable
from sandbox.hosts.steps import Filter, Mask, Time

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("common_reg_log", "json_log", "delimiter_log", "apsara_log")
ENCODINGS = ("utf8", "gbk")  # the agent's utf16 is not modelled


def line_rule(detail: dict[str, Any]) -> LineRule:
    """Return how an inputDetail wants its lines read; NotCollectable names what is not modelled."""
    kind = detail.get("logType")
    if kind not in KINDS:
        raise NotCollectable(f"logType {kind!r} is not modelled; use one of {[*KINDS]}")
    steps: list[Step] = [_apsara(detail) if kind == "apsara_log" else _parse(detail)]
    if kind != "apsara_log" and (timing := time_rule(detail)):
        steps.append(Time(timing))
    steps += filters(detail.get("filterKey") or [], detail.get("filterRegex") or [])
    steps += [_mask(one) for one in detail.get("sensitive_keys") or []]
    return LineRule(tuple(steps), encoding(detail.get("fileEncoding")))


def encoding(name: object) -> str:
    """Return the encoding a config names, utf8 by default."""
    wanted = str(name or "utf8").lower()
    if wanted not in ENCODINGS:
        raise NotCollectable(f"file encoding {wanted!r} is not modelled; use utf8 or gbk")
    return wanted


def filters(keys: Sequence[str], regexes: Sequence[str]) -> list[Step]:
    """Return the filter of two lists of the same length, none where they are empty.

    Source: ProcessorFilterNative.cpp Init.
    """
    if len(keys) != len(regexes):
        raise NotCollectable(f"filterKey has {len(keys)} entries, filterRegex {len(regexes)}")
    if not keys:
        return []
    return [Filter(tuple((key, compiled(one)) for key, one in zip(keys, regexes, strict=True)))]


def _kept(detail: dict[str, Any]) -> dict[str, Any]:
    """Say under which names the text itself is kept, where fields were found and where not."""
    raw_name = (detail.get("advanced") or {}).get("raw_log_tag") or RAW
    raw = (raw_name,) if detail.get("enableRawLog") else ()
    unmatched = () if detail.get("discardUnmatch", True) else (UNMATCHED, *raw)
    return {"kept_found": raw, "kept_unmatched": unmatched}


def _parse(detail: dict[str, Any]) -> Parse:
    find: FindFields = json_fields
    if detail["logType"] == "delimiter_log":
        find = _delimited(detail)
    elif detail["logType"] == "common_reg_log":
        find = regex_fields(detail.get("regex") or WHOLE_LINE, detail.get("key") or [])
    regex = detail["logType"] == "common_reg_log"
    return Parse(find, "REGEX_MATCH_ALARM" if regex else "PARSE_LOG_FAIL_ALARM", **_kept(detail))


def _delimited(detail: dict[str, Any]) -> FindFields:
    """Return the columns' rule; autoExtend is true by default. Source: ConfigManagerBase.cpp."""
    partly = bool((detail.get("advanced") or {}).get("extract_partial_fields"))
    extend = Overflow.EXTEND if detail.get("autoExtend", True) else Overflow.KEEP
    return delimited(
        str(detail.get("separator") or ""),
        str(detail.get("quote") or ""),
        detail.get("key") or [],
        accepts_fewer=bool(detail.get("acceptNoEnoughKeys")),
        overflow=Overflow.DISCARD if partly else extend,
    )


def _apsara(detail: dict[str, Any]) -> Apsara:
    zone = time_zone(detail.get("logTimezone")) if detail.get("adjustTimezone") else None
    return Apsara(TimeRule("time", "%Y-%m-%d %H:%M:%S", zone), **_kept(detail))


def _mask(entry: dict[str, Any]) -> Mask:
    """Return one entry of sensitive_keys; the agent would skip a wrong one, here it is refused.

    Source: ConfigManagerBase.cpp GetSensitiveKeys.
    """
    needed = ("key", "type", "regex_begin", "regex_content", "all")
    absent = [name for name in needed if name not in entry]
    if absent or entry["type"] not in ("const", "md5"):
        raise NotCollectable(f"sensitive_keys: {absent or entry['type']} is missing or unknown")
    if entry["type"] == "const" and not isinstance(entry.get("const"), str):
        raise NotCollectable("sensitive_keys: const is missing")
    compiled(f"({entry['regex_begin']}){entry['regex_content']}")
    text = entry["const"] if entry["type"] == "const" else None
    return Mask(entry["key"], entry["regex_begin"], entry["regex_content"], text, entry["all"])
