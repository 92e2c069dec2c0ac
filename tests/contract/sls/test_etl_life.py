"""The life of ETL jobs: which status follows which, and what can be asked in each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.contract.sls.copying import RESIDENT, Copying, configuration, reader, sink, writer
from tests.contract.sls.world import refusal


@pytest.fixture
def world() -> Iterator[Copying]:
    with Copying() as made:
        yield made


def test_a_job_passes_through_its_statuses_in_time(world: Copying) -> None:
    seen = []
    world.make()
    steps: list[tuple[Callable[[], object], float]] = [
        (lambda: None, 20),
        (lambda: world.source.stop_etl("web", "copy"), 10),
        (lambda: world.source.start_etl("web", "copy"), 20),
        (world.restart, 20),
    ]
    for act, seconds in steps:
        act()
        seen.append(world.status())
        world.clock.forward(seconds)
        seen.append(world.status())

    assert seen == [
        *("STARTING", "RUNNING", "STOPPING", "STOPPED"),
        *("STARTING", "RUNNING", "RESTARTING", "RUNNING"),
    ]


def test_nothing_can_be_asked_while_an_operation_is_under_way(world: Copying) -> None:
    world.make()
    update = configuration(), RESIDENT, "another"
    refused = [
        refusal(lambda: world.source.start_etl("web", "copy")),
        refusal(lambda: world.source.stop_etl("web", "copy")),
        refusal(lambda: world.source.update_etl("web", "copy", *update)),
    ]
    text = "Previous operation has not finished, status is STARTING"

    assert refused == [(400, "ParameterInvalid", text)] * 3
    assert world.restart()[2]["errorMessage"] == text
    world.source.delete_etl("web", "copy")


def bring(world: Copying, status: str) -> dict[str, Any]:
    """A job in that status; returns what of its configuration is its own."""
    own: dict[str, Any] = {"toTime": 1} if status == "SUCCEEDED" else {}
    if status == "FAILED":
        world.take_on(reader("log:ListShards"))
    world.running(**own)
    if status == "STOPPED":
        world.source.stop_etl("web", "copy")
        world.clock.forward(10)
    assert world.status() == status
    return own


@pytest.mark.parametrize("verb", ["START", "STOP", "RESTART"])
@pytest.mark.parametrize(
    ("status", "possible"),
    [
        ("RUNNING", {"STOP", "RESTART"}),
        ("STOPPED", {"START", "RESTART"}),
        ("SUCCEEDED", {"RESTART"}),
        ("FAILED", {"RESTART"}),
    ],
)
def test_the_status_decides_what_can_be_asked(
    world: Copying, status: str, possible: set[str], verb: str
) -> None:
    own = bring(world, status)
    if verb == "RESTART":
        said, _, answer = world.restart(**own)
    else:
        said, _, answer = world.send("PUT", "/jobs/copy", params={"action": verb})

    assert said == (200 if verb in possible else 400)
    assert answer is None or f"its status is {status}" in answer["errorMessage"]


def test_an_update_changes_the_job_but_not_its_source_and_window(world: Copying) -> None:
    world.running()
    world.status()
    world.clock.forward(5)
    described = configuration(script='e_output("a")')
    world.source.update_etl("web", "copy", described, RESIDENT, "another", None)
    job = world.job()

    assert job["configuration"] == described
    assert (job["displayName"], job["status"]) == ("another", "RUNNING")
    assert "description" not in job
    assert job["lastModifiedTime"] > job["createTime"]
    for change in ({"fromTime": 5}, {"toTime": 5}, {"logstore": "other"}):
        config = configuration(**change)
        said = refusal(partial(world.source.update_etl, "web", "copy", config, RESIDENT, "another"))
        assert said[:2] == (400, "ParameterInvalid")


def test_an_update_counts_from_the_next_start_on(world: Copying) -> None:
    world.target.create_logstore("shop", "second")
    world.clock.forward(40)
    world.take_on(writer(logstore="*"))
    second = world.server.state.projects["shop"].logstores["second"]
    sinks = [sink(), sink(name="b", logstore="second")]
    world.running(sinks=sinks)
    world.status()
    config = configuration(script='e_output("b")', sinks=sinks)
    world.source.update_etl("web", "copy", config, RESIDENT, "the copy")
    world.arrive(1)
    assert (len(world.copied()), second.kept) == (1, 0)

    world.source.stop_etl("web", "copy")
    world.clock.forward(10)
    world.source.start_etl("web", "copy")
    world.arrive(2)
    world.clock.forward(20)
    assert (len(world.copied()), second.kept) == (1, 2)


def test_a_deleted_job_is_gone_with_its_consumer_group(world: Copying) -> None:
    world.running()
    world.status()
    assert list(world.groups()) == [f"etl-{world.job()['scheduleId']}"]

    world.source.delete_etl("web", "copy")
    assert world.groups() == {}
    assert refusal(world.job)[1] == "JobNotExist"
