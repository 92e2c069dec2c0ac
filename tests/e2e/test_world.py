"""`python -m sandbox up`: a world for other programs, described in a file."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sandbox.product import command
from sandbox.slack.control import Control

Json = dict[str, Any]


@contextmanager
def world_up(folder: Path, *more: str) -> Iterator[tuple[Json, subprocess.Popen[bytes]]]:
    folder.mkdir()
    ready = folder / "ready.json"
    given = ["up", "--hosts", "2", "--ready-file", str(ready), *more]
    process = subprocess.Popen([sys.executable, "-m", "sandbox", *given])
    try:
        _wait(ready.exists, process)
        yield json.loads(ready.read_text("utf-8")), process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def _wait(true: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "the world did not come up in time"
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            raise AssertionError("the world ended by itself")


def test_the_ready_file_says_all_that_a_stranger_needs(tmp_path: Path) -> None:
    config = tmp_path / "out.toml"
    with world_up(tmp_path / "w", "--config-out", str(config)) as (facts, _):
        settings = tomllib.loads(config.read_text("utf-8"))

        assert facts["config"] == str(config)
        assert set(facts["slack"]) == {
            "api_base_url", "control_url", "bot_token", "app_token", "signing_secret", "channel",
            "users",
        }  # fmt: skip
        assert facts["sls"]["endpoint"] == "cn-hangzhou.log.aliyuncs.com"
        for side in ("source", "target"):
            assert set(facts["sls"][side]) == {
                "account_id", "access_key_id", "access_key_secret", "project", "logstore", "config",
                "machine_group",
            }  # fmt: skip
        assert [host["name"] for host in facts["hosts"]] == ["h1", "h2"]
        assert set(facts["hosts"][0]) == {"name", "address", "port", "user", "key_file", "root"}
        assert settings["apps"]["app-b"]["hosts"] == ["h1", "h2"]


def test_two_worlds_run_side_by_side_and_serve_the_product_unchanged(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    with world_up(one) as (first, _), world_up(two) as (second, _):
        assert first["sls"]["proxy"] != second["sls"]["proxy"]
        config = first["config"]
        checked = subprocess.run([*command(), "--config", config, "check"], capture_output=True)
        listed = subprocess.run([*command(), "jobs", "list", "-c", config], capture_output=True)

        assert checked.returncode == 0, checked.stderr
        assert listed.returncode == 0, listed.stderr
        assert Control(second["slack"]["control_url"]).messages() == []
