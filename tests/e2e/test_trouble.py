"""Bad input and bad days: what people read, and that nothing is half-written."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import redis

from sandbox.hosts.ssh import Fault
from tests.e2e.stage import FAST, PATIENT, Stage, staged

pytestmark = PATIENT
ONE_HOST = replace(FAST, hosts=1)


def test_refusals_name_the_way_out_and_write_nothing(tmp_path: Path) -> None:
    with staged(tmp_path, ONE_HOST) as stage:
        unknown_app = stage.types("alice", "start app-c")
        unknown_verb = stage.types("alice", "strat app-b")
        listed = stage.types("alice", "list")
        keys = redis.Redis.from_url(stage.world.redis_url).keys("*job:*")

    assert "app-c" in unknown_app
    assert "Did you mean `/logmigrate start app-b`?" in unknown_app
    assert "Did you mean `/logmigrate start app-b`?" in unknown_verb
    assert "Nothing was started yet" in listed
    assert keys == []


def test_a_second_start_names_the_holder_the_time_and_the_link(tmp_path: Path) -> None:
    with staged(tmp_path, ONE_HOST) as stage:
        first = stage.types("alice", "start app-b").split()[2].rstrip(":")
        stage.waits(lambda: "http" in stage.types("alice", "status app-b"), "the link")
        second = stage.types("bob", "start app-b")

    assert f"app-b is held by job {first} of <@" in second
    assert "since" in second
    assert "http" in second


def test_a_plan_writes_nothing_anywhere(tmp_path: Path) -> None:
    with staged(tmp_path, ONE_HOST) as stage:
        before = _files(stage.world.folder)
        mark = len(stage.world.sls.journal)
        stage.types("alice", "plan app-b")
        stage.waits(lambda: "delete config" in "\n".join(stage.thread()), "the plan")
        asked, wrote = stage.world.sls.journal.since(mark), stage.world.sls.journal.writes(mark)

        assert len(asked) > 10
        assert wrote == ()
        assert _files(stage.world.folder) == before
        assert "create machine group app-b" in "\n".join(stage.thread())


def test_a_host_that_refuses_ssh_is_named_and_a_retry_goes_on(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        stage.world.fleet.break_("h2", Fault.DOWN)
        stage.types("alice", "start app-b")
        root = stage.waits_for_root("🛑 Stopped")
        stage.world.fleet.mend("h2")
        stage.presses("alice", "retry")
        stage.waits_for_root("✋ Waiting for approval")

    assert "1 of 3 hosts: h2: connecting to h2" in root
    assert "connection refused" in root
    assert "[Retry] [Roll back]" in root


def test_a_move_that_takes_long_says_that_it_is_still_working(tmp_path: Path) -> None:
    with staged(tmp_path, ONE_HOST) as stage:
        stage.world.fleet.break_("h1", Fault.MUTE)
        stage.types("alice", "start app-b")
        working = stage.waits_for_root("still working")
        root = stage.waits_for_root("🛑 Stopped")

    assert "🛑" not in working
    assert "still working" not in root
    assert "h1" in root


def test_a_denied_action_is_named(tmp_path: Path) -> None:
    shape = replace(ONE_HOST, denied=frozenset({"log:CreateMachineGroup"}))
    with staged(tmp_path, shape) as stage:
        stage.types("alice", "start app-b")
        root = stage.waits_for_root("🛑 Stopped")

    assert "log:CreateMachineGroup was denied" in root


def test_an_outsider_presses_in_vain(tmp_path: Path) -> None:
    with staged(tmp_path, ONE_HOST) as stage:
        stage.types("alice", "start app-b")
        stage.presses("mallory", "approve")
        refused = stage.waits(lambda: stage.told("mallory"), "the refusal")
        root = stage.root()

    assert "You are not an approver" in refused
    assert "✋ Waiting for approval" in root


def test_without_redis_the_answer_says_that_nothing_is_half_written(tmp_path: Path) -> None:
    with staged(tmp_path, ONE_HOST) as stage:
        redis.Redis.from_url(stage.world.redis_url).shutdown(nosave=True)
        answer = stage.types("alice", "start app-b")
        stage.world.restart_redis()
        stage.waits(lambda: "Nothing was started" in stage.types("alice", "list"), "Redis again")

    assert "Redis does not answer. Nothing is half-written" in answer


def test_over_signed_http_the_same_job_is_started_and_read(tmp_path: Path) -> None:
    port = _free_port()
    shape = replace(ONE_HOST, request_url=f"http://127.0.0.1:{port}/slack/events")
    with staged(tmp_path, shape) as stage:
        stage.waits(lambda: "Queued as" in _typed(stage, "start app-b"), "the bot's door")
        stage.waits_for_root("✋ Waiting for approval")
        stage.presses("bob", "approve")
        stage.waits_for_root("✋ Delete the source's config?")


def _typed(stage: Stage, text: str) -> str:
    """The answer, or "" while nobody listens yet."""
    return "\n".join(stage.control.command("alice", f"/logmigrate {text}")["ephemerals"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _files(folder: Path) -> dict[str, bytes]:
    found = (folder / "hosts").glob("*/etc/**/*")
    return {str(path): path.read_bytes() for path in found if path.is_file()}
