"""The report of a real move: written while it runs and at its end, checked, held against Slack."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

from sandbox.product import command
from tests.e2e.stage import FAST, PATIENT, staged

pytestmark = PATIENT
ONE_HOST = replace(FAST, hosts=1)


def logmigrate(folder: Path, *words: str) -> str:
    line = [*command(), *words, "-c", str(folder / "config.toml")]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_a_move_has_a_report_that_says_what_happened_and_can_be_checked(tmp_path: Path) -> None:
    page, data, early = (tmp_path / name for name in ("report.html", "report.json", "early.json"))
    with staged(tmp_path, ONE_HOST) as stage:
        stage.types("alice", "start app-b")
        stage.waits_for_root("✋ Waiting for approval")
        job = re.search(r"job (\w{4})\b", "\n".join(stage.thread()))
        assert job is not None
        while_it_waits = logmigrate(tmp_path, "report", job[1], "--json", str(early))
        stage.presses("bob", "approve")
        stage.waits_for_root("✋ Delete the source's config?")
        stage.presses("bob", "approve")
        stage.waits_for_root("✅ Moved")
        stage.waits(lambda: "Report:" in stage.thread()[-1], "the last line")
        thread = stage.thread()
        files = ("--html", str(page), "--json", str(data), "--language", "zh")
        logmigrate(tmp_path, "report", job[1].lower(), *files)

    report = json.loads(data.read_text(encoding="utf-8"))
    head = re.search(r"head ([0-9a-f]{12})", thread[-1])
    checked = [logmigrate(tmp_path, "report", "verify", str(file)) for file in (page, data, early)]
    assert head is not None
    assert head[1] == report["chain"]["head"][:12]
    assert "it is still waiting for approval" in while_it_waits
    assert all(f"{len(report['events'])} events, head {head[1]}" in said for said in checked[:2])
    assert "intact: " in checked[2]
    written = [one["call"] for one in report["requests"]]
    assert any(re.fullmatch(r"target POST /logstores [0-9A-F]{24}", call) for call in written)
    assert any(call.startswith("source DELETE /configs/") for call in written)
    assert [(one["step"], one["decided"][-1]["kind"]) for one in report["approvals"]] == [
        ("stop?", "approved"),
        ("delete?", "approved"),
    ]
    assert all(row["state"] in {"done", "already so"} for row in report["job"]["records"])
