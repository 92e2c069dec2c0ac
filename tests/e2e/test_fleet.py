"""Stories of hosts: one falls silent and is mended by a click, one is dead and left out, all are
told by the machine group and reached through a jump host.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from sandbox.hosts.illness import Illness
from sandbox.product import Product
from sandbox.world import SOURCE, World
from sandbox.world_files import write_config
from tests.e2e.stage import FAST, PATIENT, Stage, staged

pytestmark = PATIENT


def test_a_silent_host_is_explained_and_mended_by_a_click_of_somebody_else(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        stage.world.fleet.afflict("h2", Illness.AGENT_STOPPED)
        stage.types("alice", "start app-b")
        stopped = stage.waits_for_root("🛑 Stopped")
        assert "h2 FAIL agent stopped" in stopped
        assert "h1 OK heartbeat of 10.0.0.11" in stopped

        assert "why every host of app-b may be silent" in stage.types("alice", "diagnose app-b")
        stage.waits_for_root("✋ Put right what is safe to put right?")
        assert "start it where it is stopped" in "\n".join(stage.thread())
        assert "somebody else has to approve it" in "\n".join(stage.presses("alice", "approve"))
        stage.presses("bob", "approve")
        stage.waits_for_root("✅ Done")
        assert stage.world.fleet.agents["h2"].running

        stage.presses("alice", "retry")
        stage.waits(lambda: _first_root(stage, "✋ Stop collecting"), "the question of the move")


def _first_root(stage: Stage, text: str) -> bool:
    return text in "\n".join(stage.channel.read(stage.channel.roots()[0]))


def test_a_dead_host_is_left_out_by_name_once_its_agent_is_silent(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        stage.world.fleet.afflict("h3", Illness.BLACK_HOLE)
        assert "without `h3`" in stage.types("alice", "start app-b --without h3")
        stage.waits_for_root("is collected from 10.0.0.13 too")
        assert "Without h3" in stage.root().replace("`", "")

        stage.world.fleet.afflict("h3", Illness.AGENT_STOPPED)
        stage.waits(lambda: _silent_for(stage, "10.0.0.13") > 5, "its heartbeat to grow old", 30.0)
        stage.presses("alice", "retry")
        stage.waits_for_root("✋ Stop collecting into the source?")
        assert "receives nothing from h1, h2; left out: h3" in "\n".join(stage.thread())


def _silent_for(stage: Stage, ip: str) -> float:
    """Seconds since the source's machine group heard of it."""
    sls = stage.world.client("source")
    listed = sls.list_machines(SOURCE["project"], SOURCE["machine_group"], 0, 100).get_machines()
    beats = [one.heartbeat_time for one in listed if one.ip == ip]  # none once it is long dead
    return time.time() - max(beats, default=0)


def test_hosts_are_told_by_the_machine_group_and_reached_through_a_jump_host(
    tmp_path: Path,
) -> None:
    with World(tmp_path / "world", replace(FAST, jump=True)) as world:
        config = tmp_path / "config.toml"
        write_config(world, config)
        text = config.read_text(encoding="utf-8")
        listed = 'hosts = ["h1", "h2", "h3"]'
        assert listed in text
        text = text.replace(listed, 'hosts_from = "group"')
        config.write_text(text.replace("[ssh]", '[ssh]\nuser = "ops"'), encoding="utf-8")
        with Product(config, tmp_path, ("serve", "work")) as product:
            stage = Stage(world, product)
            stage.waits(lambda: stage.control.state()["connections"] > 0, "the bot to connect")
            stage.types("alice", "plan app-b")
            stage.waits_for_root("✅ Ready, in the thread")
            thread = "\n".join(stage.thread())

    assert "3 hosts, by the source's machine group" in thread
    assert "on h2, h3" in thread
