"""Several agents on one host, and hosts of several versions in one fleet."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from sandbox.clock import Clock
from sandbox.hosts.app import Habits
from sandbox.hosts.fleet import Fleet, version_on
from tests.unit.agent_kit import B, RecordingDoor, delivered

PATIENCE = 20.0


def fleet_in(folder: Path, door: RecordingDoor, **more: object) -> Fleet:
    return Fleet(
        folder,
        ("h1", "h2"),
        account_id=B,
        region="cn-hangzhou",
        clock=Clock(600.0),
        door=door,  # type: ignore[arg-type]  # a double of the two methods used
        habits=Habits(rate=1.0, history=10),
        **more,  # type: ignore[arg-type]
    )


def test_two_agents_on_a_host_double_its_lines_and_both_beat(tmp_path: Path) -> None:
    door = RecordingDoor()
    door.configs = (delivered(),)
    fleet = fleet_in(tmp_path, door, several={"h2": 2})
    fleet.start()
    try:
        fleet.stop_writing()
        deadline = time.monotonic() + PATIENCE
        while not fleet.caught_up():
            if time.monotonic() > deadline:
                pytest.fail(f"the agents did not catch up within {PATIENCE:.0f} s")
            threading.Event().wait(0.05)
    finally:
        fleet.stop()
    times = Counter(door.lines())
    by_host = {
        host: {times[line] for line in times if f"host={host} " in line} for host in ("h1", "h2")
    }
    starts = [beat.ip for beat in door.beats[:3]]

    assert by_host == {"h1": {1}, "h2": {2}}
    assert Counter(starts) == {"10.0.0.11": 1, "10.0.0.12": 2}
    assert fleet.others["h2-2"].journal.path == fleet.truth("h2-2")


def test_each_host_of_a_fleet_may_have_its_own_version(tmp_path: Path) -> None:
    fleet = fleet_in(tmp_path, RecordingDoor(), version={"h1": "1.8.8", "h2": "3.3.5"})
    scripts = [next((fleet.root(name) / "etc/init.d").iterdir()).name for name in ("h1", "h2")]
    fleet.stop()

    assert scripts == ["ilogtaild", "loongcollectord"]
    assert version_on("2.0.7", "h1") == "2.0.7"
