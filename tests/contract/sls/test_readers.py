"""Dashboards, saved searches and alerts at the SLS server, made and read by the official client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alibabacloud_sls20201230 import models

from tests.contract.sls.copying import Copying
from tests.contract.sls.looking import alert, chart, dashboard, search
from tests.contract.sls.speak_tea import OverTea
from tests.contract.sls.world import SOURCE, SOURCE_KEY, World, refusal

WEB = f"acs:log:cn-hangzhou:{SOURCE.id}:project/web"


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


def test_a_dashboard_is_given_back_as_made_changed_and_deleted(world: World) -> None:
    client = world.source
    client.create_dashboard("web", dashboard())
    assert client.get_dashboard("web", "traffic").get_entity() == dashboard()

    changed = dashboard("traffic", chart("a"), chart("b", "other"))
    client.update_dashboard("web", changed)
    assert client.get_dashboard("web", "traffic").get_entity() == changed

    client.delete_dashboard("web", "traffic")
    gone = (404, "DashboardNotExist", "specified dashboard does not exist")
    assert refusal(lambda: client.get_dashboard("web", "traffic")) == gone
    assert refusal(lambda: client.delete_dashboard("web", "traffic")) == gone
    assert refusal(lambda: client.update_dashboard("web", dashboard())) == gone


def test_a_saved_search_is_given_back_as_made_changed_and_deleted(world: World) -> None:
    client = world.source
    client.create_savedsearch("web", search("errors in minutes"))
    assert client.get_savedsearch("web", "errors in minutes").get_entity() == search(
        "errors in minutes"
    )

    changed = search("errors in minutes", logstore="other")
    client.update_savedsearch("web", changed)
    assert client.get_savedsearch("web", "errors in minutes").get_entity() == changed

    client.delete_savedsearch("web", "errors in minutes")
    gone = (404, "SavedSearchNotExist", "specified savedsearch does not exist")
    assert refusal(lambda: client.get_savedsearch("web", "errors in minutes")) == gone
    assert refusal(lambda: client.delete_savedsearch("web", "errors in minutes")) == gone


def test_an_alert_is_given_back_as_made_with_what_the_server_knows(world: World) -> None:
    client, before = world.source, int(world.clock.now())
    client.create_alert("web", alert())
    made = client.get_alert("web", "too-many").get_entity()
    times = made.pop("createTime"), made.pop("lastModifiedTime")

    assert before <= times[0] == times[1] <= world.clock.now()
    assert made == alert() | {"state": "Enabled", "status": "ENABLED"}


def test_an_alert_is_changed_turned_off_and_on_and_deleted(world: World) -> None:
    client = world.source
    client.create_alert("web", alert())
    read = client.get_alert("web", "too-many").get_entity()
    client.update_alert("web", read | {"displayName": "Far too many"})
    client.disable_alert("web", "too-many")
    off = client.get_alert("web", "too-many").get_entity()
    client.enable_alert("web", "too-many")
    on = client.get_alert("web", "too-many").get_entity()
    client.delete_alert("web", "too-many")

    assert (off["displayName"], off["state"], off["status"]) == (
        "Far too many",
        "Disabled",
        "DISABLED",
    )
    assert on["status"] == "ENABLED"
    assert refusal(lambda: client.get_alert("web", "too-many"))[:2] == (404, "JobNotExist")
    assert refusal(lambda: client.enable_alert("web", "too-many"))[:2] == (404, "JobNotExist")


def test_lists_give_pages(world: World) -> None:
    client = world.source
    for n in range(3):
        client.create_dashboard("web", dashboard(f"d{n}"))
        client.create_savedsearch("web", search(f"s-{n}"))
        client.create_alert("web", alert(f"a-{n}"))
    dashboards = client.list_dashboard("web", 1, 1)
    searches = client.list_savedsearch("web", 1, 1)
    alerts = client.list_alert("web", 1, 1)

    assert (dashboards.get_count(), dashboards.get_total()) == (1, 3)
    assert (dashboards.get_dashboards(), searches.get_savedsearches()) == (["d1"], ["s-1"])
    assert [one["name"] for one in alerts.get_alerts()] == ["a-1"]
    assert client.list_dashboard("web", size=-1).get_dashboards() == ["d0", "d1", "d2"]


def test_lists_of_nothing_are_empty(world: World) -> None:
    client = world.source

    assert client.list_dashboard("web").get_dashboards() == []
    assert client.list_savedsearch("web").get_savedsearches() == []
    assert client.list_alert("web").get_alerts() == []


def test_alerts_are_listed_by_the_logstore_they_search(world: World) -> None:
    world.source.create_alert("web", alert())
    ask = {"jobType": "Alert", "logstore": "other"}
    _, _, other = world.send("GET", "/jobs", params=ask)
    _, _, app = world.send("GET", "/jobs", params=ask | {"logstore": "app"})

    assert (other["total"], app["total"]) == (0, 1)


def test_the_generated_client_reads_what_the_sdk_made(world: World) -> None:
    world.source.create_dashboard("web", dashboard())
    world.source.create_savedsearch("web", search())
    client = OverTea(SOURCE_KEY, world.server.proxy, version="v4", region_id="cn-hangzhou").client
    dashboards = client.list_dashboard("web", models.ListDashboardRequest()).body
    searches = client.list_saved_search("web", models.ListSavedSearchRequest()).body
    read = client.get_dashboard("web", "traffic").body.to_map()
    saved = client.get_saved_search("web", "errors").body.to_map()
    OverTea.close()

    assert [one.dashboard_name for one in dashboards.dashboard_items] == ["traffic"]
    assert [one.logstore for one in searches.savedsearch_items] == ["app"]
    assert read["charts"][0]["search"]["logstore"] == "app"
    assert saved == search()


def test_alerts_and_copying_jobs_share_their_names_and_not_their_lists() -> None:
    with Copying() as world:
        world.make("copy")
        world.source.create_alert("web", alert())
        etls = [job["name"] for job in world.source.list_etls("web").get_etls()]
        alerts = [job["name"] for job in world.source.list_alert("web").get_alerts()]

        assert (etls, alerts) == (["copy"], ["too-many"])
        assert refusal(lambda: world.source.create_alert("web", alert("copy")))[1] == (
            "JobAlreadyExist"
        )
        assert refusal(lambda: world.make("too-many"))[1] == "JobAlreadyExist"
        assert refusal(lambda: world.etl("DELETE", "/too-many"))[1] == "JobNotExist"


def test_a_job_does_not_change_its_type(world: World) -> None:
    world.source.create_alert("web", alert())
    body = alert(type="ETL")

    assert refusal(lambda: world.source.update_alert("web", body))[1] == "ParameterInvalid"
