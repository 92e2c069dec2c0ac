"""Bodies of what people look at: dashboards, saved searches and alerts of both kinds."""

from __future__ import annotations

from typing import Any


def chart(title: str = "requests", logstore: str = "app", **more: Any) -> dict[str, Any]:
    search = {"logstore": logstore, "query": "* | select count(*)", "start": "-60s", "end": "now"}
    return {"title": title, "type": "table", "search": search, "display": {"xPos": 0}} | more


def dashboard(name: str = "traffic", *charts: dict[str, Any], **more: Any) -> dict[str, Any]:
    words = {"displayName": "流量 ❤", "description": "of the shop"}
    shown = {"charts": list(charts or [chart()]), "attribute": {"type": "grid"}}
    return {"dashboardName": name} | words | shown | more


def search(name: str = "errors", **more: Any) -> dict[str, Any]:
    query = {"searchQuery": "level: ERROR 😓", "topic": "t", "logstore": "app"}
    return {"savedsearchName": name, "displayName": "Errors"} | query | more


def alert(name: str = "too-many", **more: Any) -> dict[str, Any]:
    query = {"query": "* | select count(*) as cnt", "start": "-60s", "end": "now"}
    where = {"project": "web", "region": "cn-hangzhou", "store": "app", "storeType": "log"}
    config = {
        "version": "2.0",
        "queryList": [query | where | {"timeSpanType": "Relative"}],
        "groupConfiguration": {"type": "no_group"},
        "severityConfigurations": [{"severity": 8, "evalCondition": {"condition": "cnt > 90"}}],
        "threshold": 1,
    }
    schedule = {"type": "FixedRate", "interval": "60s"}
    words = {"name": name, "displayName": "Too many", "type": "Alert"}
    return words | {"configuration": config, "schedule": schedule} | more


def old_alert(name: str = "old", **more: Any) -> dict[str, Any]:
    query = {"query": "*", "start": "-60s", "end": "now", "timeSpanType": "Custom"}
    config = {
        "condition": "$0.count > 1",
        "dashboard": "traffic",
        "queryList": [query | {"logStore": "app", "chartTitle": "requests"}],
    }
    return alert(name, configuration=config) | more
