"""ETL jobs at `/jobs`: shapes, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from sandbox.sls import Etl
from tests.contract.sls.copying import RESIDENT, Copying, configuration, sink
from tests.contract.sls.world import refusal


@pytest.fixture
def world() -> Iterator[Copying]:
    with Copying() as made:
        yield made


def test_a_job_is_given_back_as_made_with_what_the_server_knows(world: Copying) -> None:
    before = int(world.clock.now())
    world.make()
    job = world.job()
    created, modified = job.pop("createTime"), job.pop("lastModifiedTime")
    schedule_id = job.pop("scheduleId")

    assert before <= created == modified <= world.clock.now()
    assert len(schedule_id) == 32
    assert job == {
        "name": "copy",
        "displayName": "the copy",
        "description": "all of it",
        "type": "ETL",
        "configuration": configuration(),
        "schedule": RESIDENT,
        "status": "STARTING",
    }


def test_jobs_are_listed_by_pages_and_by_logstore(world: Copying) -> None:
    for name in ("copy-1", "copy-2", "copy-3"):
        world.make(name)
    page = world.source.list_etls("web", offset=1, size=1)
    _, _, other = world.send("GET", "/jobs", params={"jobType": "ETL", "logstore": "other"})

    assert (page.get_count(), page.get_total()) == (1, 3)
    assert [job["name"] for job in page.get_etls()] == ["copy-2"]
    assert other == {"count": 0, "total": 0, "results": []}


@pytest.mark.parametrize("status", [404, 400])
def test_a_job_that_is_not_there_is_said_with_the_status_chosen(status: int) -> None:
    with Copying(etl=Etl(missing_status=status)) as world:
        calls: list[Callable[[str, str], Any]] = [
            world.source.get_etl,
            world.source.start_etl,
            world.source.stop_etl,
            world.source.delete_etl,
        ]
        seen = {refusal(partial(call, "web", "nobody"))[:2] for call in calls}

        assert seen == {(status, "JobNotExist")}


def test_a_name_is_taken_once(world: Copying) -> None:
    world.make()

    assert refusal(world.make)[:2] == (400, "JobAlreadyExist")


@pytest.mark.parametrize("name", ["c", "Copy", "-copy", "copy_", "c" * 65, "a.b"])
def test_a_name_of_another_form_is_refused(world: Copying, name: str) -> None:
    assert refusal(lambda: world.make(name))[:2] == (400, "ParameterInvalid")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"logstore": 1}, "PostBodyInvalid"),
        ({"fromTime": "0"}, "PostBodyInvalid"),
        ({"toTime": True}, "PostBodyInvalid"),
        ({"sinks": {}}, "PostBodyInvalid"),
        ({"colour": "red"}, "PostBodyInvalid"),
        ({"sinks": [{"name": "a"}]}, "PostBodyInvalid"),
        ({"sinks": []}, "ParameterInvalid"),
        ({"sinks": [sink(), sink()]}, "ParameterInvalid"),
        ({"sinks": [sink(endpoint="")]}, "ParameterInvalid"),
        ({"sinks": [sink(endpoint="127.0.0.1")]}, "ParameterInvalid"),
        ({"sinks": [sink(roleArn="")]}, "ParameterInvalid"),
        ({"sinks": [sink(project="web", logstore="app")]}, "ParameterInvalid"),
        ({"roleArn": "reader"}, "ParameterInvalid"),
        ({"logstore": ""}, "ParameterInvalid"),
        ({"fromTime": -1}, "ParameterInvalid"),
        ({"fromTime": 200, "toTime": 100}, "ParameterInvalid"),
        ({"script": 'e_output("b")'}, "ParameterInvalid"),
        ({"lang": "SPL", "script": "*"}, "ParameterInvalid"),  # the sink has no datasets
    ],
)
def test_a_configuration_that_cannot_be_is_refused(
    world: Copying, change: dict[str, Any], code: str
) -> None:
    assert refusal(lambda: world.make(**change))[:2] == (400, code)
    assert world.source.list_etls("web").get_total() == 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"script": 'e_set("a", "b")'}, "e_set"),
        ({"script": "*"}, "ETL script '*'"),
        ({"script": 'e_output("a", project="shop")'}, "e_output"),
        ({"lang": "SPL", "script": "* | where a", "sinks": [sink(datasets=["__UNNAMED__"])]}, "|"),
        ({"lang": "SPL", "script": "*", "sinks": [sink(datasets=["x"])]}, "datasets"),
        ({"lang": "SQL"}, "SQL"),
        ({"version": 1}, "version"),
        ({"parameters": {"a": "b"}}, "parameters"),
        ({"accessKeyId": "ak"}, "access keys"),
        ({"sinks": [sink(type="AliyunOSS")]}, "AliyunOSS"),
    ],
)
def test_what_is_more_than_a_copy_is_named_as_missing(
    world: Copying, change: dict[str, Any], named: str
) -> None:
    body = {"name": "copy", "displayName": "", "type": "ETL", "schedule": RESIDENT}
    raw = json.dumps(body | {"configuration": configuration(**change)}).encode()
    status, _, answer = world.send("POST", "/jobs", raw)

    assert (status, answer["errorCode"]) == (501, "NotImplemented")
    assert named in answer["errorMessage"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"type": "Ingestion"}, 501, "NotImplemented"),
        ({"schedule": {"type": "FixedRate"}}, 400, "ParameterInvalid"),
        ({"schedule": "Resident"}, 400, "PostBodyInvalid"),
        ({"colour": "red"}, 400, "PostBodyInvalid"),
        ({"configuration": None}, 400, "PostBodyInvalid"),
    ],
)
def test_a_job_of_another_form_is_refused(
    world: Copying, change: dict[str, Any], status: int, code: str
) -> None:
    job = {"name": "copy", "displayName": "", "type": "ETL", "schedule": RESIDENT}
    raw = json.dumps(job | {"configuration": configuration()} | change).encode()
    said, _, answer = world.send("POST", "/jobs", raw)

    assert (said, answer["errorCode"]) == (status, code)


def test_jobs_of_other_types_and_other_actions_are_named_as_missing(world: Copying) -> None:
    world.make()
    asked = (("GET", "/jobs", {"jobType": "Report"}), ("PUT", "/jobs/copy", {"action": "PAUSE"}))
    said = [world.send(method, path, params=params) for method, path, params in asked]

    assert [answer[0] for answer in said] == [501, 501]
    assert "Report" in said[0][2]["errorMessage"]
    assert "PAUSE" in said[1][2]["errorMessage"]
