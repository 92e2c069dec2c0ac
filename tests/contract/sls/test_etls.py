"""ETL jobs of the new kind, at `/etls`: the official client has no methods for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alibabacloud_sls20201230 import models

from sandbox.sls import Key, Policy
from tests.contract.sls.copying import Copying, configuration, policy, sink, statement
from tests.contract.sls.speak_tea import OverTea
from tests.contract.sls.world import SOURCE, SOURCE_KEY, refusal


@pytest.fixture
def world() -> Iterator[Copying]:
    with Copying() as made:
        yield made


def spl_sink(name: str = "a") -> dict[str, Any]:
    made = sink(name=name, datasets=["__UNNAMED__"])
    del made["type"]
    return made


def spl(**more: Any) -> dict[str, Any]:
    """The configuration of a copy in SPL."""
    config = configuration(script="*", lang="SPL", sinks=[spl_sink()])
    del config["version"]
    return config | more


def etl(name: str = "copy", **more: Any) -> dict[str, Any]:
    return {"name": name, "displayName": "the copy", "configuration": spl()} | more


def test_a_job_is_made_read_listed_and_deleted(world: Copying) -> None:
    world.etl("POST", body=etl(description="all of it"))
    read = world.etl("GET", "/copy")
    listed = world.etl("GET", logstore="app", offset="0", size="10")
    known = {key: read.pop(key) for key in ("createTime", "lastModifiedTime", "scheduleId")}

    assert read == etl(description="all of it") | {"status": "STARTING"}
    assert all(known.values())
    assert listed == {"count": 1, "total": 1, "results": [read | known]}
    world.etl("DELETE", "/copy")
    assert refusal(lambda: world.etl("GET", "/copy"))[:2] == (404, "JobNotExist")


def test_the_generated_client_leads_a_job_through_its_life(world: Copying) -> None:
    client = OverTea(SOURCE_KEY, world.server.proxy, version="v4", region_id="cn-hangzhou").client
    client.create_etl("web", models.CreateETLRequest().from_map(etl()))
    world.clock.forward(20)
    read = client.get_etl("web", "copy").body
    listed = client.list_etls("web", models.ListETLsRequest(logstore="app")).body
    update = models.UpdateETLRequest().from_map(etl(displayName="another"))
    client.update_etl("web", "copy", update)
    client.stop_etl("web", "copy")
    stopping = client.get_etl("web", "copy").body
    world.clock.forward(10)
    client.start_etl("web", "copy")
    starting = client.get_etl("web", "copy").body
    client.delete_etl("web", "copy")
    OverTea.close()

    assert (read.status, read.configuration.to_map()) == ("RUNNING", spl())
    assert (listed.count, listed.total, listed.results[0].name) == (1, 1, "copy")
    assert (stopping.status, stopping.display_name) == ("STOPPING", "another")
    assert starting.status == "STARTING"
    assert refusal(lambda: world.etl("GET", "/copy"))[1] == "JobNotExist"


def test_it_copies_stops_and_goes_on(world: Copying) -> None:
    world.arrive(2)
    world.etl("POST", body=etl())
    world.clock.forward(20)
    assert (world.etl("GET", "/copy")["status"], len(world.copied())) == ("RUNNING", 2)

    world.etl("PUT", "/copy", action="STOP")
    assert world.etl("GET", "/copy")["status"] == "STOPPING"
    world.clock.forward(10)
    world.arrive(1)
    world.etl("PUT", "/copy", action="START")
    assert world.etl("GET", "/copy")["status"] == "STARTING"
    world.clock.forward(20)
    assert world.messages() == ["line 0", "line 0", "line 1"]


def test_every_sink_gets_every_line(world: Copying) -> None:
    world.arrive(1)
    sinks = [spl_sink(name) for name in ("a", "b")]
    world.etl("POST", body=etl(configuration=spl(sinks=sinks)))
    world.clock.forward(20)

    assert world.messages() == ["line 0", "line 0"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "c"}, "ParameterInvalid"),
        ({"name": "Copy"}, "ParameterInvalid"),
        ({"name": None}, "PostBodyInvalid"),
        ({"displayName": None}, "PostBodyInvalid"),
        ({"configuration": None}, "PostBodyInvalid"),
        ({"type": "ETL"}, "PostBodyInvalid"),
        ({"configuration": configuration()}, "ParameterInvalid"),  # no lang
        ({"configuration": spl(sinks=[sink()])}, "ParameterInvalid"),  # no datasets
    ],
)
def test_what_the_new_kind_lacks_is_refused(
    world: Copying, change: dict[str, Any], code: str
) -> None:
    assert refusal(lambda: world.etl("POST", body=etl() | change))[:2] == (400, code)


def test_both_families_show_the_same_jobs(world: Copying) -> None:
    world.make("old-kind")
    world.etl("POST", body=etl("new-kind"))
    names = [job["name"] for job in world.source.list_etls("web").get_etls()]

    assert names == ["new-kind", "old-kind"]
    assert [job["name"] for job in world.etl("GET")["results"]] == names
    assert world.job("new-kind")["type"] == "ETL"
    assert "type" not in world.etl("GET", "/old-kind")
    assert refusal(lambda: world.etl("POST", body=etl("old-kind")))[1] == "JobAlreadyExist"


def test_an_update_needs_no_name_and_waits_for_its_turn(world: Copying) -> None:
    world.etl("POST", body=etl())
    change = {"displayName": "another", "configuration": spl()}
    early = refusal(lambda: world.etl("PUT", "/copy", change))
    world.clock.forward(20)
    world.etl("PUT", "/copy", change)
    read = world.etl("GET", "/copy")

    assert early[1:] == (
        "ParameterInvalid",
        "Previous operation has not finished, status is STARTING",
    )
    assert (read["name"], read["displayName"]) == ("copy", "another")
    mismatch = refusal(lambda: world.etl("PUT", "/copy", change | {"name": "other"}))
    assert mismatch[:2] == (400, "BadRequest")


def test_a_body_as_it_was_read_can_be_put_back(world: Copying) -> None:
    world.etl("POST", body=etl())
    world.clock.forward(20)
    read = world.etl("GET", "/copy")
    world.etl("PUT", "/copy", read)

    assert world.etl("GET", "/copy")["configuration"] == read["configuration"]


def test_there_is_no_restart_here(world: Copying) -> None:
    world.etl("POST", body=etl())
    status, _, answer = world.send("PUT", "/etls/copy", params={"action": "RESTART"})

    assert (status, answer["errorCode"]) == (501, "NotImplemented")
    assert "RESTART" in answer["errorMessage"]


def test_it_is_granted_on_the_asterisk_only(world: Copying) -> None:
    world.etl("POST", body=etl())
    web = f"acs:log:*:{SOURCE.id}:project/web"
    named = policy(statement("log:*ETL*", [web, f"{web}/*"]))
    every = policy(statement("log:*ETL*", "*"))
    said = []
    for name, document in (("named", named), ("every", every)):
        key = Key(name, "secret", policies=(Policy.of(document),))
        world.server.state.keys[name] = (SOURCE, key)
        said.append(world.send("GET", "/etls/copy", key=key)[0])

    assert said == [401, 200]
