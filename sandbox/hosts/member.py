"""One host of a fleet: its root, its agents, and what is wrong with it."""

from __future__ import annotations

import errno
import random
import shutil
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.hosts.agent import Agent
from sandbox.hosts.ailing_disk import AilingDisk
from sandbox.hosts.conditions import Conditions, conditions, reach
from sandbox.hosts.disk import RealDisk
from sandbox.hosts.illness import SPOILS, Illness
from sandbox.hosts.network import Network
from sandbox.hosts.root import AGENT_HOME, CONF, INIT, lay_out, lay_out_agent
from sandbox.hosts.service import Service
from sandbox.hosts.spoiling import Guest, restore, spoil
from sandbox.hosts.told import AgentProcesses, Told, give_tools, program, tell
from sandbox.hosts.versions import traits

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.clock import Clock
    from sandbox.hosts.network import Way
    from sandbox.hosts.root import Machine


@dataclass(frozen=True)
class Ground:
    """What all hosts of a fleet share; `folder` holds their roots."""

    folder: Path
    tools: Path
    account_id: str
    custom_id: str
    guest: Guest
    clock: Clock
    door: Way
    seed: int


class Member:
    """A host whose agents work; `round`, `afflict` and `heal` may be called from any thread."""

    def __init__(self, ground: Ground, machine: Machine, usual: int, *, whole: bool) -> None:
        """Lay the root out; `whole`: the id file ends in a newline."""
        self.root = ground.folder / machine.name
        self.ills: set[Illness] = set()
        self._ground = ground
        self._base, self._usual = machine, usual
        self._now = conditions(machine, usual, ())
        self._lock = threading.Lock()
        self._disk = AilingDisk(self.root)
        self._network = Network(ground.door)
        self._lives: dict[int, int] = {}  # of each agent that runs
        self._lived = 0
        self._told: Told | None = None
        lay_out(self.root, machine, ground.custom_id, final_newline=whole)
        give_tools(self.root, ground.tools)
        self.agents: list[Agent] = []
        self._begin(self._now)
        self._tell()

    @property
    def machine(self) -> Machine:
        """What the host is when nothing is wrong."""
        return self._base

    def start(self, now: float) -> None:
        """Start all agents, as at boot, if nothing keeps them from it."""
        with self._lock:
            if not self.ills & {Illness.AGENT_ABSENT, Illness.AGENT_STOPPED}:
                self._start(now)

    def round(self, now: float) -> None:
        """Let the agents do what is due."""
        with self._lock:
            self.service.round(now)
            for agent in self.agents[1:]:
                agent.round(now)
            self._tell()

    def stop(self, now: float) -> None:
        """End all agents cleanly."""
        with self._lock:
            self._stop(now)

    def crash(self) -> None:
        """Kill the agents' workers; their daemons begin others."""
        with self._lock:
            for agent in self.agents:
                agent.kill(self._ground.clock.now(), revived=True)
            self._tell()

    def afflict(self, illness: Illness) -> None:
        """Make the host ill; what is ill already stays so."""
        self._change({*self.ills, illness})

    def heal(self, illness: Illness | None = None) -> None:
        """Take one illness away, or with None all of them."""
        self._change(self.ills - ({illness} if illness else self.ills))

    def _change(self, ills: set[Illness]) -> None:
        with self._lock:
            new, gone = ills - self.ills, self.ills - ills
            self.ills = ills
            for illness in gone:
                self._undo(illness)
            self._take_effect()
            for illness in new:
                self._do(illness)
            self._tell()

    def _take_effect(self) -> None:
        self._network.reach = reach(self.ills)
        self._network.withholds = Illness.CONFIG_WITHHELD in self.ills
        full, read_only = Illness.DISK_FULL in self.ills, Illness.DISK_READ_ONLY in self.ills
        self._disk.refusal = errno.EROFS if read_only else errno.ENOSPC if full else 0
        wanted = conditions(self._base, self._usual, self.ills)
        if wanted != self._now:
            self._live_on(wanted)

    def _live_on(self, wanted: Conditions) -> None:
        """End the agents' lives and begin others, under other conditions."""
        now, ran = self._ground.clock.now(), self.agents[0].lives
        self._stop(now)
        if Illness.AGENT_ABSENT not in self.ills:
            lay_out_agent(self.root, wanted.machine, self._now.machine)
        self._now = wanted
        self._begin(wanted)
        if ran:
            self._start(now)

    def _do(self, illness: Illness) -> None:
        now = self._ground.clock.now()
        if illness in SPOILS:
            spoil(self.root, illness, self._ground.guest)
        elif illness is Illness.AGENT_STOPPED:
            self._stop(now)
        elif illness is Illness.AGENT_ABSENT:
            self._stop(now)
            self._carry(self.root, self._kept)

    def _undo(self, illness: Illness) -> None:
        now = self._ground.clock.now()
        if illness in SPOILS:
            restore(self.root, illness, self._ground.guest)
        elif illness is Illness.AGENT_STOPPED:
            self._start(now)
        elif illness is Illness.AGENT_ABSENT:
            self._carry(self._kept, self.root)
            self._start(now)

    @property
    def _kept(self) -> Path:
        return self.root.with_name(f"kept-{self.root.name}")

    def _carry(self, source: Path, to: Path) -> None:
        """Move what an agent is made of."""
        for part in (CONF, AGENT_HOME, INIT):
            (to / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(to / part, ignore_errors=True)
            (source / part).rename(to / part)

    def _start(self, now: float) -> None:
        self.service.start(now)
        for agent in self.agents[1:]:
            if not agent.running:
                agent.start(now)

    def _stop(self, now: float) -> None:
        for agent in self.agents:
            agent.stop(now)
        self.service.tell()

    def _begin(self, wanted: Conditions) -> None:
        """Have this many agents, none of which runs yet."""
        self.agents = [self._agent(nth, wanted) for nth in range(1, wanted.agents + 1)]
        self.service = Service(self.agents[0], RealDisk(self.root), wanted.machine, self._tell)

    def _agent(self, nth: int, wanted: Conditions) -> Agent:
        ground, name = self._ground, self._base.name
        named, seed = (f"{name}-{nth}", f":{nth}") if nth > 1 else (name, "")
        return Agent(
            wanted.machine,
            self._disk,
            own_account=ground.account_id,
            door=self._network,
            clock=ground.clock,
            rng=random.Random(f"{ground.seed}:{name}{seed}"),
            truth=ground.folder / f"truth-{named}.jsonl",
            cost=wanted.cost,
            memory=wanted.memory,
        )

    def _tell(self) -> None:
        """Keep what the host's tools say true."""
        self._count_lives()
        told = Told(
            self._base.ip,
            tuple(self._processes(agent) for agent in self.agents if agent.lives),
            self._network.reach,
            round(self._now.machine.skew),
            full=Illness.DISK_FULL in self.ills,
            read_only=Illness.DISK_READ_ONLY in self.ills,
            sudo=Illness.SUDO_REFUSED not in self.ills,
        )
        if told != self._told:
            tell(self.root, told, self._told)
            self._told = told

    def _count_lives(self) -> None:
        running = {id(agent): agent for agent in self.agents if agent.lives}
        for ended in self._lives.keys() - running.keys():
            del self._lives[ended]
        for begun in running.keys() - self._lives.keys():
            self._lived += 2
            self._lives[begun] = self._lived

    def _processes(self, agent: Agent) -> AgentProcesses:
        machine = self._now.machine
        shown = program(self.root, traits(machine.release).name)
        return AgentProcesses(
            shown,
            machine.env,
            self._lives[id(agent)],
            works=agent.running,
            cores=self._now.cost.cores(1, 0.0),
            memory=self._now.memory,
        )
