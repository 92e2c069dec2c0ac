"""Bodies with a wrong type, an unknown key or one thing too many: refused, not half understood."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.sls import Limits
from tests.contract.sls.samples import INDEX, sample
from tests.contract.sls.speakers import Noun
from tests.contract.sls.world import ENDPOINT, TOKENS, World, refusal

TEXT = {"type": "text", "token": TOKENS}
INDEXES: dict[str, dict[str, Any]] = {
    "caseSensitive of the line": {"line": {"token": TOKENS, "caseSensitive": []}},
    "chn of a key": {"keys": {"k": TEXT | {"chn": "yes"}}},
    "doc_value of a key": {"keys": {"k": TEXT | {"doc_value": 1}}},
    "alias of a key": {"keys": {"k": TEXT | {"alias": {}}}},
    "json_keys": {"keys": {"k": TEXT | {"type": "json", "json_keys": ["a"]}}},
    "type of a json key": {"keys": {"k": TEXT | {"type": "json", "json_keys": {"a": {}}}}},
    "include_keys": {"line": {"token": TOKENS, "include_keys": "k"}},
    "max_text_len as a text": {"max_text_len": "2048"},
    "max_text_len below 64": {"max_text_len": 63},
    "max_text_len above 16384": {"max_text_len": 16_385},
    "log_reduce": {"log_reduce": "yes"},
}
GROUPS: dict[str, dict[str, Any]] = {
    "groupType": {"groupType": 5},
    "groupTopic": {"groupAttribute": {"groupTopic": 5}},
    "externalName": {"groupAttribute": {"externalName": None}},
}
OUTPUTS: dict[str, dict[str, Any]] = {
    "an empty logstore": {"logstoreName": ""},
    "a logstore that is a number": {"logstoreName": 5},
    "an endpoint that is a list": {"endpoint": []},
    "a region that is null": {"region": None},
    "a telemetryType that is true": {"telemetryType": True},
}
PROJECTS: dict[str, dict[str, Any]] = {
    "an unknown key": {"zone": "a"},
    "a resource group that is a number": {"resourceGroupId": 5},
    "an unknown redundancy": {"dataRedundancyType": "XRS"},
    "a description that is a list": {"description": []},
}


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


def post(world: World, path: str, body: dict[str, Any], project: str = "web") -> tuple[int, str]:
    status, _, said = world.send("POST", path, json.dumps(body).encode(), project=project)
    return status, said["errorCode"] if said else ""


@pytest.mark.parametrize("case", INDEXES)
def test_an_index_with_a_value_of_the_wrong_type_is_refused(world: World, case: str) -> None:
    world.logstore(index=False)

    assert post(world, "/logstores/app/index", INDEX | INDEXES[case]) == (400, "IndexInfoInvalid")


@pytest.mark.parametrize("length", [0, 64, 16_384])
def test_an_index_may_show_sql_64_to_16384_bytes_of_a_text(world: World, length: int) -> None:
    world.logstore(index=False)

    assert post(world, "/logstores/app/index", INDEX | {"max_text_len": length}) == (200, "")


@pytest.mark.parametrize("case", GROUPS)
def test_a_machine_group_with_a_value_that_is_no_string_is_refused(world: World, case: str) -> None:
    body = sample(Noun.GROUP, "hosts") | GROUPS[case]

    assert post(world, "/machinegroups", body) == (400, "InvalidParameter")


@pytest.mark.parametrize("case", OUTPUTS)
def test_a_config_with_a_wrong_outputdetail_is_refused(world: World, case: str) -> None:
    body = sample(Noun.CONFIG, "nginx")
    body |= {"outputDetail": body["outputDetail"] | OUTPUTS[case]}

    assert post(world, "/configs", body) == (400, "InvalidParameter")


@pytest.mark.parametrize("case", PROJECTS)
def test_a_project_with_more_or_other_than_the_service_knows_is_refused(
    world: World, case: str
) -> None:
    body = {"projectName": "shop", "description": ""} | PROJECTS[case]

    assert post(world, "/", body, project="shop") == (400, "ParameterInvalid")


def test_a_project_keeps_its_redundancy_and_its_resource_group(world: World) -> None:
    world.source.create_project("shop", "", "rg-1", "ZRS")
    got = world.source.get_project("shop").get_body()
    listed = world.source.list_project(resource_group_id="rg-1").get_projects()

    assert (got["resourceGroupId"], got["dataRedundancyType"]) == ("rg-1", "ZRS")
    assert [one["projectName"] for one in listed] == ["shop"]


@pytest.mark.parametrize("name", ["description", "fetchQuota"])
def test_projects_are_not_listed_by_what_is_not_looked_at(world: World, name: str) -> None:
    status, _, said = world.send("GET", "/", headers={"Host": ENDPOINT}, params={name: "true"})

    assert (status, said["errorCode"]) == (501, "NotImplemented")


def test_one_project_more_than_an_account_may_have_is_refused() -> None:
    with World(limits=Limits(projects=2)) as world:
        world.source.create_project("shop", "")
        world.target.create_project("theirs", "")

        assert refusal(lambda: world.source.create_project("more", ""))[:2] == (
            400, "ProjectQuotaExceed",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "tags"), [("/tag", [{"key": "a", "value": "b"}]), ("/untag", ["a"])]
)
def test_an_unknown_key_beside_tags_is_refused(world: World, path: str, tags: list[Any]) -> None:
    body = {"resourceType": "project", "resourceId": ["web"], "tags": tags}

    assert post(world, path, body) == (200, "")
    assert post(world, path, body | {"force": True}) == (400, "ParameterInvalid")


def test_an_unknown_key_beside_a_checkpoint_is_refused(world: World) -> None:
    world.logstore(index=False)
    world.source.create_consumer_group("web", "app", "readers", 10)
    path, body = "/logstores/app/consumergroups/readers", {"shard": 0, "checkpoint": "MTIz"}
    query = {"type": "checkpoint", "forceSuccess": "true"}
    said = [
        world.send("POST", path, json.dumps(sent).encode(), params=query)
        for sent in (body, body | {"consumer": "c"})
    ]

    assert said[0][0] == 200
    assert (said[1][0], said[1][2]["errorCode"]) == (400, "JsonInfoInvalid")
