"""The source ends first, by real agents: what is lost is within the bound, told, and no more than that."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sandbox.count import FOLDER, file_lines
from sandbox.hosts.app import Habits
from sandbox.world import World
from tests.e2e.stage import FAST, PATIENT, Stage, staged
from tests.e2e.test_rollback_from_each import _begin_late

pytestmark = PATIENT

STEADY = Habits(rate=20.0, history=200)
BOUND = re.compile(r"up to [\d.]+ \w+ \(([\d,]+) lines\) may be lost")
LOST = re.compile(r"about ([\d,]+) lines \([^)]*\) lost")
AGAIN = re.compile(r"repeated ([\d,]+) line")
NEAR = 3 * 20  # lines; a second of each host, as times of lines are whole seconds


def figure(pattern: re.Pattern[str], stage: Stage) -> int:
    found = stage.waits(lambda: pattern.search("\n".join(stage.thread())), pattern.pattern)
    return int(found[1].replace(",", ""))


def written(world: World) -> Counter[str]:
    return Counter(line for host in world.fleet.hosts for line in file_lines(host.root / FOLDER))


def begun(stage: Stage) -> None:
    """Up to the question whether to delete."""
    stage.types("alice", "start app-b --stop-first")
    stage.presses("bob", "approve")
    stage.waits_for_root("✋ Delete the source's config?", 150)


def test_small_files_are_moved_without_a_lost_line(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        begun(stage)
        stage.presses("bob", "approve")
        stage.waits_for_root("✅ Moved")
        stage.world.quiet()
        told, held = figure(LOST, stage), stage.world.held("source") + stage.world.held("target")
        missing = written(stage.world).keys() - held.keys()

    assert not missing
    assert told == 0


def test_what_nobody_collected_is_told_and_a_roll_back_loses_no_more(tmp_path: Path) -> None:
    with staged(tmp_path, replace(FAST, habits=STEADY)) as stage:
        _begin_late(stage.world)
        begun(stage)
        bound, told = figure(BOUND, stage), figure(LOST, stage)
        stage.types("bob", "rollback app-b")
        stage.waits_for_root("↩ Rolled back")
        stage.world.quiet()
        again, all_ = figure(AGAIN, stage), written(stage.world)
        source, target = stage.world.held("source"), stage.world.held("target")

    nowhere = all_.keys() - source.keys() - target.keys()
    assert nowhere
    assert abs(told - len(nowhere)) <= NEAR, (told, len(nowhere))
    assert len(nowhere) <= bound
    assert all_.keys() - source.keys() == nowhere
    assert (source - all_).total() == again
