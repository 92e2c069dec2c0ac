"""Keys with RAM policies at the SLS server: what they may do, and how they are denied."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from sandbox.sls import Key, Policy
from tests.contract.sls.copying import policy, statement
from tests.contract.sls.world import (
    SOURCE,
    World,
    add_group,
    full_text,
    refusal,
    regex_config,
)

WEB = f"acs:log:cn-hangzhou:{SOURCE.id}:project/web"


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


def bound(world: World, *documents: dict[str, Any], name: str = "policy-key") -> Any:
    """A client whose key has these policies."""
    key = Key(name, "secret", policies=tuple(Policy.of(one) for one in documents))
    world.server.state.keys[key.id] = (SOURCE, key)
    return world.client(key)


def denial(action: str, resource: str) -> tuple[int, str, str]:
    text = f"denied by sts or ram, action: {action}, resource: {resource}"
    return 401, "Unauthorized", text


def test_a_key_may_do_what_its_policy_allows_and_nothing_else(world: World) -> None:
    world.logstore()
    client = bound(world, policy(statement("log:Get*", f"{WEB}/logstore/app")))
    client.get_logstore("web", "app")
    client.get_index_config("web", "app")

    assert refusal(lambda: client.delete_logstore("web", "app")) == denial(
        "log:DeleteLogStore", f"{WEB}/logstore/app"
    )
    assert refusal(lambda: client.get_logstore("web", "other")) == denial(
        "log:GetLogStore", f"{WEB}/logstore/other"
    )


def test_a_list_and_a_create_are_granted_on_all_of_a_kind(world: World) -> None:
    one = bound(world, policy(statement("log:*", f"{WEB}/logstore/app")), name="one")
    every = bound(world, policy(statement("log:*", f"{WEB}/logstore/*")), name="every")
    every.create_logstore("web", "app")

    assert every.list_logstore("web").get_logstores() == ["app"]
    assert refusal(lambda: one.list_logstore("web"))[2].endswith("project/web/logstore/*")
    assert refusal(lambda: one.create_logstore("web", "b"))[2].endswith("project/web/logstore/*")


def test_several_policies_add_up_and_a_deny_wins(world: World) -> None:
    world.logstore()
    client = bound(
        world,
        policy(statement("log:*Index", f"{WEB}/logstore/*")),
        policy(statement(["log:GetProject"], WEB)),
        policy(statement("log:Delete*", "*", "Deny")),
    )
    client.get_project("web")
    client.update_index("web", "app", full_text())

    assert refusal(lambda: client.delete_index("web", "app")) == denial(
        "log:DeleteIndex", f"{WEB}/logstore/app"
    )


def test_a_policy_for_another_region_or_account_opens_nothing(world: World) -> None:
    region = bound(world, policy(statement("log:*", "acs:log:cn-beijing:*:*")), name="region")
    account = bound(world, policy(statement("log:*", "acs:log:*:1000000000000001:*")), name="acct")

    for client in (region, account):
        assert refusal(partial(client.get_project, "web")) == denial("log:GetProject", WEB)


def test_a_policy_opens_no_project_of_another_account(world: World) -> None:
    client = bound(world, policy(statement("*", "*")))
    world.target.create_project("shop", "not theirs")

    assert refusal(lambda: client.get_project("shop"))[2] == "The project does not belong to you."


def test_pipeline_configs_are_granted_on_the_asterisk_only(world: World) -> None:
    project = bound(world, policy(statement("log:*", [WEB, f"{WEB}/*"])), name="project")
    every = bound(world, policy(statement("log:*LogtailPipelineConfig", "*")), name="every")

    assert every.list_logtail_pipeline_config("web").get_configs() == []
    assert refusal(lambda: project.list_logtail_pipeline_config("web")) == denial(
        "log:ListLogtailPipelineConfig", WEB
    )


def test_deleting_a_config_is_granted_on_the_asterisk_only(world: World) -> None:
    world.source.create_logtail_config("web", regex_config(logstore=""))
    one = bound(world, policy(statement("log:*", f"{WEB}/logtailconfig/*")), name="one")
    every = bound(world, policy(statement("log:DeleteConfig", "*")), name="every")
    one.get_logtail_config("web", "nginx")

    assert refusal(lambda: one.delete_logtail_config("web", "nginx")) == denial(
        "log:DeleteConfig", f"{WEB}/logtailconfig/nginx"
    )
    every.delete_logtail_config("web", "nginx")


@pytest.mark.parametrize("missing", ["machinegroup/hosts", "logtailconfig/nginx"])
def test_applying_needs_the_machine_group_and_the_config(world: World, missing: str) -> None:
    world.source.create_logtail_config("web", regex_config(logstore=""))
    add_group(world)
    actions = ["log:ApplyConfigToMachineGroup", "log:RemoveConfigFromMachineGroup"]
    both = {"machinegroup/hosts", "logtailconfig/nginx"}
    (present,) = both - {missing}
    half = bound(world, policy(statement(actions, f"{WEB}/{present}")), name="half")
    whole = bound(world, policy(statement(actions, [f"{WEB}/{p}" for p in both])), name="whole")
    whole.apply_config_to_machine_group("web", "nginx", "hosts")

    for action, call in (
        (actions[0], half.apply_config_to_machine_group),
        (actions[1], half.remove_config_to_machine_group),
    ):
        assert refusal(partial(call, "web", "nginx", "hosts")) == denial(action, f"{WEB}/{missing}")


def test_a_key_bound_by_policies_is_told_so_before_its_request_is_read(world: World) -> None:
    key = Key("reads-only", "secret", policies=(Policy.of(policy(statement("log:Get*", "*"))),))
    world.server.state.keys[key.id] = (SOURCE, key)
    mark = len(world.server.journal)
    status, _, answer = world.send("POST", "/configs", b"not json", key=key)

    assert (status, answer["errorCode"]) == (401, "Unauthorized")
    assert "log:CreateConfig" in answer["errorMessage"]
    assert not world.server.journal.writes(mark)


def test_projects_are_created_and_listed_as_policies_say(world: World) -> None:
    ours = "acs:log:*:*:project/ours-*"
    client = bound(world, policy(statement(["log:CreateProject", "log:ListProject"], ours)))
    client.create_project("ours-1", "")

    assert "project/theirs" in refusal(lambda: client.create_project("theirs", ""))[2]
    assert "project/*" in refusal(client.list_project)[2]


def test_a_policy_acts_on_requests_signed_in_version_4_too(world: World) -> None:
    key = Key("v4-key", "secret", policies=(Policy.of(policy(statement("log:Get*", WEB))),))
    world.server.state.keys[key.id] = (SOURCE, key)
    client = world.client(key, auth_version="v4", region="cn-hangzhou")
    client.get_project("web")

    assert "log:DeleteProject" in refusal(lambda: client.delete_project("web"))[2]
