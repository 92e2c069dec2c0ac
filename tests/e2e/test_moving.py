"""The main job, told in Slack's words, with the product's own processes."""

from __future__ import annotations

from pathlib import Path

from sandbox.count import file_lines
from sandbox.world import SOURCE
from tests.e2e.stage import PATIENT, expected, staged

pytestmark = PATIENT


def test_alice_asks_bob_approves_twice_and_no_line_is_lost_or_doubled(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        assert "Queued as" in stage.types("alice", "start app-b")
        stage.presses("alice", "approve")
        stage.waits(lambda: "somebody else" in stage.told("alice"), "the refusal")
        stage.presses("bob", "approve")
        stage.waits_for_root("✋ Delete the source's config?")
        stage.presses("bob", "approve")
        stage.waits_for_root("✅ Moved")
        stage.waits(lambda: "is moved" in stage.thread()[-2], "the last line")
        transcript = stage.transcript()
        stage.world.quiet()
        tally = stage.world.tally()

    assert tally.clean, tally
    assert tally.started == 3
    assert transcript == expected("moving", transcript)


def test_a_declined_job_is_rolled_back_and_the_source_never_noticed(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        files = _id_files(stage.world.folder)
        stage.types("alice", "start app-b")
        stage.presses("bob", "decline")
        stage.waits_for_root("🛑 Stopped")
        stage.presses("alice", "roll_back")
        stage.waits_for_root("↩ Rolled back")
        stage.waits(lambda: "is rolled back" in stage.thread()[-2], "the last line")
        transcript = stage.transcript()
        stage.world.quiet()
        tally = stage.world.tally()
        written = sum(app.written for app in stage.world.fleet.apps.values())

        assert _id_files(stage.world.folder) == files
        assert not list(stage.world.folder.glob("hosts/*/etc/ilogtail/users"))
    assert (tally.in_source, tally.doubled) == (written, 0)
    assert transcript == expected("rolled_back", transcript)


def test_a_finished_move_is_taken_back_and_every_line_is_somewhere(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        files = _id_files(stage.world.folder)
        stage.moves()
        refused = stage.types("alice", "rollback app-b")
        stage.types("bob", "rollback app-b")
        stage.waits_for_root("↩ Rolled back")
        stage.world.quiet()
        held = stage.world.held("source") + stage.world.held("target")
        written = [line for host in stage.world.fleet.hosts for line in _lines(host.root)]
        groups = stage.world.client("source").get_config_applied_machine_groups(
            SOURCE["project"], SOURCE["config"]
        )

        assert _id_files(stage.world.folder) == files
    assert "only an approver may roll back" in refused
    assert groups.get_machine_groups() == [SOURCE["machine_group"]]
    assert [line for line in written if line not in held] == []


def _lines(root: Path) -> list[str]:
    return file_lines(root / "var/log/app-b")


def _id_files(folder: Path) -> dict[str, bytes]:
    found = folder.glob("hosts/*/etc/ilogtail/user_defined_id")
    return {str(path): path.read_bytes() for path in found}
