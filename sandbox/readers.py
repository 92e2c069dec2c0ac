"""What people in account B look at: a dashboard, an alert and a saved search on its logstore."""

from __future__ import annotations

from typing import Any

_QUERY = {"query": "level: ERROR | select count(*) as errors", "start": "-900s", "end": "now"}


def look_at(sls: Any, side: dict[str, str]) -> None:
    """Make one of each on the logstore of `side`, through the SDK."""
    project, logstore = side["project"], side["logstore"]
    sls.create_dashboard(project, _dashboard(logstore))
    sls.create_savedsearch(project, _search(logstore))
    sls.create_alert(project, _alert(project, logstore))


def _dashboard(logstore: str) -> dict[str, Any]:
    search = {"logstore": logstore, "topic": "", "timeSpanType": "custom", **_QUERY}
    display = {"displayName": "Errors", "xPos": 0, "yPos": 0, "width": 5, "height": 5}
    chart = {"title": "errors", "type": "linepro", "search": search, "display": display}
    words = {"dashboardName": "orders", "displayName": "Orders at a glance", "description": ""}
    return {**words, "charts": [chart], "attribute": {"type": "grid"}}


def _search(logstore: str) -> dict[str, Any]:
    return {"savedsearchName": "order-errors", "displayName": "Errors of orders",
            "logstore": logstore, "searchQuery": "level: ERROR", "topic": ""}  # fmt: skip


def _alert(project: str, logstore: str) -> dict[str, Any]:
    where = {"project": project, "region": "cn-hangzhou", "store": logstore, "storeType": "log"}
    severe = {"severity": 8, "evalCondition": {"condition": "errors > 10", "countCondition": ""}}
    configuration = {
        "version": "2.0",
        "type": "default",
        "dashboard": "internal-alert-analysis",
        "queryList": [{**where, **_QUERY, "timeSpanType": "Relative"}],
        "groupConfiguration": {"type": "no_group", "fields": []},
        "severityConfigurations": [severe],
        "threshold": 1,
        "autoAnnotation": True,
        "noDataFire": False,
        "sendResolved": True,
    }
    words = {"name": "too-many-errors", "displayName": "Too many errors", "type": "Alert"}
    schedule = {"type": "FixedRate", "interval": "1m"}
    return {**words, "configuration": configuration, "schedule": schedule}
