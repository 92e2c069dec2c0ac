"""A fleet of hosts of account B: per host an SSH server, an agent and an application."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from itertools import count
from typing import TYPE_CHECKING

from sandbox.hosts.app import App, Habits, habits_on
from sandbox.hosts.gates import Gates
from sandbox.hosts.host import Host
from sandbox.hosts.member import Ground, Member
from sandbox.hosts.root import Machine, nth_ip
from sandbox.hosts.rounds import Rounds
from sandbox.hosts.spoiling import Guest
from sandbox.hosts.ssh import ADDRESS, USER
from sandbox.hosts.told import lay_tools

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sandbox.clock import Clock
    from sandbox.hosts.agent import Agent
    from sandbox.hosts.illness import Illness
    from sandbox.hosts.ssh import Fault
    from sandbox.sls.door import Door

AGENT_ROUND = 0.2  # real seconds between two rounds of the agents
AT_ONCE = 100  # hosts in a round; more of them take turns
APP_STEP = 0.05  # real seconds between two steps of the applications
GUEST = Guest("1234567890123456", "app-b")


def version_on(version: str | Mapping[str, str], name: str) -> str:
    """Return the agent's version on a host, the same for all or one by name."""
    return version if isinstance(version, str) else version[name]


class Fleet:
    """All hosts under `world_dir`; `ready` is set once every server listens and agents run."""

    def __init__(
        self,
        world_dir: Path,
        names: Sequence[str],
        *,
        account_id: str,
        region: str,
        clock: Clock,
        door: Door,
        app: str = "app-b",
        custom_id: str = "app-b-hosts",
        version: str | Mapping[str, str] = "1.8.8",
        several: Mapping[str, int] | None = None,
        habits: Habits | Mapping[str, Habits] | None = None,
        guest: Guest = GUEST,
        jump: bool = False,
        seed: int = 0,
    ) -> None:
        """Lay all out; `version` may name one a host, `several` the hosts with more agents than one.

        Agents on one host know nothing of each other, share its files, checkpoint and name, and
        collect every line each. Source: help page on heartbeat errors, "three or more processes".
        `guest` is whose file and line an illness spoils. With `jump` the hosts are reached through
        one of them alone. The last host's id file lacks its final newline, as some do.
        """
        self.ready = threading.Event()
        self.clock = clock
        self._world = world_dir
        if (world_dir / "hosts").exists():
            raise FileExistsError(f"laying out {world_dir}: it has hosts; give a new folder")
        tools = lay_tools(world_dir)
        ground = Ground(world_dir / "hosts", tools, account_id, custom_id, guest, clock, door, seed)
        self.members = {
            name: Member(
                ground,
                Machine(name, nth_ip(index), region, version_on(version, name)),
                (several or {}).get(name, 1),
                whole=name != names[-1],
            )
            for index, name in enumerate(names)
        }
        self._gates = Gates(world_dir, {name: self.root(name) for name in names}, jump=jump)
        log = f"var/log/{app}/app.log"
        self.apps = {n: App(self.root(n) / log, n, habits_on(habits, n)) for n in names}
        self._writing = Rounds("applications", APP_STEP, clock.now, self._write)
        self._collecting = Rounds("agents", AGENT_ROUND, clock.now, self._collect)
        self._turns = -(-len(names) // AT_ONCE)
        self._turn = count()
        self._all_seen_at = 0

    @property
    def hosts(self) -> tuple[Host, ...]:
        """Every host, with its port once the fleet is ready."""
        return tuple(self._host(member.machine) for member in self.members.values())

    @property
    def jump(self) -> int:
        """The port of the jump host; 0 where hosts are reached without one."""
        return self._gates.jump_port

    @property
    def known_hosts(self) -> Path:
        """The file that says every server's key."""
        return self._gates.known_hosts

    @property
    def key_file(self) -> Path:
        """The private key that every host lets in."""
        return self._gates.key_file

    @property
    def machines(self) -> dict[str, Machine]:
        """Every host as it is when nothing is wrong with it."""
        return {name: member.machine for name, member in self.members.items()}

    @property
    def agents(self) -> dict[str, Agent]:
        """The agent of each host, as of now: an illness may bring another."""
        return {name: member.agents[0] for name, member in self.members.items()}

    @property
    def others(self) -> dict[str, Agent]:
        """The further agents of hosts that have several, as `h2-2`."""
        return {
            f"{name}-{nth}": agent
            for name, member in self.members.items()
            for nth, agent in enumerate(member.agents[1:], 2)
        }

    def root(self, name: str) -> Path:
        """Return the folder that is `/` of a host."""
        return self._world / "hosts" / name

    def truth(self, name: str) -> Path:
        """Return the journal of a host's agent, beside its root and out of its reach."""
        return self._world / "hosts" / f"truth-{name}.jsonl"

    def start(self) -> None:
        """Write history, open the servers, start agents and applications."""
        now = self.clock.now()
        for app in self.apps.values():
            app.write_history(now)
        self._gates.open()
        for member in self.members.values():
            member.start(now)
        for app in self.apps.values():
            app.start(self.clock.now())
        self._collecting.start()
        self._writing.start()
        self.ready.set()

    def stop_writing(self) -> None:
        """Stop the applications; the agents go on, so that what is written can all arrive."""
        self._writing.stop()
        # The round under way may have looked before the last file was made; those after have not.
        self._all_seen_at = self._collecting.done + 1 + self._turns

    def caught_up(self) -> bool:
        """Say whether the agents have seen every file and shipped every byte of those they hold."""
        self._raise_errors()
        if self._collecting.done < self._all_seen_at:
            return False
        return all(
            agent.behind() == 0 for member in self.members.values() for agent in member.agents
        )

    def stop(self) -> None:
        """End everything in order: applications, agents (cleanly), servers."""
        with ExitStack() as ending:  # from the last to the first, each even if another raises
            ending.callback(self._gates.close)
            for member in self.members.values():
                ending.callback(member.stop, self.clock.now())
            ending.callback(self._collecting.stop)
            for app in self.apps.values():
                ending.callback(app.stop)
            ending.callback(self._writing.stop)

    def break_(self, name: str, fault: Fault) -> None:
        """Make a host's SSH server refuse; its agent and application go on."""
        self._gates.break_(name, fault)

    def mend(self, name: str) -> None:
        """Make a host's SSH server answer again."""
        self._gates.mend(name)

    def crash(self, name: str) -> None:
        """End a host's agent as kill -9 does, and let its daemon begin another."""
        self._member(name).crash()

    def afflict(self, name: str, illness: Illness) -> None:
        """Make a host ill, in addition to what it has; KeyError names the hosts there are."""
        self._member(name).afflict(illness)
        self._gates.follow(name, self.members[name].ills)

    def heal(self, name: str, illness: Illness | None = None) -> None:
        """Take one illness from a host, or with None all it has."""
        self._member(name).heal(illness)
        self._gates.follow(name, self.members[name].ills)

    def flaky(self, name: str, share: float, seed: int = 0) -> None:
        """Have a host hang up on that share of its connections, the same ones for one seed."""
        self._gates.flaky(name, share, f"{seed}:{name}")

    def taken(self, name: str) -> int:
        """Return how many SSH connections a host has taken so far, also those it hung up on."""
        return self._gates.taken(name)

    def reset(self) -> None:
        """Mend and heal every host."""
        for name, member in self.members.items():
            if member.ills:
                self.heal(name)
        self._gates.reset()

    def _member(self, name: str) -> Member:
        if name not in self.members:
            raise KeyError(f"no host {name!r} here; there are {', '.join(self.members)}")
        return self.members[name]

    def _host(self, machine: Machine) -> Host:
        name = machine.name
        return Host(
            name=name,
            address=ADDRESS,
            port=self._gates.port(name),
            user=USER,
            key_file=self.key_file,
            root=self.root(name),
            ip=machine.ip,
            unique_id=machine.unique_id,
            truth=self.truth(name),
        )

    def _collect(self, now: float) -> None:
        turn = next(self._turn) % self._turns
        for member in list(self.members.values())[turn :: self._turns]:
            member.round(now)

    def _write(self, now: float) -> None:
        for app in self.apps.values():
            app.step(now)

    def _raise_errors(self) -> None:
        for error in (self._collecting.error, self._writing.error):
            if error:
                raise error
