"""The processes: all in one with a Redis of its own, and workers that die or are told to end."""

from __future__ import annotations

import re
import signal
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import redis

from sandbox.hosts.ssh import Fault
from sandbox.product import command
from tests.e2e.stage import FAST, PATIENT, staged

pytestmark = PATIENT
ONE_HOST = replace(FAST, hosts=1)


def test_up_needs_no_redis_and_its_jobs_survive_a_restart(tmp_path: Path) -> None:
    with staged(tmp_path, replace(ONE_HOST, named_redis=False), verbs=("up",)) as stage:
        stage.types("alice", "start app-b")
        stage.waits_for_root("✋ Waiting for approval")
        listed = _logmigrate(tmp_path, "jobs", "list")
        stage.product.stop()
        stage.product.start("up")
        stage.waits(lambda: stage.control.state()["connections"] > 0, "the bot to connect again")
        stage.presses("bob", "approve")
        stage.waits_for_root("✋ Delete the source's config?")

    assert "waiting for approval" in listed


def test_a_worker_killed_in_the_middle_is_taken_over_by_the_next(tmp_path: Path) -> None:
    with staged(tmp_path, ONE_HOST) as stage:
        stage.types("alice", "start app-b")
        # Any of these: the live message is redrawn once a second and may skip one.
        stage.waits(lambda: re.search("▶ Running, step [345]", stage.root()), "the middle")
        stage.product.running["work"].send_signal(signal.SIGKILL)
        stage.product.running["work"].wait()
        stage.product.start("work")
        stage.presses("bob", "approve")
        stage.waits_for_root("✋ Delete the source's config?")
        stage.presses("bob", "approve")
        stage.waits_for_root("✅ Moved")
        stage.world.quiet()
        tally = stage.world.tally()

    assert tally.clean, tally


def test_told_to_end_both_processes_end_with_status_0(tmp_path: Path) -> None:
    with staged(tmp_path, ONE_HOST) as stage:
        stage.types("alice", "start app-b")
        stage.waits_for_root("▶ Running")
        processes = list(stage.product.running.values())
        stage.product.stop()

    assert [process.returncode for process in processes] == [0, 0]


def test_a_second_signal_ends_a_worker_at_once_and_its_job_goes_on_elsewhere(
    tmp_path: Path,
) -> None:
    with staged(tmp_path, ONE_HOST) as stage:
        stage.world.fleet.break_("h1", Fault.MUTE)
        stage.types("alice", "start app-b")
        worker = stage.product.running.pop("work")
        with closing(redis.Redis.from_url(stage.world.redis_url)) as jobs:
            stage.waits(lambda: jobs.keys("*working:*"), "the worker to hang on the host")
        worker.send_signal(signal.SIGTERM)
        log = tmp_path / "work.log"
        stage.waits(lambda: "ending; a second signal" in log.read_text("utf-8"), "its answer")
        still_there = worker.poll() is None
        worker.send_signal(signal.SIGTERM)
        status = worker.wait(5.0)
        stage.world.fleet.mend("h1")
        stage.product.start("work")
        stage.presses("bob", "approve")
        stage.waits_for_root("✋ Delete the source's config?")

    assert still_there
    assert status == 128 + signal.SIGTERM


def test_the_doctor_finds_a_whole_world_in_order_and_a_mute_host_not(tmp_path: Path) -> None:
    with staged(tmp_path, FAST, verbs=("serve",)) as stage:
        well = _doctor(tmp_path)
        stage.world.fleet.break_("h2", Fault.DOWN)
        ill = _doctor(tmp_path)

    assert well.returncode == 0, well.stdout
    assert all(line.startswith("ok ") for line in well.stdout.splitlines())
    assert "Slack: @logmigrate" in well.stdout
    assert ill.returncode == 1
    assert "NOT  host h2" in ill.stdout


def _doctor(folder: Path) -> subprocess.CompletedProcess[str]:
    run = [*command(), "doctor", "--config", str(folder / "config.toml")]
    return subprocess.run(run, check=False, capture_output=True, text=True)


def _logmigrate(folder: Path, *words: str) -> str:
    config = ["--config", str(folder / "config.toml")]
    run = [*command(), *config, *words]
    return subprocess.run(run, check=True, capture_output=True, text=True).stdout
