"""The target has a logstore of that name already, and otherwise: people say whether it stays."""

from __future__ import annotations

from pathlib import Path

from sandbox.world import TARGET
from tests.e2e.stage import PATIENT, staged

pytestmark = PATIENT


def test_who_declines_is_told_the_way_out_and_who_agrees_keeps_it_as_it_is(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        target = stage.world.client("target")
        target.create_logstore(TARGET["project"], TARGET["logstore"], ttl=7, shard_count=2)
        stage.types("alice", "start app-b")
        stage.presses("bob", "decline")
        stopped = stage.waits_for_root("🛑 Stopped")
        stage.presses("alice", "retry")
        stage.waits_for_root("✋ Keep the target's logstore as it is?")
        stage.presses("bob", "approve")
        stage.waits_for_root("✋ Stop collecting into the source?")
        kept = target.get_logstore(TARGET["project"], TARGET["logstore"])
        told = "\n".join(stage.thread())

    assert "Make it equal by hand, then Retry asks anew" in stopped
    assert "logstore app-b: ttl: 30 is wanted, there is 7" in told
    assert "nothing of it is written over" in told
    assert kept.get_ttl() == 7
