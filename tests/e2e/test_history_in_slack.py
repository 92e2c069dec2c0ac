"""The past of an app, asked for in the channel, with the product's own processes."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.stage import PATIENT, staged

pytestmark = PATIENT


def test_the_past_is_asked_for_agreed_to_copied_and_proven(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        early = stage.types("alice", "history app-b --from 1h")
        stage.moves()
        moved = stage.world.held("target")
        answer = stage.types("alice", "history app-b --from 1h")
        stage.presses("bob", "approve")
        stage.waits_for_root("✅ Copied, and proven")
        source, target = stage.world.held("source"), stage.world.held("target")
        thread = "\n".join(stage.thread())

    assert "app-b is not moved" in early
    assert "the lines of app-b from before its move" in answer
    assert "equal: " in thread
    assert moved - target == {}
    assert source - target == {}, "lost"
    assert max(target.values()) == 1, "doubled"
