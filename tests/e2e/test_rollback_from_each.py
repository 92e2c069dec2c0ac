"""From each row of the table, at once and after seven days: all is as it was, and no line is lost."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.count import FOLDER, file_lines
from sandbox.hosts.app import Habits
from sandbox.world import SOURCE, World
from tests.e2e.rollback_kit import Rollback
from tests.e2e.stage import FAST, PATIENT, staged
from workflows.logmigrate import LOGMIGRATE
from workflows.model import JobState, RecordState

ROWS = tuple(row.name for row in LOGMIGRATE.steps)
STOPPED = ROWS[ROWS.index("stop") + 1 :]  # from these rows on the source does not collect
END = "the end"
ROTATING = Habits(rate=20.0, history=200, rotate_bytes=20_000)
WRITTEN = re.compile(r"([\d,]+) lines? of the target written")
LEFT = re.compile(r"([\d,]+) lines? could not be")
AGAIN = re.compile(r"repeated ([\d,]+) line")


def reached(world: Rollback, row: str) -> bool:
    if row == END:
        return world.job.state is JobState.SUCCEEDED
    return world.job.record(row).state is not RecordState.PENDING


def figure(pattern: re.Pattern[str], told: str) -> int:
    found = pattern.search(told)
    return int(found[1].replace(",", "")) if found else 0


@pytest.mark.parametrize("days", [0, 7])
@pytest.mark.parametrize("row", [*ROWS, END])
def test_from_each_row_all_is_put_back_and_every_line_is_in_the_source(row: str, days: int) -> None:
    world = Rollback()
    told = taken_back(world, row, days)

    _all_as_before(world)
    _every_line_accounted_for(world, told)
    if row in {*STOPPED, END}:
        assert figure(WRITTEN, told) > 0, told
    if days == 0:
        assert figure(LEFT, told) == 0, told


@pytest.mark.parametrize("days", [0, 1])
@pytest.mark.parametrize("row", ["stop", END])
def test_agents_that_read_small_files_from_their_start_repeat_lines_that_are_counted(
    row: str, days: int
) -> None:
    world = Rollback(tail=10**6)
    told = taken_back(world, row, days)

    _all_as_before(world)
    _every_line_accounted_for(world, told)
    assert figure(AGAIN, told) > 0, told
    assert figure(WRITTEN, told) == 0, told


def taken_back(world: Rollback, row: str, days: int) -> str:
    """Moved up to that row, left alone for so long, rolled back; what was told of the gap."""
    world.start()
    world.until(lambda world: reached(world, row))
    world.days(days)
    told = world.rolled_back()
    for _ in range(5):
        world.second()
    return told


def _all_as_before(world: Rollback) -> None:
    """Configs, bindings, groups and hosts; a logstore of ours stays where it holds lines."""
    after = world.things()
    changed = {name for name in after if after[name] != world.before[name]}

    assert changed == ({"target logstores"} if world.lines("target") else set())


def _every_line_accounted_for(world: Rollback, told: str) -> None:
    """Each is in the source once, or told as repeated, or told as left in the target."""
    held, kept = world.lines("source"), world.lines("target")
    missing = world.written - held

    assert missing.total() == figure(LEFT, told), told
    assert missing - kept == Counter()
    assert (held - world.written).total() == figure(AGAIN, told), told


@PATIENT
def test_real_agents_that_begin_a_kilobyte_before_the_end_miss_no_line(tmp_path: Path) -> None:
    with staged(tmp_path, replace(FAST, habits=ROTATING)) as stage:
        _begin_late(stage.world)
        stage.moves()
        stage.types("bob", "rollback app-b")
        stage.waits_for_root("↩ Rolled back")
        told = stage.waits(lambda: _said(stage.thread()), "what was said of the gap")
        stage.world.quiet()
        held = stage.world.held("source")
        hosts = stage.world.fleet.hosts
        written = Counter(line for host in hosts for line in file_lines(host.root / FOLDER))

    assert written - held == Counter()
    assert (held - written).total() == figure(AGAIN, told), told
    assert figure(WRITTEN, told) > 0, told


def _begin_late(world: World) -> None:
    """Agents that take the source's config anew read but little of what is there."""
    client, project = world.client("source"), SOURCE["project"]
    path = f"/configs/{SOURCE['config']}"
    body, _ = client._send("GET", project, None, path, {}, {})
    body["inputDetail"].setdefault("advanced", {})["tail_size_kb"] = 1
    bare = {key: value for key, value in body.items() if not key.endswith("Time")}
    raw = json.dumps(bare).encode()
    headers = {"Content-Type": "application/json", "x-log-bodyrawsize": str(len(raw))}
    client._send("PUT", project, raw, path, {}, headers)


def _said(thread: list[str]) -> str:
    return next((line for line in thread if "the source's agents repeated" in line), "")
