"""Alerts, which are jobs of type Alert; they are kept and shown, and never run."""

from __future__ import annotations

import re
from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json
from sandbox.sls.etl_plan import checked

TYPE = "Alert"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}[a-z0-9]")
_READ_ONLY = frozenset(
    {"createTime", "lastModifiedTime", "lastModifiedBy", "scheduleId", "status", "recyclable"}
)
_NEEDED: dict[str, type] = {
    "name": str,
    "displayName": str,
    "type": str,
    "configuration": dict,
    "schedule": dict,
}
_MORE: dict[str, type] = {"description": str, "state": str}
_STATES = ("Enabled", "Disabled")
# What its schedule must have beside the type.
_SCHEDULES = {
    "FixedRate": "interval",
    "Cron": "cronExpression",
    "Hourly": "type",
    "Daily": "hour",
    "Weekly": "dayOfWeek",
}
_QUERY = ("query", "start", "end", "timeSpanType")
_OLD = ("condition", "dashboard", "queryList")
_NEW = ("groupConfiguration", "severityConfigurations", "threshold", "queryList")
_FILTERS = ("jobType", "logstore", "offset", "size")


def create(call: Call, given: dict[str, Any]) -> Reply:
    """CreateJob of this type; it is enabled unless it says otherwise."""
    body, alerts = _checked(call, given), call.project.alerts
    if not _NAME.fullmatch(body["name"]):
        raise errors.parameter(f"job name {body['name']!r} is invalid")
    if body["name"] in alerts or body["name"] in call.project.jobs:
        raise errors.job_exists(body["name"])
    if len(alerts) >= call.state.limits.alerts:
        raise errors.exceeded("alert quota exceed")
    now = int(call.now)
    alerts[body["name"]] = body | {"createTime": now, "lastModifiedTime": now}
    return EMPTY


def get(call: Call) -> Reply:
    """GetJob."""
    return as_json(_shape(call.project.alerts[call.names["job"]]))


def update(call: Call) -> Reply:
    """UpdateJob, a full replace."""
    name, body = call.names["job"], _checked(call, call.request.json_body())
    if body["name"] != name:
        raise errors.name_mismatch(name, body["name"])
    former = call.project.alerts[name]
    times = {"createTime": former["createTime"], "lastModifiedTime": int(call.now)}
    call.project.alerts[name] = body | times
    return EMPTY


def delete(call: Call) -> Reply:
    """DeleteJob."""
    del call.project.alerts[call.names["job"]]
    return EMPTY


def enable(call: Call) -> Reply:
    """Let it look again."""
    return _turned(call, "Enabled")


def disable(call: Call) -> Reply:
    """Let it look no more."""
    return _turned(call, "Disabled")


def list_(call: Call) -> Reply:
    """ListJobs of this type, the whole of each; those that search `logstore` if that is asked."""
    call.known_filters("jobs", *_FILTERS)
    wanted, found = call.request.query.get("logstore"), call.project.alerts
    names = sorted(name for name in found if wanted in (None, *_stores(found[name])))
    page, total = call.request.page(names)
    results = [_shape(found[name]) for name in page]
    return as_json({"count": len(page), "total": total, "results": results})


def _shape(alert: dict[str, Any]) -> dict[str, Any]:
    return alert | {"status": alert["state"].upper()}


def _turned(call: Call, state: str) -> Reply:
    found = call.project.alerts.get(call.names["job"])
    if found is None:
        raise errors.job_missing(call.names["job"], call.state.etl.missing_status)
    found["state"] = state
    return EMPTY


def _stores(alert: dict[str, Any]) -> list[str]:
    return [_store(query) for query in alert["configuration"]["queryList"]]


def _store(query: dict[str, Any]) -> str:
    return str(query.get("store") or query.get("logStore") or "")


def _checked(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    bare = {k: v for k, v in given.items() if k not in _READ_ONLY and v is not None}
    body = {"state": _STATES[0]} | checked(bare, "job", _NEEDED, _MORE)
    if body["type"] != TYPE:
        raise errors.parameter(f"the type of job {body['name']} cannot be changed")
    if body["state"] not in _STATES:
        raise errors.parameter(f"state must be one of {', '.join(_STATES)}")
    kind = body["schedule"].get("type")
    if not isinstance(kind, str) or kind not in _SCHEDULES:
        raise errors.parameter(f"the type of schedule must be one of {', '.join(_SCHEDULES)}")
    if _SCHEDULES[kind] not in body["schedule"]:
        raise errors.parameter(f"a schedule of type {kind} must have a {_SCHEDULES[kind]}")
    _check_configuration(call, body["configuration"])
    return body


def _check_configuration(call: Call, config: dict[str, Any]) -> None:
    """Alerts of version 2.0 stand alone, those before belong to a dashboard."""
    new = config.get("version") == "2.0"
    for key in _NEW if new else _OLD:
        if key not in config:
            raise errors.parameter(f"configuration must have a {key}")
    if not new and config["dashboard"] not in call.project.dashboards:
        raise errors.parameter(f"Dashboard does not exist: {config['dashboard']}")
    queries = config["queryList"]
    if not isinstance(queries, list) or not queries:
        raise errors.parameter("queryList must have one query or more")
    for query in queries:
        _check_query(query)


def _check_query(query: Any) -> None:
    if not isinstance(query, dict):
        raise errors.parameter("each of queryList must be an object")
    if missing := [key for key in _QUERY if not isinstance(query.get(key), str)]:
        raise errors.parameter(f"each of queryList must have {', '.join(missing)}")
    if not _store(query):
        raise errors.parameter("each of queryList must have a store")
