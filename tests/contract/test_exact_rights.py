"""docs/ram/ allows the whole story, and nothing that the story does not need."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from sandbox.sls.routes import ROUTES
from tests.contract.ram_files import RAM, filled
from tests.contract.rights_world import ALICE, BOB, FILES, PLACES, RightsWorld, actions
from workflows.drift.looks import drift
from workflows.model import Drift, JobState, RecordState

EACH = [(side, action) for side in FILES for action in actions(side)]
# A plan does without them, and says what it could not look at.
OPTIONAL = {
    "source": {
        *("log:ListDashboard", "log:GetDashboard", "log:ListSavedSearch", "log:GetSavedSearch"),
        *("log:ListJobs", "log:GetAppliedConfigs"),
    },
    "target": {
        *("log:ListLogStores", "log:ListMachineGroup"),
        *("log:ListConfig", "log:ListLogtailPipelineConfig"),
    },
}

Told = Callable[[RightsWorld], bool]


def moved_and_taken_back(world: RightsWorld, told: Told) -> None:
    """With both approvals, and after *delete* the whole way back."""
    world.start()
    world.live(told)
    if world.job.state is JobState.SUCCEEDED and not told(world):
        world.service.roll_back("J1", BOB)
        world.live(told)


def taken_back_early(world: RightsWorld, told: Told) -> None:
    """Before anything is collected, so that the target's logstore is ours and empty."""
    world.start()
    world.live(lambda w: told(w) or w.job.record("destination").state is RecordState.DONE)
    if world.job.state is JobState.RUNNING and not told(world):
        world.service.roll_back("J1", ALICE)
        world.live(told)


def into_a_logstore_without_an_index(world: RightsWorld, told: Told) -> None:
    """It was there before us; the index is ours."""
    world.has_logstore()
    taken_back_early(world, told)


STORIES = (moved_and_taken_back, taken_back_early, into_a_logstore_without_an_index)


def never(_world: RightsWorld) -> bool:
    return False


@pytest.mark.parametrize("story", STORIES)
def test_these_policies_allow_every_story(story: Callable[[RightsWorld, Told], None]) -> None:
    world = RightsWorld()
    story(world, never)

    assert world.job.state is JobState.UNDONE, world.said()
    assert "denied" not in world.said()
    assert [e for e in world.server.journal.since() if e.status in {401, 403}] == []


def test_the_watch_needs_no_more_than_these() -> None:
    world, seen = RightsWorld(), list[Drift]()

    def watched(world: RightsWorld) -> bool:
        if world.job.state in {JobState.WAITING, JobState.SUCCEEDED}:
            seen.extend(drift(world.job, world.context).drift)
        return False

    world.start()
    world.live(watched)

    assert world.job.state is JobState.SUCCEEDED, world.said()
    assert [one.text for one in seen] == []
    assert [e for e in world.server.journal.since() if e.status in {401, 403}] == []


@pytest.mark.parametrize(("side", "action"), EACH)
def test_one_action_less_stops_the_story_and_is_named(side: str, action: str) -> None:
    denied = re.compile(rf"{side}: [^;]*{action} was denied")

    def told(world: RightsWorld) -> bool:
        words = world.said() if action in OPTIONAL[side] else world.job.reason
        return denied.search(words) is not None

    for story in STORIES:
        world = RightsWorld({side: action})
        story(world, told)
        if told(world):
            assert world.refused_only(side)
            assert (world.job.state is JobState.STOPPED) is (action not in OPTIONAL[side])
            return
    pytest.fail(f"{action} is not needed: take it out of docs/ram/")


@pytest.mark.parametrize("side", FILES)
def test_what_can_be_done_without_is_in_the_policies_and_said_beside_them(side: str) -> None:
    text = (RAM / "README.md").read_text(encoding="utf-8")

    assert OPTIONAL[side] <= set(actions(side))
    assert all(f"`{action}`" in text for action in OPTIONAL[side])


@pytest.mark.parametrize("side", FILES)
def test_nothing_is_allowed_twice_or_wider_than_the_service_knows(side: str) -> None:
    whole = {route.action for route in ROUTES if route.whole}

    assert len(set(actions(side))) == len(actions(side))
    for name in FILES[side]:
        for statement in filled(name, PLACES)["Statement"]:
            wide = "*" in statement["Resource"]
            assert {action in whole for action in statement["Action"]} == {wide}
            assert all(f"project/{PLACES[f'{side} project']}" in one or wide
                       for one in statement["Resource"])  # fmt: skip


def test_nothing_is_to_be_filled_in_but_the_names_that_this_world_has() -> None:
    documents = [str(filled(name, PLACES)) for names in FILES.values() for name in names]

    assert re.findall(r"<[^>]*>", " ".join(documents)) == []


def test_the_manual_s_table_is_what_the_policies_say() -> None:
    manual = (RAM.parent / "operating.md").read_text(encoding="utf-8")
    row = r"^\| \[(\S+\.json)\]\(ram/\S+\) \| (.+?) \| .+? \| (.+?) \|$"
    shown = re.findall(row, manual, re.MULTILINE)

    assert shown == [
        (name, _ends(statement), " ".join(f"`{action}`" for action in statement["Action"]))
        for names in FILES.values()
        for name in names
        for statement in filled(name, {})["Statement"]
    ]


def _ends(statement: dict[str, list[str]]) -> str:
    """What of a project each resource is."""
    ends = (re.sub(r"^acs:log:[^/]+/[^/]+/?", "", one) for one in statement["Resource"])
    return ", ".join(f"`{end or 'project'}`" for end in ends)
