"""Tags on the SLS server, through the SDK's calls, which leave out two headers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.sls.world import SOURCE_KEY, World, add_group, refusal, regex_config


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        made.logstore(index=False)
        yield made


def tags(world: World, kind: str, resource: str = "", **asked: str) -> dict[str, str]:
    (answer,) = world.source.list_tag_resources(kind, resource, **asked)
    return {tag.get_tag_key(): tag.get_tag_value() for tag in answer.get_tags()}


def of_project(world: World, name: str = "web") -> dict[str, str]:
    (answer,) = world.source.get_project_tags(name)
    found: dict[str, str] = answer.get_tags()
    return found


@pytest.mark.parametrize("signing", [{}, {"auth_version": "v4", "region": "cn-hangzhou"}])
def test_a_project_is_tagged_and_untagged(world: World, signing: dict[str, str]) -> None:
    client = world.client(SOURCE_KEY, **signing)
    client.tag_project("web", team="shop", stage="test")
    client.tag_resources("project", "web", stage="live")
    both = of_project(world)
    client.untag_project("web", "stage", "never-there")

    assert both == {"team": "shop", "stage": "live"}
    assert of_project(world) == tags(world, "project", "web") == {"team": "shop"}


def test_what_is_in_a_project_has_tags_of_its_own(world: World) -> None:
    add_group(world)
    world.source.create_logtail_config("web", regex_config())
    for kind, name in (("logstore", "app"), ("machinegroup", "hosts"), ("logtailconfig", "nginx")):
        world.source.tag_resources(kind, f"web#{name}", of=name)
    found = [
        tags(world, k, r) for k, r in (("logstore", "web#app"), ("logtailconfig", "web#nginx"))
    ]

    assert found == [{"of": "app"}, {"of": "nginx"}]
    assert tags(world, "machinegroup", "web#hosts") == {"of": "hosts"}
    assert of_project(world) == {}


def test_a_new_group_or_config_of_an_old_name_has_no_tags(world: World) -> None:
    for _ in range(2):
        add_group(world)
        world.source.create_logtail_config("web", regex_config())
        before = [
            tags(world, "machinegroup", "web#hosts"),
            tags(world, "logtailconfig", "web#nginx"),
        ]
        world.source.tag_resources("machinegroup", "web#hosts", a="1")
        world.source.tag_resources("logtailconfig", "web#nginx", a="1")
        world.source.delete_machine_group("web", "hosts")
        world.source.delete_logtail_config("web", "nginx")

    assert before == [{}, {}]


def test_tags_filter_by_value_and_go_with_what_they_are_on(world: World) -> None:
    world.source.tag_resources("logstore", "web#app", team="shop", stage="live")
    hit, miss = (tags(world, "logstore", "web#app", team=team) for team in ("shop", "none"))
    world.source.delete_logstore("web", "app")
    world.source.create_logstore("web", "app")

    assert (hit, miss) == ({"team": "shop", "stage": "live"}, {})
    assert tags(world, "logstore", "web#app") == {}


def test_all_tags_go_at_once(world: World) -> None:
    world.source.tag_project("web", a="1", b="2")
    body = {"resourceType": "project", "resourceId": ["web"], "all": True}
    status, _, _ = world.send("POST", "/untag", json.dumps(body).encode())

    assert (status, of_project(world)) == (200, {})


@pytest.mark.parametrize(
    "given",
    [{"acs:x": "1"}, {"aliyun-x": "1"}, {"k" * 129: "1"}, {"k": ""}, {"k": "http://x"},
     {f"k{number}": "v" for number in range(21)}, {}],
)  # fmt: skip
def test_a_tag_against_the_rules_is_refused(world: World, given: dict[str, str]) -> None:
    refused = refusal(lambda: world.source.tag_project("web", **given))

    assert refused[:2] == (400, "ParameterInvalid")


@pytest.mark.parametrize(
    ("kind", "resource", "expected"),
    [
        ("logstore", "web#none", (404, "LogStoreNotExist")),
        ("machinegroup", "web#none", (404, "MachineGroupNotExist")),
        ("logtailconfig", "web#none", (404, "ConfigNotExist")),
        ("project", "none", (404, "ProjectNotExist")),
        ("logtail_config", "web#nginx", (400, "ParameterInvalid")),
    ],
)
def test_tagging_what_is_not_there_names_it(
    world: World, kind: str, resource: str, expected: tuple[int, str]
) -> None:
    assert refusal(lambda: world.source.tag_resources(kind, resource, a="1"))[:2] == expected


def test_the_tags_of_a_foreign_project_are_neither_set_nor_seen(world: World) -> None:
    world.source.tag_project("web", team="shop")
    refused = refusal(lambda: world.target.tag_project("web", team="mine"))
    (seen,) = world.target.get_project_tags("web")

    assert (refused[:2], seen.get_tags()) == ((401, "Unauthorized"), {})


def test_only_tags_need_no_content_type(world: World) -> None:
    bare: dict[str, Any] = {"Content-Type": None, "x-log-bodyrawsize": None}
    told = world.send("POST", "/tag", b"{}", bare)
    other = world.send("POST", "/logstores", b"{}", bare)

    assert told[2]["errorCode"] == "SignatureNotMatch"
    assert other[2]["errorCode"] == "MissingContentType"
