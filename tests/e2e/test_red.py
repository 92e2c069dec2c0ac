"""What was green turns red, or both sides collect for too long: the product goes back by itself."""

from __future__ import annotations

from pathlib import Path

from sandbox.hosts.illness import Illness
from sandbox.world import SOURCE
from tests.e2e.stage import PATIENT, Stage, staged

pytestmark = PATIENT


def told(stage: Stage, text: str, seconds: float = 90.0) -> str:
    """The line of the thread that has it, as soon as it stands there."""
    found: list[str] = stage.waits(
        lambda: [line for line in stage.thread() if text in line], repr(text), seconds
    )
    return found[-1]


def test_an_agent_that_ends_after_the_stop_brings_the_source_back_and_a_retry_moves(
    tmp_path: Path,
) -> None:
    with staged(tmp_path, alone=25.0) as stage:
        stage.types("alice", "start app-b")
        stage.presses("bob", "approve")
        told(stage, "✔ Detach the source's config")
        stage.world.fleet.afflict("h2", Illness.AGENT_STOPPED)
        red = told(stage, "🔴")
        stage.waits(lambda: _attached(stage), "the source's config to be applied again", 10.0)
        stage.world.fleet.heal("h2")
        stopped = stage.waits_for_root("Went back to")
        stage.presses("alice", "retry")
        stage.presses("bob", "approve")
        stage.waits_for_root("✋ Delete the source's config?")
        stage.presses("bob", "approve")
        stage.waits_for_root("✅ Moved")
        stage.world.quiet()
        tally = stage.world.tally()

    assert "the target receives nothing more of h2" in red
    assert "app.log" in red
    assert "both sides collect again" in stopped
    assert tally.lost == 0, tally


def _attached(stage: Stage) -> bool:
    found = stage.world.client("source").get_config_applied_machine_groups(
        SOURCE["project"], SOURCE["config"]
    )
    return bool(found.get_machine_groups())


def test_both_sides_collect_for_too_long_and_nobody_answers(tmp_path: Path) -> None:
    with staged(tmp_path, soak=5.0, dual=12.0, answer=8.0) as stage:
        stage.types("alice", "start app-b")
        first = told(stage, "⏰ app-b: both sides have collected")
        stage.presses("alice", "extend")
        extended = told(stage, "lets both sides collect until")
        root = stage.waits_for_root("Both sides collect until")
        stage.waits_for_root("↩ Rolled back")
        back = told(stage, "it is rolled back by itself")
        stage.world.quiet()
        tally = stage.world.tally()
        written = sum(app.written for app in stage.world.fleet.apps.values())

    assert "unless somebody answers by" in first
    assert "@alice" in extended
    assert "Both sides collect until" in root
    assert "nobody said what is to be" in back
    assert tally.in_source == written
