"""Agents that are too old for what the configs ask of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.lint_kit import classic, forced, pipeline
from workflows.lint import Level
from workflows.lint.agents import agents, release


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("1.8.7", (1, 8, 7)),
        ("LoongCollector 3.0.12.1", (3, 0, 12, 1)),
        ("", ()),
        ("dev", ()),
        ("7", ()),
    ],
)
def test_a_release_is_the_first_numbers_of_a_version(
    version: str, numbers: tuple[int, ...]
) -> None:
    assert release(version) == numbers


@pytest.mark.parametrize(
    ("body", "version", "path"),
    [
        (forced(classic()), "1.0.34", ""),
        (pipeline(), "1.8.8", "inputs"),
        (pipeline(FilePaths=["/a/b", "/a/c"]), "3.1.4", "inputs[0].FilePaths"),
    ],
)
def test_an_agent_that_is_too_old_is_a_warning_with_host_and_version(
    body: dict[str, Any], version: str, path: str
) -> None:
    (one,) = agents({"h2": "3.3.5", "h1": version}, {"shop": body})

    assert (one.level, one.thing, one.path) == (Level.WARNING, "config shop", path)
    assert one.text.endswith(f": h1 ({version})")


@pytest.mark.parametrize(
    ("body", "version"),
    [
        (forced(classic()), "1.1.0"),
        (classic(), "1.0.34"),
        (forced(pipeline(FilePaths=["/a/b", "/a/c"])), "3.2.6"),
    ],
)
def test_an_agent_that_is_new_enough_is_not_mentioned(body: dict[str, Any], version: str) -> None:
    assert agents({"h1": version}, {"shop": body}) == ()


def test_versions_that_nobody_knows_are_noted_once_with_their_hosts() -> None:
    (one,) = agents({"h2": "", "h1": "?"}, {"shop": forced(classic())})

    assert (one.level, one.text) == (Level.NOTE, "the agent's version is not known on h1, h2")


def test_many_hosts_are_named_in_part_and_counted() -> None:
    (one,) = agents({f"h{number:02}": "1.0" for number in range(14)}, {"shop": forced(classic())})

    assert one.text.endswith("h09 (1.0) and 4 more")
