"""A logstore that a classic and a pipeline config feed: both move as one, there and back."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from sandbox.source import AUDIT
from sandbox.world import SOURCE, TARGET
from tests.e2e.stage import FAST, PATIENT, Stage, staged

pytestmark = PATIENT
SHAPE = replace(FAST, hosts=2, version={"h1": "2.0.7", "h2": "3.3.5"}, audit=True)


def write(stage: Stage, first: int) -> list[str]:
    """Five lines of the audit on each host."""
    lines = []
    for host in stage.world.fleet.hosts:
        folder = host.root / "var/log" / AUDIT
        folder.mkdir(parents=True, exist_ok=True)
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        new = [f"{at},001 INFO audit seq={first + n} host={host.name} looked at" for n in range(5)]
        with (folder / "audit.log").open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in new)
        lines += new
    return lines


def bound(stage: Stage) -> dict[str, list[str]]:
    """The source's machine groups by config."""
    sls, project = stage.world.client("source"), SOURCE["project"]
    return {
        name: sls.get_config_applied_machine_groups(project, name).get_machine_groups()
        for name in (SOURCE["config"], AUDIT)
    }


def test_both_configs_move_and_every_line_of_either_arrives_once(tmp_path: Path) -> None:
    with staged(tmp_path, SHAPE) as stage:
        write(stage, 1)
        stage.types("alice", "start app-b")
        stage.waits_for_root("✋ Stop collecting into the source?")
        written = write(stage, 100)
        stage.presses("bob", "approve")
        stage.waits_for_root("✋ Delete the source's config?")
        written += write(stage, 200)
        stage.presses("bob", "approve")
        stage.waits_for_root("✅ Moved")
        stage.world.quiet()
        held = stage.world.held("target")
        left = stage.world.client("source").list_logtail_config(SOURCE["project"]).get_configs()
        pipeline = stage.world.client("target").get_logtail_pipeline_config(
            TARGET["project"], AUDIT
        )
        told = "\n".join(stage.thread())

    assert {line: held[line] for line in written} == dict.fromkeys(written, 1)
    assert left == []
    flusher = pipeline.get_pipeline_config().flushers[0]
    assert flusher["Logstore"] == TARGET["logstore"]
    assert "2 configs: app-b-access (classic), app-b-audit (pipeline) of logstore" in told
    assert "2 of 2 hosts hold the target's 2 configs" in told


def test_both_configs_are_back_after_a_roll_back(tmp_path: Path) -> None:
    with staged(tmp_path, SHAPE) as stage:
        before = bound(stage)
        write(stage, 1)
        stage.moves()
        stage.types("bob", "rollback app-b")
        stage.waits_for_root("↩ Rolled back")
        after = bound(stage)

    assert before == {name: [SOURCE["machine_group"]] for name in (SOURCE["config"], AUDIT)}
    assert after == before
