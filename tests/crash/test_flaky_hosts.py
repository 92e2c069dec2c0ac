"""Hosts that hang up now and then: rolling back forgets nothing on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.crash.test_crashes import plain, turning_back
from tests.crash.world import ALICE, World, untouched
from tests.fake_hosts import FakeHosts
from workflows.model import HostResult, JobState
from workflows.ports import Command


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
