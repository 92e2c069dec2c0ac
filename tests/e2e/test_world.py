"""`python -m sandbox up`: a world for other programs, described in a file."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from bot.settings import load
from bot.world import reach
from sandbox.__main__ import main
from sandbox.product import command
from sandbox.slack.control import Control
from sandbox.world import APP, SOURCE, TARGET, Shape, World
from sandbox.world_files import write_config
from tests.e2e.stage import PATIENT

Json = dict[str, Any]
pytestmark = PATIENT


@contextmanager
def world_up(folder: Path, *more: str) -> Iterator[tuple[Json, subprocess.Popen[bytes]]]:
    folder.mkdir(exist_ok=True)
    ready = folder / "ready.json"
    given = ["up", "--hosts", "2", "--ready-file", str(ready), *more]
    process = subprocess.Popen([sys.executable, "-m", "sandbox", *given])
    try:
        _wait(ready.exists, process)
        yield json.loads(ready.read_text("utf-8")), process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert not ready.exists()


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


def test_two_worlds_may_write_their_configs_into_one_folder(tmp_path: Path) -> None:
    out = {name: tmp_path / f"{name}.toml" for name in ("one", "two")}
    first = world_up(tmp_path / "1", "--config-out", str(out["one"]))
    second = world_up(tmp_path / "2", "--config-out", str(out["two"]))
    with first as (one, _), second as (two, _):
        named = [_redis_url(out["one"]), _redis_url(out["two"])]

        assert named == [one["redis_url"], two["redis_url"]]
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "1",
            "2",
            "one.toml",
            "two.toml",
        ]


def test_a_world_that_ends_leaves_no_folder_and_no_server_behind(tmp_path: Path) -> None:
    with world_up(tmp_path / "w") as (facts, _):
        folder = Path(facts["hosts"][0]["root"]).parents[1]
        there = folder.exists()

    assert there
    assert not folder.exists()
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(facts["redis_url"]).ping()


def test_told_to_end_while_it_comes_up_it_says_nothing_of_being_ready(tmp_path: Path) -> None:
    ready, made = tmp_path / "ready.json", tmp_path / "made"
    made.mkdir()
    given = [sys.executable, "-m", "sandbox", "up", "--ready-file", str(ready)]
    out, there = subprocess.PIPE, {**os.environ, "TMPDIR": str(made)}
    process = subprocess.Popen(given, stdout=out, env=there)
    _wait(lambda: any(made.glob("logmigrate-sandbox-*")), process)  # others try the folder out
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)

    assert (process.returncode, said) == (0, b"")
    assert not ready.exists()
    assert list(made.iterdir()) == []


def test_a_thousand_hosts_are_up_heard_and_reached_within_bounds(tmp_path: Path) -> None:
    began, before = time.monotonic(), _resident()
    with World(tmp_path, Shape(hosts=1000, speed=10.0)) as world:
        up, grown = time.monotonic() - began, _resident() - before
        sls, patience = world.client("source"), time.monotonic() + 90
        where = SOURCE["project"], SOURCE["machine_group"]
        while len(sls.list_machines(*where, 0, 2000).get_machines()) < 1000:
            assert time.monotonic() < patience, "some of 1,000 hosts were never heard"
            threading.Event().wait(0.5)
        write_config(world, tmp_path / "config.toml")
        answers = _asked(tmp_path / "config.toml", world.shape.names)

    assert up < 90  # alone on two cores it takes 12 s
    assert grown < 1024
    assert [said.rsplit("/", 1)[-1] for said in answers] == list(world.shape.names)


def test_a_world_may_be_behind_a_jump_host_and_says_how_each_host_is_reached(
    tmp_path: Path,
) -> None:
    config = tmp_path / "config.toml"
    with World(tmp_path / "w", Shape(hosts=2, jump=True, sudo=True)) as world:
        write_config(world, config)
        answers = _asked(config, world.shape.names)
        settings = tomllib.loads(config.read_text("utf-8"))
        checked = subprocess.run([*command(), "--config", config, "check"], capture_output=True)
        first = world.fleet.hosts[0]

    assert checked.returncode == 0, checked.stderr
    assert [said.rsplit("/", 1)[-1] for said in answers] == ["h1", "h2"]
    assert settings["ssh"]["sudo"]
    assert settings["hosts"]["jump"]["port"] == world.fleet.jump
    assert settings["hosts"]["h1"] == {
        "address": "127.0.0.1",
        "port": first.port,
        "user": "ops",
        "ip": "10.0.0.11",
        "conf_dir": f"{first.root}/etc/ilogtail",
        "agent_dir": f"{first.root}/usr/local/ilogtail",
        "service": f"{first.root}/etc/init.d/ilogtaild",
        "jump": "jump",
    }


def test_somebody_else_may_have_made_the_targets_group_by_ip(tmp_path: Path) -> None:
    with World(tmp_path, Shape(hosts=2)) as world:
        world.group_by_ip("h2")
        group = (
            world.client("target")
            .get_machine_group(TARGET["project"], TARGET["machine_group"])
            .get_machine_group()
        )

    assert (group.machine_type, group.machine_list) == ("ip", ["10.0.0.12"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--hosts", "0"], "argument --hosts: give a whole number from 1 to 1000, not 0"),
        (["--hosts", "-1"], "argument --hosts: give a whole number from 1 to 1000, not -1"),
        (["--hosts", "many"], "argument --hosts: give a whole number from 1 to 1000, not many"),
        (["--speed", "0"], "argument --speed: give a number above 0, such as 60, not 0"),
        (["--ready-file", "nowhere/r"], "there is no folder {here}/nowhere; make it first"),
        (["--config-out", "."], "argument --config-out: {here} is a folder; name a file in it"),
        (["--request-url", "bot:1"], "such as http://127.0.0.1:3000/slack/events, not bot:1"),
    ],
)
def test_a_world_that_cannot_be_is_refused_before_it_begins(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["up", *given])

    assert ended.value.code == 2
    assert said.format(here=tmp_path) in capsys.readouterr().err


@dataclass(frozen=True)
class Script:
    """A command that is no more than its script."""

    script: str


def _asked(config: Path, names: tuple[str, ...]) -> list[str]:
    """What the product hears from each host that answers it: the folder it came to."""
    results = reach(load(config, {}), APP).run({name: Script("pwd") for name in names})
    return [one.said for one in results if one.ok]


def _resident() -> float:
    """MB of this process."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1024 / 1024


def _redis_url(config: Path) -> str:
    settings = tomllib.loads(config.read_text("utf-8"))
    return Path(settings["redis"]["url_file"]).read_text("utf-8").strip()
