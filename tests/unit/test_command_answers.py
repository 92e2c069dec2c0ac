"""What is read from a host, and what is not taken for an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.shell_kit import (
    ACCOUNT,
    OURS,
    facts,
    said,
)
from workflows.apps import Host
from workflows.errors import StepFailed
from workflows.steps.on_host.commands import Delivered, HostFacts, Look


def test_the_agent_introduces_itself(host: Host) -> None:
    info = '{"ip": "10.0.0.11", "UUID": "U-1", "loongcollector_version": "3.0.5", "x": 1}'
    Path(host.agent_dir, "app_info.json").write_text(info)

    seen = facts(host)

    assert (seen.ip, seen.unique_id, seen.version) == ("10.0.0.11", "U-1", "3.0.5")


@pytest.mark.parametrize("info", ["", "{", "[]", '{"ip": 5}'])
def test_an_agent_file_that_is_broken_introduces_nobody(host: Host, info: str) -> None:
    Path(host.agent_dir, "app_info.json").write_text(info)

    seen = facts(host)

    assert (seen.ip, seen.unique_id, seen.version) == ("", "", "")


def test_what_a_login_shell_prints_is_no_fact(host: Host) -> None:
    greeting = "Welcome!\nfacts are here"

    seen = HostFacts.parse(greeting + said(Look(host, ACCOUNT, OURS)))

    assert seen.listed is False


@pytest.mark.parametrize("answer", ["", "fact end", "fact ids =!!\nfact app -\nfact end"])
def test_an_answer_that_is_cut_is_not_taken_for_facts(answer: str) -> None:
    with pytest.raises(StepFailed, match="not complete"):
        HostFacts.parse(answer)


def test_delivered_configs_are_found_in_old_and_new_places(host: Host) -> None:
    agent = Path(host.agent_dir)
    (agent / "user_log_config.json").write_text('{"metrics": {"##1.0##p-1$app_b": {}}}')
    (agent / "config" / "remote").mkdir(parents=True)
    (agent / "config" / "remote" / "1.json").write_text('"##1.0##p-2$in-a-file"')
    (agent / "config" / "##1.0##p-3$in-a-name.json").touch()
    provider = Path(host.conf_dir) / "config" / "enterprise"
    provider.mkdir(parents=True)
    (provider / "##1.0##p-4$since-2-0.json").touch()

    keys = Delivered.parse(said(Delivered(host)))

    old = {"##1.0##p-1$app_b", "##1.0##p-2$in-a-file", "##1.0##p-3$in-a-name"}
    assert keys == old | {"##1.0##p-4$since-2-0"}


def test_an_agent_without_configs_was_given_none(host: Host) -> None:
    assert Delivered.parse(said(Delivered(host))) == frozenset()


def test_a_cut_list_of_configs_is_not_taken_for_an_empty_one() -> None:
    with pytest.raises(StepFailed, match="not complete"):
        Delivered.parse("##1.0##p$c")
