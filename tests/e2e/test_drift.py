"""What people change behind a move's back is told in its thread, while it waits and after it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aliyun.log import LogItem, MachineGroupDetail, PutLogsRequest

from sandbox.world import SOURCE, TARGET
from tests.e2e.stage import PATIENT, Stage, staged

pytestmark = PATIENT
OTHERS = "others"  # a machine group in which there is no host


def test_drift_is_told_once_and_settled_and_a_hanging_question_is_answered_all_the_same(
    tmp_path: Path,
) -> None:
    with staged(tmp_path) as stage:
        others = MachineGroupDetail(OTHERS, "userdefined", ["nobody"])
        stage.world.client("source").create_machine_group(SOURCE["project"], others)
        stage.types("alice", "start app-b")
        stage.waits_for_root("✋ Waiting for approval")
        _keep_days(stage, 7)
        hanging = stage.waits_for_root("No longer as agreed")
        _keep_days(stage, 30)
        stage.waits(lambda: _said(stage, "✔ Settled"), "the end of the finding")
        source, binding = (
            stage.world.client("source"),
            (SOURCE["project"], SOURCE["config"], OTHERS),
        )
        source.apply_config_to_machine_group(*binding)
        stage.waits(lambda: len(_said(stage, "⚠")) == 2, "the second finding")
        source.remove_config_to_machine_group(*binding)
        stage.waits(lambda: len(_said(stage, "✔ Settled")) == 2, "the end of both")
        stage.presses("bob", "approve")
        stage.waits_for_root("✋ Delete the source's config?")
        told = _said(stage, "⚠")

    assert "logstore app-b of project" in hanging
    assert "✋ Waiting for approval" in hanging
    assert len(told) == 2
    assert "ttl was" in told[0]
    assert "is applied to machine group others too" in told[1]


def test_a_straggler_a_lost_id_and_a_config_made_again_are_told_after_the_move(
    tmp_path: Path,
) -> None:
    with staged(tmp_path) as stage:
        stage.moves()
        _rounds(stage, 3)
        quiet = stage.thread()
        ids = stage.world.fleet.root("h2") / "etc/ilogtail/user_defined_id"
        whole = ids.read_bytes()
        ids.write_bytes(whole.replace(b"app-b\n", b""))
        _send_as(stage, stage.world.fleet.machines["h3"].ip)
        _make_again(stage)
        stage.waits(lambda: len(_said(stage, "⚠")) == 4, "all findings")
        told = "\n".join(_said(stage, "⚠"))
        stage.world.client("source").delete_logtail_config(SOURCE["project"], SOURCE["config"])
        ids.write_bytes(whole)
        stage.waits(lambda: len(_said(stage, "✔ Settled")) == 4, "the end of them all")
        stage.waits(lambda: "No longer as agreed" not in stage.root(), "nothing to be open")
        root = stage.root()

    assert "⚠" not in "\n".join(quiet)
    assert "h2: the target's custom id is gone" in told
    assert "h2: no heartbeat in machine group app-b" in told
    assert "h3: still or again sends lines" in told
    assert "was made again" in told
    assert "✅ Moved" in root


def _said(stage: Stage, mark: str) -> list[str]:
    """First lines of messages with that mark."""
    return [line for line in stage.thread() if line.startswith("┌") and mark in line]


def _rounds(stage: Stage, number: int) -> None:
    """Until the watch has read the source's logstore so often; by then nobody else does."""
    mark, path = len(stage.world.sls.journal), f"/logstores/{SOURCE['logstore']}"

    def looks() -> int:
        return sum(entry.path == path for entry in stage.world.sls.journal.since(mark))

    stage.waits(lambda: looks() >= number, f"{number} rounds of the watch")


def _keep_days(stage: Stage, days: int) -> None:
    stage.world.client("target").update_logstore(TARGET["project"], TARGET["logstore"], ttl=days)


def _make_again(stage: Stage) -> None:
    sls, project = stage.world.client("target"), TARGET["project"]
    (name,) = sls.list_logtail_config(project).get_configs()
    body, _ = sls._send("GET", project, None, f"/configs/{name}", {}, {})
    body = {
        key: value for key, value in body.items() if key not in {"createTime", "lastModifyTime"}
    }
    body |= {"configName": SOURCE["config"], "outputDetail": {"logstoreName": SOURCE["logstore"]}}
    _write(stage.world.client("source"), "POST", SOURCE["project"], "/configs", body)


def _write(sls: Any, method: str, project: str, resource: str, body: dict[str, Any]) -> None:
    raw = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "x-log-bodyrawsize": str(len(raw))}
    sls._send(method, project, raw, resource, {}, headers)


def _send_as(stage: Stage, ip: str) -> None:
    line = LogItem(int(stage.world.clock.now()), contents=[("content", "still here")])
    request = PutLogsRequest(SOURCE["project"], SOURCE["logstore"], "", ip, [line])
    stage.world.client("source").put_logs(request)
