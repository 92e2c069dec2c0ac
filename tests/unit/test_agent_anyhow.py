"""Whatever is done to a log, an agent that always ends cleanly ships each of its lines once."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest

from sandbox.hosts.agent import Agent
from sandbox.hosts.root import AGENT_CONFIG, Machine, agent_config
from sandbox.simulate.clock import VirtualClock
from sandbox.simulate.disk import File, MemoryDisk
from sandbox.simulate.plan import VERSIONS
from tests.unit.agent_kit import LOG, NOON, B, RecordingDoor, delivered

FORCED = {"force_multiconfig": True}


class Anyhow:
    """One host on a virtual clock, and what can happen to it, by chance."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.clock = VirtualClock(NOON)
        self.disk = MemoryDisk(self.clock.now)
        self.machine = Machine("h1", "10.0.0.11", "cn-hangzhou", self.rng.choice(VERSIONS))
        self.disk.replace(AGENT_CONFIG, json.dumps(agent_config(self.machine)))
        self.door = RecordingDoor()
        pattern = self.rng.choice(("app.log", "app.log*"))
        self.door.configs = (
            delivered(filePattern=pattern),
            delivered("app-a", project="project-a", filePattern=pattern, advanced=FORCED),
        )
        self.written: list[str] = []
        self._file: File | None = None
        self._rotated = 0
        self.agent = self._begin()

    def play(self) -> None:
        acts = (self.write, self.write, self.rotate, self.refuse, self.accept, self.restart)
        for _ in range(self.rng.randint(10, 60)):
            self.rng.choice(acts)()
            self.pass_time(self.rng.choice((0.2, 0.2, 1, 1, 100)))
        self.accept()
        for _ in range(30):
            self.pass_time(5)

    def write(self) -> None:
        """Write a line, a long one now and then, with a break in it that the agent may see."""
        width = self.rng.choice((10, 100, 100, 200_000))
        text = f"{len(self.written)} " + "x" * width
        cut = self.rng.randint(0, len(text))
        self._file = self._file or self.disk.create(LOG)
        self.disk.write(self._file, text[:cut].encode())
        if self.rng.random() < 0.3:
            self.pass_time(self.rng.choice((0.2, 3)))
        self.disk.write(self._file, text[cut:].encode() + b"\n")
        self.written.append(text)

    def rotate(self) -> None:
        if self._file is None:
            return
        self.pass_time(0.2)  # a file that comes and goes unseen is nobody's fault
        for number in range(self._rotated, 0, -1):
            self.disk.rename(f"{LOG}.{number}", f"{LOG}.{number + 1}")
        self.disk.rename(LOG, f"{LOG}.1")
        self._rotated += 1
        self._file = None

    def refuse(self) -> None:
        self.door.status = 503

    def accept(self) -> None:
        self.door.status = 200

    def restart(self) -> None:
        """Restart, and now and then end again before the first round."""
        self.agent.stop(self.clock.at)
        self.agent = self._begin()

    def pass_time(self, seconds: float) -> None:
        self.clock.at += seconds
        self.agent.round(self.clock.at)

    def _begin(self) -> Agent:
        agent = Agent(
            self.machine,
            self.disk,
            own_account=B,
            door=self.door,  # type: ignore[arg-type]  # a double of the two methods used
            clock=self.clock,
            rng=self.rng,
            truth=None,
        )
        agent.start(self.clock.at)
        if self.rng.random() < 0.3:
            agent.stop(self.clock.at)
            agent.start(self.clock.at)
        return agent


@pytest.mark.parametrize("seed", range(40))
def test_every_line_arrives_once_in_both_logstores(seed: int) -> None:
    host = Anyhow(seed)
    host.play()
    written = Counter(host.written)

    assert Counter(host.door.lines()) == written
    assert Counter(host.door.lines("app-a-store")) == written
