"""The port Sls: what reads a logstore, on the fake and on the server alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.sls import SlsProject
from sandbox.sls import Key, SlsServer
from tests.contract.sls.looking import alert, chart, dashboard, old_alert, search
from tests.contract.sls_worlds import (
    KEY,
    FakeWorld,
    ServerWorld,
    World,
    a_client,
    a_server,
    a_world,
)
from workflows.collection.found import KINDS, Reader
from workflows.errors import Denied

PROJECT = "shop-a"


@pytest.fixture(params=["fake", "server"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with a_world(request.param) as made:
        yield made


@pytest.fixture
def server() -> Iterator[SlsServer]:
    with a_server() as running:
        yield running


def queries(*stores: dict[str, str]) -> dict[str, Any]:
    asked = {"query": "*", "start": "-60s", "end": "now", "timeSpanType": "Relative"}
    return {"configuration": alert()["configuration"] | {"queryList": [asked | s for s in stores]}}


def people_look(server: SlsServer) -> None:
    """At `app-b` by one of each kind and by two alerts, and at other logstores."""
    client = a_client(server)
    client.create_dashboard(PROJECT, dashboard("traffic", chart("a", "x"), chart("b", "app-b")))
    client.create_dashboard(PROJECT, dashboard("others", chart("a", "x")))
    client.create_dashboard(PROJECT, dashboard("empty", charts=[]))
    client.create_savedsearch(PROJECT, search("errors in minutes", logstore="app-b"))
    client.create_savedsearch(PROJECT, search("错误 500", logstore="app-b", displayName="500"))
    client.create_savedsearch(PROJECT, search("others", logstore="app-b2"))
    client.create_alert(PROJECT, alert("joined", **queries({"store": "x"}, {"store": "app-b"})))
    client.create_alert(PROJECT, alert("others", **queries({"store": "app-b-2"})))
    elsewhere = {"store": "app-b", "project": "shop-c"}
    client.create_alert(PROJECT, alert("elsewhere", **queries(elsewhere)))
    old = old_alert("old")
    old["configuration"]["queryList"][0]["logStore"] = "app-b"
    client.create_alert(PROJECT, old)


def look_at(world: World) -> None:
    if isinstance(world, ServerWorld):
        people_look(world.server)
    elif isinstance(world, FakeWorld):
        world.fake.reading["app-b"] = (
            Reader("dashboard", "traffic", "流量 ❤"),
            Reader("alert", "joined", "Too many"),
            Reader("alert", "old", "Too many"),
            Reader("saved search", "errors in minutes", "Errors"),
            Reader("saved search", "错误 500", "500"),
        )


def test_whoever_reads_the_logstore_is_told_and_nobody_else(world: World) -> None:
    look_at(world)

    assert world.sls.readers("app-b") == (
        Reader("dashboard", "traffic", "流量 ❤"),
        Reader("alert", "joined", "Too many"),
        Reader("alert", "old", "Too many"),
        Reader("saved search", "errors in minutes", "Errors"),
        Reader("saved search", "错误 500", "500"),
    )


def test_one_kind_is_told_alone(world: World) -> None:
    look_at(world)

    assert [len(world.sls.readers("app-b", kind)) for kind in KINDS] == [1, 2, 2]


def test_a_logstore_that_nobody_reads_has_no_readers(world: World) -> None:
    assert world.sls.readers("app-b") == ()


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("dashboard", "log:ListDashboard"),
        ("dashboard", "log:GetDashboard"),
        ("alert", "log:ListJobs"),
        ("saved search", "log:ListSavedSearch"),
        ("saved search", "log:GetSavedSearch"),
    ],
)
def test_a_denied_kind_is_named_and_the_others_are_still_read(
    server: SlsServer, kind: str, action: str
) -> None:
    ServerWorld(server)
    people_look(server)
    account, key = server.state.keys[KEY.id]
    server.state.keys[KEY.id] = (account, Key(key.id, key.secret, frozenset({action})))
    sls = SlsProject(a_client(server), PROJECT, "source")

    with pytest.raises(Denied, match=f"source: .* in project shop-a: {action} was denied") as no:
        sls.readers("app-b", kind)
    assert action in no.value.hint
    assert all(sls.readers("app-b", other) for other in KINDS if other != kind)


def test_a_name_that_would_lead_elsewhere_is_not_followed_and_listed(server: SlsServer) -> None:
    world = ServerWorld(server)
    a_client(server).create_savedsearch(PROJECT, search("../configs/x"))
    mark = len(server.journal)

    (found,) = world.sls.readers("app-b", "saved search")

    assert (found.name, found.title.split(" ", 1)[1]) == (
        "../configs/x",
        "(not looked at, for its name)",
    )
    assert {entry.path for entry in server.journal.since(mark)} == {"/savedsearches"}
