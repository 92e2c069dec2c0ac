"""Dashboards: charts that search logstores."""

from __future__ import annotations

import re
from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json
from sandbox.sls.requests import PAGE_MAX

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_SHORTEST, _LONGEST = 2, 128
MOST_CHARTS = 200  # the vendor's suite makes as many, and not one more
_KEYS: dict[str, type] = {
    "dashboardName": str,
    "displayName": str,
    "description": str,
    "charts": list,
    "attribute": dict,
}
_NEEDED = ("dashboardName", "charts")
_CHART: dict[str, type] = {"title": str, "type": str, "search": dict, "display": dict}


def create(call: Call) -> Reply:
    """CreateDashboard; the logstores that its charts name need not exist."""
    body, dashboards = _checked(call), call.project.dashboards
    if body["dashboardName"] in dashboards:
        raise errors.dashboard_exists()
    if len(dashboards) >= call.state.limits.dashboards:
        raise errors.exceeded("dashboard quota exceed")
    dashboards[body["dashboardName"]] = body
    return EMPTY


def get(call: Call) -> Reply:
    """GetDashboard, as it was sent."""
    return as_json(_found(call))


def update(call: Call) -> Reply:
    """UpdateDashboard, a full replace."""
    name, body = _found(call)["dashboardName"], _checked(call)
    if body["dashboardName"] != name:
        raise errors.name_mismatch(name, body["dashboardName"])
    call.project.dashboards[name] = body
    return EMPTY


def delete(call: Call) -> Reply:
    """DeleteDashboard."""
    del call.project.dashboards[_found(call)["dashboardName"]]
    return EMPTY


def list_(call: Call) -> Reply:
    """ListDashboard: names, and the same with what people read."""
    call.known_filters("dashboards", "offset", "size")
    found = call.project.dashboards
    page, total = call.request.page(sorted(found), PAGE_MAX)
    items = [{key: found[name].get(key, "") for key in tuple(_KEYS)[:3]} for name in page]
    counts = {"count": len(page), "total": total}
    return as_json(counts | {"dashboards": page, "dashboardItems": items})


def _found(call: Call) -> dict[str, Any]:
    found = call.project.dashboards.get(call.names["dashboard"])
    if found is None:
        raise errors.dashboard_missing()
    return found


def _checked(call: Call) -> dict[str, Any]:
    body = call.request.json_body()
    _check_keys(body, "dashboard", _KEYS, _NEEDED)
    name = body["dashboardName"]
    if len(name) > _LONGEST:
        text = f"The length of dashboard name must be less than or equal to {_LONGEST}"
        raise errors.dashboard_name(text)
    if len(name) < _SHORTEST or not _NAME.fullmatch(name):
        raise errors.dashboard_name(f"The dashboard name is invalid: {name}")
    _check_charts(body["charts"])
    return body


def _check_charts(charts: list[Any]) -> None:
    if len(charts) > MOST_CHARTS:
        raise errors.exceeded("You have too many charts in your dashboard")
    titles = set[str]()
    for chart in charts:
        if not isinstance(chart, dict):
            raise errors.post_body("each of charts must be an object")
        _check_keys(chart, "chart", _CHART | dict.fromkeys(chart.keys() - _CHART, object), _CHART)
        if chart["title"] in titles:
            raise errors.post_body(f"Duplicate chart title: {chart['title']}")
        titles.add(chart["title"])


def _check_keys(body: dict[str, Any], what: str, known: dict[str, type], needed: Any) -> None:
    if missing := [key for key in needed if key not in body]:
        raise errors.post_body(f"{what} lacks {', '.join(missing)}")
    for key, value in body.items():
        if key not in known:
            raise errors.post_body(f"{what} has an unknown key {key}")
        if not isinstance(value, known[key]):
            raise errors.post_body(f"{key} of {what} must be of type {known[key].__name__}")
