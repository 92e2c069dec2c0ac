"""The port Sls: lists, and configs of both forms, on the fake and on the server alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.sls import SlsServer
from tests.contract.sls_worlds import (
    CONFIG,
    GROUP,
    LOGSTORE,
    ServerWorld,
    World,
    a_server,
    a_world,
    eventually,
    made,
)
from workflows.collection.forms import Form
from workflows.errors import StepFailed
from workflows.model import Facts


def classic(name: str, logstore: str = "app-b") -> Facts:
    output = {**CONFIG["outputDetail"], "logstoreName": logstore}
    return {**CONFIG, "configName": name, "outputDetail": output}


def pipeline(name: str, logstore: str = "app-b") -> Facts:
    return {
        "configName": name,
        "inputs": [{"Type": "input_file", "FilePaths": ["/var/log/应用/*.log"], "Later": [1]}],
        "processors": [{"Type": "processor_parse_json_native", "SourceKey": "content"}],
        "flushers": [{"Type": "flusher_sls", "Logstore": logstore, "TelemetryType": "logs"}],
        "global": {"TopicType": "machine_group_topic"},
    }


@pytest.fixture(params=["fake", "server", "strict"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with a_world(request.param) as made_one:
        yield made_one


def test_configs_of_both_forms_are_listed_by_what_they_feed(world: World) -> None:
    sls = world.sls
    for name, logstore in (("c3", "app-b"), ("c1", "app-b"), ("c2", "other"), ("c4", "app-b")):
        sls.create_config(classic(name, logstore))
    for name, logstore in (("p2", "app-b"), ("p1", "app-b"), ("p3", "app-b"), ("p4", "other")):
        sls.create_config(pipeline(name, logstore))

    fed = sls.configs("app-b")
    assert [name for name, _ in fed] == ["c1", "c3", "c4", "p1", "p2", "p3"]
    assert [form for _, form in fed] == [Form.CLASSIC] * 3 + [Form.PIPELINE] * 3
    assert len(sls.configs()) == 8
    assert sls.configs("nobodys") == ()


def test_lists_of_an_empty_project_are_empty(world: World) -> None:
    assert world.sls.configs() == ()
    assert world.sls.machine_groups() == ()
    assert world.sls.logstores() == ()


def test_machine_groups_and_logstores_are_listed_page_by_page(world: World) -> None:
    names = tuple(f"app-{n}" for n in range(5))
    for name in reversed(names):
        world.sls.create_machine_group({**GROUP, "groupName": name})
        world.sls.create_logstore({**LOGSTORE, "logstoreName": name})

    assert world.sls.machine_groups() == names
    assert world.sls.logstores() == names


def test_a_pipeline_config_loses_no_field_on_the_way(world: World) -> None:
    body = pipeline("app-b")
    world.sls.create_config(body)
    found = world.sls.config("app-b", Form.PIPELINE)

    assert found is not None
    assert {key: found[key] for key in body} == body


def test_a_config_of_the_other_form_is_not_there(world: World) -> None:
    world.sls.create_config(classic("c1"))
    world.sls.create_config(pipeline("p1"))

    assert world.sls.config("p1") is None
    assert world.sls.config("c1", Form.PIPELINE) is None
    assert world.sls.config("c1") is not None
    assert world.sls.config("p1", Form.PIPELINE) is not None


def test_a_config_is_deleted_in_its_own_form_only(world: World) -> None:
    world.sls.create_config(classic("c1"))
    world.sls.create_config(pipeline("p1"))
    world.sls.delete_config("c1", Form.PIPELINE)
    world.sls.delete_config("p1")
    assert len(world.sls.configs()) == 2
    world.sls.delete_config("c1")
    world.sls.delete_config("p1", Form.PIPELINE)

    assert world.sls.configs() == ()
    world.sls.delete_config("p1", Form.PIPELINE)


def test_both_forms_share_one_space_of_names(world: World) -> None:
    world.sls.create_config(classic("app-b"))
    world.sls.create_config(pipeline("app-b"))

    assert world.sls.configs() == (("app-b", Form.CLASSIC),)


def test_a_pipeline_config_is_bound_as_a_classic_one(world: World) -> None:
    sls = world.sls
    sls.create_machine_group(GROUP)
    sls.create_config(pipeline("p1"))
    eventually(world, made(lambda: sls.apply("p1", "app-b")))
    assert (sls.groups_of("p1"), sls.configs_of("app-b")) == (("app-b",), ("p1",))
    sls.delete_config("p1", Form.PIPELINE)

    assert sls.configs_of("app-b") == ()


@pytest.fixture
def server() -> Iterator[SlsServer]:
    with a_server() as running:
        yield running


def test_a_list_is_asked_for_by_pages(server: SlsServer) -> None:
    world = ServerWorld(server)
    for n in range(5):
        world.sls.create_machine_group({**GROUP, "groupName": f"app-{n}"})
    server.journal.clear()
    world.sls.machine_groups()

    assert len([e for e in server.journal.since() if e.path.startswith("/machinegroups")]) == 3


def test_a_refusal_that_is_about_something_else_is_not_taken_for_the_other_form(
    server: SlsServer,
) -> None:
    world = ServerWorld(server)
    world.sls.create_config(classic("c1"))
    body = {**pipeline("p1"), "flushers": []}

    with pytest.raises(StepFailed, match="InvalidParameter"):
        world.sls.create_config(body)
    assert world.sls.configs() == (("c1", Form.CLASSIC),)
