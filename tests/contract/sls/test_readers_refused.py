"""What is refused of dashboards, saved searches and alerts at the SLS server, and to whom."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.sls import Key, Limits, Policy
from tests.contract.sls.copying import policy, statement
from tests.contract.sls.looking import alert, chart, dashboard, old_alert, search
from tests.contract.sls.world import SOURCE, World, refusal

WEB = f"acs:log:cn-hangzhou:{SOURCE.id}:project/web"


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


Make = Callable[[Any], Any]
MAKERS: dict[str, tuple[Make, Make]] = {
    "dashboard": (
        lambda client: client.create_dashboard("web", dashboard()),
        lambda client: client.create_dashboard("web", dashboard("another")),
    ),
    "search": (
        lambda client: client.create_savedsearch("web", search()),
        lambda client: client.create_savedsearch("web", search("another")),
    ),
    "alert": (
        lambda client: client.create_alert("web", alert()),
        lambda client: client.create_alert("web", alert("another")),
    ),
}


@pytest.mark.parametrize(
    ("kind", "code", "text"),
    [
        ("dashboard", "ParameterInvalid", "specified dashboard already exists"),
        ("search", "ParameterInvalid", "specified savedsearch already exists"),
        ("alert", "JobAlreadyExist", "Job too-many already exists"),
    ],
)
def test_a_name_is_taken_once(world: World, kind: str, code: str, text: str) -> None:
    MAKERS[kind][0](world.source)

    assert refusal(lambda: MAKERS[kind][0](world.source)) == (400, code, text)


@pytest.mark.parametrize("kind", MAKERS)
def test_there_is_a_quota_for_each(kind: str) -> None:
    with World(limits=Limits(dashboards=1, saved_searches=1, alerts=1)) as world:
        MAKERS[kind][0](world.source)

        assert refusal(lambda: MAKERS[kind][1](world.source))[:2] == (400, "ExceedQuota")


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        (dashboard("d"), "InvalidDashboardName", "The dashboard name is invalid: d"),
        (
            dashboard("d" * 129),
            "InvalidDashboardName",
            "The length of dashboard name must be less than or equal to 128",
        ),
        (dashboard("a/b"), "InvalidDashboardName", "The dashboard name is invalid: a/b"),
        (
            dashboard("twice", chart(), chart()),
            "PostBodyInvalid",
            "Duplicate chart title: requests",
        ),
        (
            dashboard("many", *(chart(str(n)) for n in range(201))),
            "ExceedQuota",
            "You have too many charts in your dashboard",
        ),
        (dashboard(charts={}), "PostBodyInvalid", "charts of dashboard must be of type list"),
        (dashboard(owner="x"), "PostBodyInvalid", "dashboard has an unknown key owner"),
        ({"dashboardName": "bare"}, "PostBodyInvalid", "dashboard lacks charts"),
        (dashboard("dd", {"title": "x"}), "PostBodyInvalid", "chart lacks type, search, display"),
    ],
)
def test_a_dashboard_that_is_not_right_is_refused_by_name(
    world: World, body: dict[str, Any], code: str, text: str
) -> None:
    assert refusal(lambda: world.source.create_dashboard("web", body)) == (400, code, text)
    assert world.server.journal.writes(1) == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"savedsearchName": "ab"}, "ParameterInvalid"),
        ({"savedsearchName": "a" * 64}, "ParameterInvalid"),
        ({"logstore": 7}, "PostBodyInvalid"),
        ({"owner": "x"}, "PostBodyInvalid"),
        ({"searchQuery": "A" * 65_535}, "PostBodyInvalid"),
    ],
)
def test_a_saved_search_that_is_not_right_is_refused(
    world: World, change: dict[str, Any], code: str
) -> None:
    assert refusal(lambda: world.source.create_savedsearch("web", search() | change))[:2] == (
        400,
        code,
    )


def changed(**config: Any) -> dict[str, Any]:
    return {"configuration": alert()["configuration"] | config}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "Too Many"}, "ParameterInvalid"),
        ({"state": "On"}, "ParameterInvalid"),
        ({"schedule": {"type": "Resident"}}, "ParameterInvalid"),
        ({"schedule": {"type": "FixedRate"}}, "ParameterInvalid"),
        ({"schedule": {"type": {}}}, "ParameterInvalid"),
        (changed(queryList=[]), "ParameterInvalid"),
        (changed(queryList=[{"query": "*"}]), "ParameterInvalid"),
        (changed(queryList=["*"]), "ParameterInvalid"),
        (changed(version="1.0"), "ParameterInvalid"),
        ({"configuration": None}, "PostBodyInvalid"),
        ({"owner": "x"}, "PostBodyInvalid"),
    ],
)
def test_an_alert_that_is_not_right_is_refused(
    world: World, change: dict[str, Any], code: str
) -> None:
    assert refusal(lambda: world.source.create_alert("web", alert() | change))[:2] == (400, code)


def test_an_alert_of_the_first_kind_belongs_to_a_dashboard(world: World) -> None:
    text = "Dashboard does not exist: traffic"
    assert refusal(lambda: world.source.create_alert("web", old_alert()))[2] == text
    world.source.create_dashboard("web", dashboard())
    world.source.create_alert("web", old_alert())

    assert world.source.get_alert("web", "old").get_entity()["name"] == "old"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/dashboards/traffic", dashboard("another")),
        ("PUT", "/savedsearches/errors", search("another")),
        ("PUT", "/jobs/too-many", alert("another")),
    ],
)
def test_a_name_cannot_be_changed(world: World, method: str, path: str, body: Any) -> None:
    for make, _ in MAKERS.values():
        make(world.source)
    status, _, said = world.send(method, path, json.dumps(body).encode())

    assert (status, said["errorCode"]) == (400, "BadRequest")


def test_a_filter_that_is_not_there_is_no_empty_success(world: World) -> None:
    for path in ("/dashboards", "/savedsearches", "/jobs"):
        asked = {"jobType": "Alert"} if path == "/jobs" else {}
        status, _, said = world.send("GET", path, params={**asked, "tags": "x"})

        assert (status, said["errorCode"]) == (501, "NotImplemented")


RIGHTS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "log:ListDashboard": ("dashboard/*", lambda c: c.list_dashboard("web")),
    "log:GetDashboard": ("dashboard/traffic", lambda c: c.get_dashboard("web", "traffic")),
    "log:CreateDashboard": ("dashboard/*", lambda c: c.create_dashboard("web", dashboard("new"))),
    "log:UpdateDashboard": (
        "dashboard/traffic",
        lambda c: c.update_dashboard("web", dashboard()),
    ),
    "log:DeleteDashboard": ("dashboard/traffic", lambda c: c.delete_dashboard("web", "traffic")),
    "log:ListSavedSearch": ("savedsearch/*", lambda c: c.list_savedsearch("web")),
    "log:GetSavedSearch": ("savedsearch/errors", lambda c: c.get_savedsearch("web", "errors")),
    "log:CreateSavedSearch": (
        "savedsearch/*",
        lambda c: c.create_savedsearch("web", search("new")),
    ),
    "log:UpdateSavedSearch": (
        "savedsearch/errors",
        lambda c: c.update_savedsearch("web", search()),
    ),
    "log:DeleteSavedSearch": (
        "savedsearch/errors",
        lambda c: c.delete_savedsearch("web", "errors"),
    ),
    "log:ListJobs": ("job/*", lambda c: c.list_alert("web")),
    "log:GetJob": ("job/too-many", lambda c: c.get_alert("web", "too-many")),
    "log:CreateJob": ("job/*", lambda c: c.create_alert("web", alert("new"))),
    "log:UpdateJob": ("job/too-many", lambda c: c.disable_alert("web", "too-many")),
    "log:DeleteJob": ("job/too-many", lambda c: c.delete_alert("web", "too-many")),
}


@pytest.mark.parametrize("action", RIGHTS)
def test_each_call_has_its_action_and_resource(world: World, action: str) -> None:
    resource, call = RIGHTS[action]
    for make, _ in MAKERS.values():
        make(world.source)
    allowed = policy(statement(action, f"{WEB}/{resource}"))
    denied = policy(statement("log:*", "*"), statement(action, f"{WEB}/{resource}", "Deny"))
    clients = []
    for name, document in (("may", allowed), ("may-not", denied)):
        key = Key(name, "secret", policies=(Policy.of(document),))
        world.server.state.keys[key.id] = (SOURCE, key)
        clients.append(world.client(key))

    text = f"denied by sts or ram, action: {action}, resource: {WEB}/{resource}"
    assert refusal(lambda: call(clients[1])) == (401, "Unauthorized", text)
    call(clients[0])
