"""GetHistograms and GetLogs, in the query form and in the JSON form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.sls import errors, query, search
from sandbox.sls.call import Call, Reply, as_json
from sandbox.sls.calls.logs import packed
from sandbox.sls.search import Field, Wanted

MOST_LINES = 100
_KNOWN = frozenset(
    {
        "type",
        "from",
        "to",
        "query",
        "topic",
        "shard",
        "line",
        "offset",
        "reverse",
        "forward",
        "accurate",
        "powerSql",
        "session",
        "fromNs",
        "toNs",
    }
)
# Taken only with the value that means "not used".
_UNUSED = {"powerSql": ("false",), "fromNs": ("0",), "toNs": ("0",), "session": ("",)}


def histogram(call: Call) -> Reply:
    """GetHistograms: hits by time, and whether lines of that time may still be missing."""
    wanted = _wanted(call.request.query)
    field = _survey(call, wanted)
    hits = search.count(field, wanted)
    edges = search.buckets(wanted.start, wanted.end)
    counts = search.spread(hits, edges)
    bars = [_bar(field, *edge, lines) for edge, lines in zip(edges, counts, strict=True)]
    headers = {
        "x-log-progress": field.progress(wanted.start, wanted.end),
        "x-log-count": str(hits.total()),
    }
    return as_json(bars, headers)


def logs_by_query(call: Call) -> Reply:
    """GetLogs, the older form: a bare list, the rest in headers."""
    lines, meta = _found(call, call.request.query)
    headers = {
        "x-log-progress": meta["progress"],
        "x-log-count": str(len(lines)),
        "x-log-processed-rows": str(meta["processedRows"]),
        "x-log-elapsed-millisecond": "0",
        "x-log-has-sql": "false",
    }
    return as_json(lines, headers)


def logs(call: Call) -> Reply:
    """GetLogs, the newer form: `meta` and `data`, compressed as accepted."""
    given = {key: _text(value) for key, value in call.request.json_body().items()}
    lines, meta = _found(call, given)
    body = json.dumps({"meta": meta, "data": lines}, ensure_ascii=False).encode()
    return packed(call, body, {}, "application/json")


def _found(call: Call, given: Mapping[str, str]) -> tuple[list[dict[str, str]], dict[str, Any]]:
    wanted = _wanted(given)
    size = _whole(given, "line", MOST_LINES, most=MOST_LINES)
    offset = _whole(given, "offset", 0)
    field = _survey(call, wanted)
    hits = search.count(field, wanted)
    part = slice(offset, offset + size)
    lines = search.select(field, wanted, hits, part, reverse=_flag(given, "reverse"))
    return lines, {
        "progress": field.progress(wanted.start, wanted.end),
        "count": len(lines),
        "processedRows": hits.total(),
        "elapsedMillisecond": 0,
        "hasSQL": False,
        "whereQuery": given.get("query", ""),
        "aggQuery": "",
        "cpuSec": 0.0,
        "cpuCores": 0,
        "mode": 0,
        "isAccurate": True,
        "terms": [],
    }


def _survey(call: Call, wanted: Wanted) -> Field:
    delay = call.state.clock.real(call.state.delays.searchable)
    with call.state.lock:
        logstore = call.ready_logstore
        if not logstore.indexes:
            raise errors.index_missing("logstore without index config")
        query.check_types(wanted.conditions, logstore.indexes[-1].body)
        return search.survey(logstore, wanted, call.now - delay)


def _wanted(given: Mapping[str, str]) -> Wanted:
    _check_known(given)
    start, end = _whole(given, "from"), _whole(given, "to")
    if start >= end:
        raise errors.parameter(f"from {start} must be before to {end}")
    conditions = query.parse(given.get("query", ""))
    shard = _whole(given, "shard") if "shard" in given else None
    return Wanted(start, end, conditions, given.get("topic", ""), shard)


def _check_known(given: Mapping[str, str]) -> None:
    if unknown := given.keys() - _KNOWN:
        raise errors.parameter(f"{', '.join(sorted(unknown))} is not understood by this sandbox")
    for name, values in _UNUSED.items():
        if given.get(name, values[0]).lower() not in values:
            raise errors.parameter(f"{name}={given[name]} is not understood by this sandbox")


def _bar(field: Field, start: int, end: int, lines: int) -> dict[str, Any]:
    return {"from": start, "to": end, "count": lines, "progress": field.progress(start, end)}


def _whole(
    given: Mapping[str, str], name: str, default: int | None = None, *, most: int | None = None
) -> int:
    text = given.get(name)
    if text is None and default is not None:
        return default
    if text is None or not text.isascii() or not text.isdigit():
        raise errors.parameter(f"{name} must be a whole number, not {text!r}")
    if most is not None and int(text) > most:
        raise errors.parameter(f"{name} must be at most {most}, not {text}")
    return int(text)


def _flag(given: Mapping[str, str], name: str) -> bool:
    return given.get(name, "false").lower() == "true"


def _text(value: Any) -> str:
    return "" if value is None else str(value)
