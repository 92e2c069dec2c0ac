"""A plan, told in Slack's words by the product's own processes; and that it changes nothing."""

from __future__ import annotations

import re
from pathlib import Path

import redis

from sandbox.world import SOURCE
from tests.e2e.stage import PATIENT, Stage, staged

pytestmark = PATIENT
OF_A_JOB = {"job", "jobs", "events", "report", "posts", "once"}  # no lock: nothing is held
OF_THE_SENDER = {"due", "unposted", "marks", "working", "sender"}  # while it is at work


def planned(stage: Stage) -> str:
    """One plan, up to its file; its digest."""
    roots = len(stage.channel.roots())
    assert "Queued as" in stage.types("alice", "plan app-b")
    stage.waits(lambda: len(stage.channel.roots()) > roots, "the plan's message")
    stage.waits_for_root("✅ Ready, in the thread.")
    stage.waits(lambda: stage.channel.roots()[-1]["replies"][1:], "the plan's file")
    found = re.search(r"Plan ([0-9a-f]{12})", "\n".join(stage.thread()))
    assert found, stage.thread()
    return found[1]


def file_of(stage: Stage) -> str:
    (file,) = stage.channel.roots()[-1]["replies"][-1]["files"]
    return stage.control.file(file["id"])


def edited(stage: Stage) -> None:
    """Somebody in account B keeps the lines longer."""
    stage.world.client("source").update_logstore(SOURCE["project"], SOURCE["logstore"], ttl=31)


def id_files(folder: Path) -> dict[str, bytes]:
    found = [path for path in folder.glob("hosts/*/etc/**/*") if path.is_file()]
    return {str(path): path.read_bytes() for path in found}


def kinds(url: str) -> set[str]:
    """What is in Redis, by the first word after the prefix."""
    with redis.Redis.from_url(url) as client:
        keys = [key.decode() for key in client.keys("*")]
    return {key.split(":")[1] for key in keys if "{" in key or ":" in key}


def test_a_plan_tells_everything_and_changes_nothing(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        mark, files = len(stage.world.sls.journal), id_files(stage.world.folder)
        first = planned(stage)
        thread, text = stage.thread(), file_of(stage)
        written = list(stage.world.sls.journal.writes(mark))
        left, there = kinds(stage.world.redis_url), id_files(stage.world.folder)
        again = planned(stage)
        edited(stage)
        other = planned(stage)

    told = "\n".join(thread)
    assert written == []
    assert files == there
    assert left <= OF_A_JOB | OF_THE_SENDER
    assert again == first
    assert other != first
    assert "app-b-access" in told
    assert "create logstore app-b" in told
    assert "Stop collecting into the source? An approver other than the requester" in told
    assert "[file: Plan " in told
    assert "### 4.4 Create the config" in text
    assert '"force_multiconfig": true' in text
    assert text.rstrip().splitlines()[-1].startswith("operations: ")
