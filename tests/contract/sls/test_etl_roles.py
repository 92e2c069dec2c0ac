"""The two roles of an ETL job: who may pass them on, what they need, whom they trust."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from sandbox.sls import Key, Policy, Role
from tests.contract.sls.copying import (
    READER,
    READS,
    WRITER,
    Copying,
    policy,
    reader,
    sink,
    statement,
    trust,
    writer,
)
from tests.contract.sls.world import SOURCE, TARGET, refusal


@pytest.fixture
def world() -> Iterator[Copying]:
    with Copying() as made:
        yield made


@pytest.mark.parametrize("missing", [READER, WRITER])
def test_who_makes_a_job_needs_to_pass_on_each_of_its_roles(world: Copying, missing: str) -> None:
    (other,) = {READER, WRITER} - {missing}
    jobs = statement("log:*", f"acs:log:*:{SOURCE.id}:project/web/job/*")
    half = policy(jobs, statement("ram:PassRole", other))
    whole = policy(jobs, statement("ram:PassRole", "acs:ram::*:role/etl-*"))
    keys = [Key(n, "s", policies=(Policy.of(p),)) for n, p in (("half", half), ("whole", whole))]
    world.server.state.keys |= {key.id: (SOURCE, key) for key in keys}
    clients = [world.client(key) for key in keys]
    said = refusal(lambda: world.make(client=clients[0]))
    world.make(client=clients[1])

    text = f"denied by sts or ram, action: ram:PassRole, resource: {missing}"
    assert said == (401, "Unauthorized", text)
    clients[0].get_etl("web", "copy")


@pytest.mark.parametrize("missing", READS)
def test_the_reading_role_needs_each_of_its_eight_actions(world: Copying, missing: str) -> None:
    world.take_on(reader([action for action in READS if action != missing]))
    world.arrive(1)
    world.make()
    assert world.status() == "STARTING"

    world.clock.forward(20)
    assert world.status() == "FAILED"
    assert f"denied by sts or ram, action: {missing}, resource: acs:log:" in world.why()
    assert world.copied() == []


@pytest.mark.parametrize("missing", ["log:Post*", "log:BatchPost*"])
def test_the_writing_role_needs_both_of_its_actions(world: Copying, missing: str) -> None:
    world.take_on(writer({"log:Post*", "log:BatchPost*"} - {missing}))
    world.arrive(1)
    world.running()

    assert world.status() == "FAILED"
    assert "project/shop/logstore/copy" in world.why()
    assert world.copied() == []


@pytest.mark.parametrize(
    "role",
    [
        reader(service="ecs.aliyuncs.com"),
        reader(service=f"{SOURCE.id}@log.aliyuncs.com"),
        reader(service=f"{TARGET.id}@log.aliyuncs.com"),
        writer(service="log.aliyuncs.com"),
        writer(service=f"{TARGET.id}@log.aliyuncs.com"),
    ],
)
def test_a_role_that_does_not_trust_the_job_fails_it(world: Copying, role: Role) -> None:
    world.take_on(role)
    world.running()

    assert world.status() == "FAILED"
    assert f"{role.arn} does not trust the log service of account {SOURCE.id}" in world.why()


@pytest.mark.parametrize("arn", [READER, WRITER])
def test_a_role_that_is_not_there_fails_the_job(world: Copying, arn: str) -> None:
    del world.server.state.roles[arn]
    world.running()

    assert world.status() == "FAILED"
    assert f"role {arn} does not exist" in world.why()


def test_a_role_of_the_own_account_opens_no_project_of_another(world: Copying) -> None:
    everything = policy(statement("*", "*"))
    own = Role.of(f"acs:ram::{SOURCE.id}:role/own", trust("log.aliyuncs.com"), everything)
    world.take_on(own)
    world.running(sinks=[sink(roleArn=own.arn)])

    assert world.status() == "FAILED"
    assert "The project does not belong to you." in world.why()


@pytest.mark.parametrize("role", [reader(), writer()])
def test_rights_taken_away_in_the_middle_of_a_run_end_it(world: Copying, role: Role) -> None:
    world.arrive(2)
    world.running()
    assert world.messages() == ["line 0", "line 1"]

    world.take_on(replace(role, policies=()))
    world.arrive(2)
    assert world.status() == "FAILED"
    assert len(world.copied()) == 2


def test_a_failed_job_goes_on_only_from_scratch(world: Copying) -> None:
    world.take_on(replace(writer(), policies=()))
    world.arrive(2)
    world.running()
    assert world.status() == "FAILED"

    world.take_on(writer())
    world.clock.forward(60)
    assert world.status() == "FAILED"
    world.restart()
    world.clock.forward(20)
    assert world.status() == "RUNNING"
    assert world.messages() == ["line 0", "line 1"]


def test_accounts_bring_their_roles_along() -> None:
    account: Any = replace(SOURCE, keys=(), roles=(reader(),))

    assert account.roles[0].arn == READER
    with pytest.raises(ValueError, match="give it to its own account"):
        replace(TARGET, roles=(reader(),))
