"""The service script on a host really starts and ends its agent."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.hosts.disk import RealDisk
from sandbox.hosts.journal import What
from sandbox.hosts.root import AGENT_CONFIG
from sandbox.hosts.rounds import Rounds
from sandbox.hosts.service import Service
from tests.unit.agent_kit import Bench, delivered


class Host:
    """A bench whose agent is looked after by its service, round after round."""

    def __init__(self, folder: Path, version: str) -> None:
        self.bench = Bench(folder, version)
        self.service = Service(self.bench.agent, RealDisk(self.bench.root), self.bench.machine)
        self.script = next((self.bench.root / "etc/init.d").iterdir())
        self.rounds = Rounds("service", 0.02, self._now, self.service.round)

    def start(self) -> None:
        self.service.start(self.bench.now)
        self.service.round(self.bench.now)
        self.rounds.start()

    def run(self, *words: str) -> tuple[int, str]:
        done = subprocess.run(
            ["/bin/sh", str(self.script), *words], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout.strip()

    def _now(self) -> float:
        self.bench.now += 0.02
        return self.bench.now


@pytest.fixture(params=["1.8.8", "3.3.5"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path, request.param)
    host.start()
    yield host
    host.rounds.stop()


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path, "1.8.8")
    host.bench.write("one\n")
    host.bench.door.configs = (delivered(),)
    host.start()
    yield host
    host.rounds.stop()


def test_status_says_the_documented_words(host: Host) -> None:
    name = {"ilogtaild": "ilogtail", "loongcollectord": "loongcollector"}[host.script.name]

    assert host.run("status") == (0, f"{name} is running")


def test_a_stop_ends_the_agent_cleanly_and_a_start_begins_another_life(old: Host) -> None:
    stopped = old.run("stop")
    status = old.run("status")
    running = old.bench.agent.running
    started = old.run("start")
    told = [entry.what for entry in old.bench.agent.journal.entries]

    assert (stopped, status) == ((0, "ilogtail is stopped"), (3, "ilogtail is stopped"))
    assert not running
    assert started == (0, "ilogtail is running")
    assert told.count(What.STOPPED) == 1
    assert told.count(What.STARTED) == 2
    assert old.bench.door.lines() == ["one"]


def test_a_restart_is_a_clean_end_and_a_new_life(old: Host) -> None:
    said = old.run("restart")
    told = [entry.what for entry in old.bench.agent.journal.entries]

    assert said == (0, "ilogtail is running")
    assert told.count(What.STOPPED) == 1
    assert told[-1] in (What.STARTED, What.RESUMED)


def test_a_forced_stop_saves_no_places(old: Host) -> None:
    said = old.run("force-stop")

    assert said == (0, "ilogtail is stopped")
    assert old.bench.agent.journal.entries[-1].what is What.KILLED


def test_starting_what_runs_and_stopping_what_is_stopped_change_nothing(old: Host) -> None:
    said = [old.run("start"), old.run("stop"), old.run("stop")]
    told = [entry.what for entry in old.bench.agent.journal.entries]

    assert [code for code, _ in said] == [0, 0, 0]
    assert (told.count(What.STARTED), told.count(What.STOPPED)) == (1, 1)


def test_a_start_on_a_broken_config_file_says_that_it_does_not_run(old: Host) -> None:
    (old.bench.root / AGENT_CONFIG).write_text("{,}")

    assert old.run("restart") == (3, "ilogtail is stopped")


def test_an_unknown_word_is_answered_with_the_usage(old: Host) -> None:
    code, said = old.run("reload")

    assert code != 0
    assert "force-stop" in said
    assert old.run("-h")[0] == 0
