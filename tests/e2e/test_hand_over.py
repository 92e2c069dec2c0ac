"""The hand-over in real time, of logs that rotate and burst, held against files and logstores."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sandbox.hosts.app import Habits
from sandbox.hosts.illness import Illness
from sandbox.hosts.journal import What
from sandbox.hosts.root import CHECKPOINT
from sandbox.world import SOURCE, World
from tests.e2e import by_hand
from tests.e2e.hand_over_kit import (
    SOURCE_KEY,
    TARGET_KEY,
    Line,
    by_host,
    card,
    doubled,
    entries,
    events,
    fates,
    figures,
    held,
    inside,
    overlaps,
)
from tests.e2e.stage import FAST, PATIENT, Stage, staged
from workflows.proof.comparison import Comparison

pytestmark = PATIENT
TAIL = 8  # KiB
# A file lasts three seconds, and in each third second six times as much is written.
ROTATING = Habits(rate=20.0, burst_factor=6.0, burst_every=3.0, history=60, rotate_bytes=16_000)
SLOW = Habits(rate=2.0, history=60)  # so little that the tail is read again
BUSY = replace(FAST, habits=ROTATING, tail=TAIL)
SAVED = 9  # seconds; an agent of this world has written a checkpoint within them
SINCE = (1.0, 6.0)  # seconds since a checkpoint, so that there are lines to send again
APART = 5.2  # seconds; from a checkpoint of that age the product tells how fast a file grows
SOON = 5.0  # seconds from the red event until the source's config is applied
FEW = 10  # lines of a thread without its plan
UNITS = {"bytes": 1.0, "kB": 1e3, "MB": 1e6}


def test_logs_that_rotate_and_burst_are_moved_without_a_line_lost_or_doubled(
    tmp_path: Path,
) -> None:
    with staged(tmp_path, BUSY, soak=5.0, alone=2.0) as stage:
        stage.moves()
        stage.world.quiet()
        tally = stage.world.tally()
        source, target = (held(stage.world, side) for side in ("source", "target"))
        found, thread = card(stage, tmp_path), "\n".join(stage.thread())
        forecast = figures(stage, tmp_path, "forecast")["forecast"]["total"]
        rotated, overlap = _rotated(stage.world), overlaps(stage.world)
        near = _near_the_start(stage.world, target)

    beside = f"overlap forecast: {forecast}; in truth: {overlap}"
    seconds = Counter((line.host, line.at) for line in inside(found, target)).values()
    assert tally.clean, tally
    assert rotated == {"h1", "h2", "h3"}
    assert max(seconds) >= 3 * min(seconds)
    assert _by_host(found) == by_host(inside(found, source), inside(found, target))
    assert (found.doubled, found.repeated, found.strange) == (0, 0, 0)
    assert f"Lines: source {found.source:,} = target {found.target:,} in " in thread
    assert abs(found.overlap - tally.overlap) <= near
    assert 0 < max(overlap.values()) <= TAIL * 1024, beside
    assert sum(overlap.values()) <= forecast["overlap"], beside


def test_what_a_killed_agent_sends_again_is_reported_to_the_line(tmp_path: Path) -> None:
    with staged(tmp_path, replace(BUSY, hosts=2), soak=16.0, alone=2.0) as stage:
        stage.types("alice", "start app-b")
        stage.waits(lambda: "✔ Collect into" in "\n".join(stage.thread()), "both to collect")
        compared = stage.world.clock.now() + SAVED
        stage.waits(
            lambda: (
                stage.world.clock.now() > compared
                and SINCE[0] < _checkpoints_age(stage.world) < SINCE[1]
            ),
            "lines since a checkpoint, of minutes that are compared",
        )
        stage.world.fleet.crash("h2")
        _approved_to_the_end(stage)
        stage.world.quiet()
        tally = stage.world.tally()
        source, target = (doubled(held(stage.world, side)) for side in ("source", "target"))
        found, thread = card(stage, tmp_path), "\n".join(stage.thread())

    assert (tally.lost, tally.strange, tally.in_target) == (0, 0, tally.written), tally
    assert list(target) == list(source) == ["h2"]
    assert found.doubled == found.restarts == target["h2"], found
    assert found.repeated == source["h2"], found
    assert f"Doubled in the target: {found.doubled:,} ({found.doubled:,} as an agent" in thread


def test_the_source_stopped_first_loses_and_repeats_what_was_forecast(tmp_path: Path) -> None:
    habits = {"h1": ROTATING, "h2": ROTATING, "h3": SLOW}
    with staged(tmp_path, replace(BUSY, habits=habits)) as stage:
        plan = _plan(stage)
        by_hand.prepare(stage.world)
        by_hand.stop_first(stage.world, lines=400)
        stage.world.quiet()
        every = list(fates(stage.world, TAIL * 1024))
        tally = stage.world.tally()

    lost, again = sum(fate.bytes_lost for fate in every), sum(fate.bytes_again for fate in every)
    beside = "\n".join([plan, f"in truth lost {lost}, repeated {again} bytes", *map(str, every)])
    assert tally.lost == sum(len(fate.lost) for fate in every), beside
    assert {fate.host for fate in every if fate.lost} == {"h1", "h2"}, beside
    assert {fate.host for fate in every if fate.again} >= {"h3"}, beside
    assert all(fate.is_as_forecast for fate in every), beside
    assert lost <= _bytes("or FIGURE if they are rotated", plan), beside
    assert again <= _bytes(r"up to FIGURE \([^)]*\) repeated", plan), beside


def test_a_host_that_falls_quiet_in_the_target_alone_brings_the_source_back(
    tmp_path: Path,
) -> None:
    with staged(
        tmp_path, replace(FAST, hosts=2), soak=2.0, alone=7.0, quiet=3.0, minutes=2
    ) as stage:
        stage.types("alice", "start app-b")
        stage.presses("bob", "approve")
        stage.waits(lambda: "✔ Detach the source's config" in "\n".join(stage.thread()), "the stop")
        quiet = stage.world.clock.now()
        stage.world.fleet.afflict("h2", Illness.ACCOUNT_FILE_MISSING)
        stage.waits_for_root("Went back to")
        applied = _applied(stage.world, quiet)
        stage.world.fleet.heal("h2")
        stage.presses("alice", "retry")
        _approved_to_the_end(stage)
        stage.world.quiet()
        tally = stage.world.tally()
        source, target = (doubled(held(stage.world, side)) for side in ("source", "target"))
        story, thread = events(stage, tmp_path), "\n".join(stage.thread())

    [red] = [one for one in story if one["kind"] == "red"]
    assert "the target receives nothing more of h2" in red["text"]
    assert red["text"] in thread
    assert "app.log" in red["hosts"][0]["said"]
    assert applied - quiet <= 60
    assert applied - red["at"] <= SOON
    assert (tally.lost, tally.strange) == (0, 0), tally
    assert set(target) <= {"h2"}  # its agent was let in again and began 1 MiB before the end
    assert f"the source's agents repeated {sum(source.values()):,} lines" in thread


def _approved_to_the_end(stage: Stage) -> None:
    stage.presses("bob", "approve")
    stage.waits_for_root("✋ Delete the source's config?")
    stage.presses("bob", "approve")
    stage.waits_for_root("✅ Moved")


def _rotated(world: World) -> set[str]:
    """Hosts whose log was rotated while both sides collected it."""
    found = set()
    for host in world.shape.names:
        left = min(one["at"] for one in entries(world, host, SOURCE_KEY, What.LEFT))
        new = entries(world, host, TARGET_KEY, What.ROTATED)
        found |= {host for one in new if one["at"] < left}
    return found


def _near_the_start(world: World, target: list[Line]) -> int:
    """Lines of the target from about when its config came: times of logs are in whole seconds."""
    took = {
        host: entries(world, host, TARGET_KEY, What.TAKEN)[0]["at"] for host in world.shape.names
    }
    return sum(abs(line.at - took[line.host]) <= 2 for line in target)


def _by_host(found: Comparison) -> dict[str, tuple[int, int]]:
    return {one.host: (one.source, one.target) for one in found.hosts}


def _plan(stage: Stage) -> str:
    """What the plan forecasts, once the agents have told how fast the files grow."""

    def planned() -> str:
        stage.waits(lambda: _checkpoints_age(stage.world) >= APART, "older checkpoints")
        roots = len(stage.channel.roots())
        stage.types("alice", "plan app-b")
        stage.waits(lambda: len(stage.channel.roots()) > roots, "the plan")
        stage.waits(
            lambda: "Nothing was changed" in stage.root() and len(stage.thread()) > FEW, "it"
        )
        told = [line for line in stage.thread() if "forecast, " in line]
        return "" if "nobody can tell" in "\n".join(told) else "\n".join(told)

    return str(stage.waits(planned, "a plan that tells how much would be lost"))


def _checkpoints_age(world: World) -> float:
    """Seconds since the newest was written; 0 where an agent has none yet."""
    every = [world.fleet.root(name) / CHECKPOINT for name in world.shape.names]
    if not all(path.exists() for path in every):
        return 0.0
    return world.clock.now() - max(path.stat().st_mtime for path in every)


def _bytes(pattern: str, text: str) -> float:
    """What the text tells where the pattern has FIGURE."""
    found = re.search(pattern.replace("FIGURE", r"([\d.]+) (bytes|kB|MB)"), text)
    assert found is not None, f"{pattern!r} in {text}"
    return float(found[1]) * UNITS[found[2]]


def _applied(world: World, since: float) -> float:
    """When the source's config was applied again."""
    wrote = [one for one in world.sls.journal.writes() if one.project == SOURCE["project"]]
    return min(one.at for one in wrote if one.at > since and SOURCE["config"] in one.path)
