"""Hosts that hang up now and then: rolling back forgets nothing on them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.crash.test_crashes import plain, turning_back
from tests.crash.world import AGENT, ALICE, APP, WAITS, World, untouched
from tests.fake_hosts import FakeHosts
from workflows.errors import NotYet
from workflows.model import HostResult, JobState
from workflows.ports import Command
from workflows.step import Context
from workflows.steps import config
from workflows.steps.delivery import delivered, key


@dataclass
class HangingUp:
    """ports.Hosts where h2 hangs up `times` when it is asked what its agent was given."""

    hosts: FakeHosts
    world: World
    times: int

    def run(self, commands: Mapping[str, Command], errand: str = "") -> tuple[HostResult, ...]:
        results = self.hosts.run(commands, errand)
        undoing = self.world.job.state is JobState.UNDOING
        return tuple(map(self._spoilt, results)) if undoing and errand == "needs" else results

    def _spoilt(self, result: HostResult) -> HostResult:
        if result.host != "h2" or not self.times:
            return result
        self.times -= 1
        return HostResult("h2", ok=False, said="waiting for the SSH banner of h2: it hung up")

    def forget(self, errand: str) -> None: ...


@pytest.mark.parametrize(("times", "retries"), [(1, 0), (2, 1), (5, 2)])
def test_nothing_of_ours_stays_on_a_host_that_hung_up_while_it_was_rolled_back(
    times: int, retries: int
) -> None:
    world = plain()
    before, pressed = world.surroundings()[0], 0

    def people(world: World) -> None:
        nonlocal pressed
        if world.job.state is JobState.STOPPED:
            assert "1 of 2 hosts: h2: waiting for the SSH banner" in world.job.reason
            world.service.retry("J1", ALICE)
            pressed += 1
        else:
            turning_back("stop?", world)

    def wrap(port: Any) -> Any:
        return HangingUp(port, world, times) if isinstance(port, FakeHosts) else untouched(port)

    world.live(people, wrap)

    assert world.job.state is JobState.UNDONE
    assert world.surroundings()[0] == before
    assert pressed == retries


@dataclass
class Keeping:
    """ports.Hosts that keeps what hosts answered well, as bot/spread.py does."""

    hosts: FakeHosts
    kept: dict[str, dict[tuple[str, str], HostResult]] = field(default_factory=dict)

    def run(self, commands: Mapping[str, Command], errand: str = "") -> tuple[HostResult, ...]:
        kept = self.kept.setdefault(errand, {})
        asked = {(name, command.script): command for name, command in commands.items()}
        left = {key[0]: command for key, command in asked.items() if key not in kept}
        now = {result.host: result for result in self.hosts.run(left, errand)}
        kept |= {key: now[key[0]] for key in asked if key[0] in now and now[key[0]].ok}
        return tuple(kept.get(key) or now[key[0]] for key in asked)

    def forget(self, errand: str) -> None:
        self.kept.pop(errand, None)


def test_a_host_that_got_the_config_after_it_was_asked_holds_up_the_roll_back() -> None:
    world = World()
    hosts = Keeping(world.hosts)
    context = Context(APP, WAITS, hosts, world.source, world.target, world.clock)
    wanted = key(APP.target.project, APP.target.config)
    world.hosts.refuse("h2", "it hung up")
    with pytest.raises(NotYet, match="1 of 3 hosts: h2"):
        delivered(context, [wanted], "both", wanted=True)

    world.hosts.allow("h2")
    world.hosts.hosts["h1"].files[f"{AGENT}/user_log_config.json"] = json.dumps([wanted]).encode()
    with pytest.raises(NotYet, match="1 of 3 hosts: h1: holds the config"):
        config.withdraw(context, {"applied": False, "config": None, "source_groups": []})
