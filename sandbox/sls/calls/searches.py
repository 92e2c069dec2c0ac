"""GetHistograms and GetLogs, in the query form and in the JSON form."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sandbox.sls import errors, query, search, sql, sql_columns, sql_run
from sandbox.sls.call import Call, Reply, as_json
from sandbox.sls.calls.logs import packed
from sandbox.sls.requests import NUMBER
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
# Beside true and false a server may only guess; the official client writes Python's True.
_FLAGS = ("reverse", "forward", "accurate")
# Taken only with the value that means "not used".
_UNUSED = {"powerSql": ("false",), "fromNs": ("0",), "toNs": ("0",), "session": ("",)}


def histogram(call: Call) -> Reply:
    """GetHistograms: hits by time, and whether lines of that time may still be missing."""
    wanted = _wanted(call.request.query, call.request.query.get("query", ""))
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
        "x-log-has-sql": str(meta["hasSQL"]).lower(),
    }
    if meta["hasSQL"]:
        said = {"x-log-where-query": meta["whereQuery"], "x-log-agg-query": meta["aggQuery"]}
        headers |= {name: _one_line(text) for name, text in said.items()}
    return as_json(lines, headers)


def logs(call: Call) -> Reply:
    """GetLogs, the newer form: `meta` and `data`, compressed as accepted."""
    given = {key: _text(value) for key, value in call.request.json_body().items()}
    lines, meta = _found(call, given)
    body = json.dumps({"meta": meta, "data": lines}, ensure_ascii=False).encode()
    return packed(call, body, {}, "application/json")


def _found(call: Call, given: Mapping[str, str]) -> tuple[list[dict[str, str]], dict[str, Any]]:
    text, statement = query.split(given.get("query", ""))
    wanted = _wanted(given, text)
    size = _whole(given, "line", MOST_LINES, most=MOST_LINES)
    offset = _whole(given, "offset", 0)
    if statement:
        return _analysed(call, wanted, text, statement, offset)
    field = _survey(call, wanted)
    hits = search.count(field, wanted)
    part = slice(offset, offset + size)
    lines = search.select(field, wanted, hits, part, reverse=_flag(given, "reverse"))
    return lines, _meta(field, wanted, len(lines), hits.total(), text)


def _analysed(
    call: Call, wanted: Wanted, text: str, statement: str, offset: int
) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """The rows of a statement; `line` and `reverse` mean nothing to it, limit and order by do."""
    if offset:
        way = "please use limit x,y syntax for pagination."
        what = f"offset is not available for pagination in sql query, {way}"
        raise errors.parameter(f"ErrorType:OLSQueryParseError.ErrorMessage:{what}")
    parsed = sql.parse(statement)
    with call.state.lock:
        field, logstore = _survey(call, wanted), call.ready_logstore
        known = sql_columns.columns(logstore.indexes[-1].body, logstore.name)
        plan = sql_run.plan(parsed, known, logstore.name, call.project.region)
    rows = sql_columns.rows(field, wanted, plan.columns)
    lines = sql_run.run(plan, rows)
    meta = _meta(field, wanted, len(lines), rows.total(), text)
    return lines, meta | {"hasSQL": True, "aggQuery": statement, "keys": list(plan.names)}


def _meta(field: Field, wanted: Wanted, count: int, processed: int, text: str) -> dict[str, Any]:
    return {
        "progress": field.progress(wanted.start, wanted.end),
        "count": count,
        "processedRows": processed,
        "elapsedMillisecond": 0,
        "hasSQL": False,
        "whereQuery": text,
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


def _wanted(given: Mapping[str, str], text: str) -> Wanted:
    _check_known(given)
    start, end = _whole(given, "from"), _whole(given, "to")
    if start >= end:
        raise errors.parameter(f"from {start} must be before to {end}")
    conditions = query.parse(text)
    shard = _whole(given, "shard") if "shard" in given else None
    return Wanted(start, end, conditions, given.get("topic", ""), shard)


def _check_known(given: Mapping[str, str]) -> None:
    if unknown := given.keys() - _KNOWN:
        raise errors.parameter(f"{', '.join(sorted(unknown))} is not understood by this sandbox")
    for name, values in _UNUSED.items():
        if given.get(name, values[0]).lower() not in values:
            raise errors.parameter(f"{name}={given[name]} is not understood by this sandbox")
    for name in _FLAGS:
        if given.get(name, "false").lower() not in ("true", "false", ""):
            raise errors.parameter(f"{name}={given[name][:99]!r} must be true or false")


def _bar(field: Field, start: int, end: int, lines: int) -> dict[str, Any]:
    return {"from": start, "to": end, "count": lines, "progress": field.progress(start, end)}


def _whole(
    given: Mapping[str, str], name: str, default: int | None = None, *, most: int | None = None
) -> int:
    text = given.get(name)
    if text is None and default is not None:
        return default
    if text is None or not NUMBER.fullmatch(text):
        raise errors.parameter(f"{name} must be a whole number, not {(text or '')[:99]!r}")
    if most is not None and int(text) > most:
        raise errors.parameter(f"{name} must be at most {most}, not {text}")
    return int(text)


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x20\x7f]+", " ", text).strip()


def _flag(given: Mapping[str, str], name: str) -> bool:
    return given.get(name, "false").lower() == "true"


def _text(value: Any) -> str:
    return "" if value is None else str(value)
