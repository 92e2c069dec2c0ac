"""docs/ram/history-*.json allow the whole history, and nothing that it does not need."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.contract.ram_files import RAM, filled
from tests.e2e.history_kit import NAMES, ROLES, Past
from workflows.apps import Roles
from workflows.model import JobState

FILES = {
    "source": "history-source",
    "target": "history-target",
    "history-reader": "history-reader",
    "history-writer": "history-writer",
}
EACH = [
    (who, action)
    for who, name in FILES.items()
    for statement in filled(f"{name}.json", NAMES)["Statement"]
    for action in statement["Action"]
    if action != "log:UpdateJob"  # has a story of its own: what runs is stopped
]


def story(roles: Roles = ROLES, without: Mapping[str, str] | None = None) -> Past:
    """Moved, copied, and taken back."""
    world = Past(roles, without=without)
    world.days(1)
    world.moved().asks()
    if world.ends() is JobState.SUCCEEDED and roles.source:
        world.service.roll_back(world.id, "UBOB")
        world.ends()
    return world


def test_these_policies_allow_all_of_it() -> None:
    world = story()

    assert world.job.state is JobState.UNDONE, world.said()
    assert [e for e in world.server.journal.since() if e.status in {401, 403}] == []


def test_the_copier_needs_no_more_than_to_write_into_the_target() -> None:
    world = Past(Roles(), without={"source": "ram:PassRole"})
    world.days(1)

    assert world.moved().asks().ends() is JobState.SUCCEEDED, world.said()


@pytest.mark.parametrize(("who", "action"), EACH)
def test_one_action_less_stops_it(who: str, action: str) -> None:
    world = story(without={who: action})
    said = world.said()

    assert world.job.state is JobState.STOPPED, said
    assert (f"{action} was denied" in said) or ("has failed" in said and who.startswith("history"))


def test_stopping_a_job_that_runs_needs_the_right_to_change_it() -> None:
    world = Past(without={"source": "log:UpdateJob"})
    world.days(1)
    world.moved().asks()

    def running(_: object) -> bool:
        return "is running" in world.job.record("copy").note

    world.slow()
    world.live(running)
    world.service.roll_back(world.id, "UBOB")
    world.ends()

    assert "log:UpdateJob was denied" in world.said()


@pytest.mark.parametrize("name", [*FILES.values(), "history-reader-trust", "history-writer-trust"])
def test_every_file_is_told_of_and_names_nothing_that_is_to_be_filled_in_unsaid(name: str) -> None:
    text = (RAM / "README.md").read_text(encoding="utf-8")

    assert f"({name}.json)" in text
    assert "<" not in str(filled(f"{name}.json", NAMES))
