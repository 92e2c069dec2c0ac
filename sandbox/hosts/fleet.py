"""A fleet of hosts of account B: per host an SSH server, an agent and an application."""

from __future__ import annotations

import random
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.hosts.agent import Agent
from sandbox.hosts.app import App, Habits
from sandbox.hosts.disk import RealDisk
from sandbox.hosts.keys import key_in
from sandbox.hosts.root import Machine, lay_out, nth_ip
from sandbox.hosts.rounds import Rounds
from sandbox.hosts.servers import SshServers
from sandbox.hosts.service import Service
from sandbox.hosts.ssh import ADDRESS, USER, Fault, SshHost

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.clock import Clock
    from sandbox.sls.door import Door

AGENT_ROUND = 0.2  # real seconds between two rounds of the agents
APP_STEP = 0.05  # real seconds between two steps of the applications


@dataclass(frozen=True)
class Host:
    """What one needs to know to reach a host and to read its files."""

    name: str
    address: str
    port: int
    user: str
    key_file: Path
    root: Path
    ip: str
    unique_id: str
    truth: Path


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
        habits: Habits | None = None,
        seed: int = 0,
    ) -> None:
        """Lay all out; `version` may name one a host, `several` the hosts with more agents than one.

        Agents on one host know nothing of each other, share its files, checkpoint and name, and
        collect every line each. Source: help page on heartbeat errors, "three or more processes".
        """
        self.ready = threading.Event()
        self.known_hosts = world_dir / "known_hosts"
        self.key_file = world_dir / "keys" / USER
        self.machines = {
            name: Machine(name, nth_ip(index), region, version_on(version, name))
            for index, name in enumerate(names)
        }
        self._world = world_dir
        self._clock = clock
        self._custom_id = custom_id
        self._lay_out_all()
        client = key_in(self.key_file)
        self._ssh = {
            name: SshHost(self.root(name), key_in(world_dir / "keys" / f"host_{name}"), client)
            for name in names
        }
        self._servers = SshServers(self._ssh)
        new = partial(Agent, own_account=account_id, door=door, clock=clock)
        self.agents = {
            name: new(
                machine,
                RealDisk(self.root(name)),
                rng=random.Random(f"{seed}:{name}"),
                truth=self.truth(name),
            )
            for name, machine in self.machines.items()
        }
        self.others = {
            f"{name}-{nth}": new(
                self.machines[name],
                RealDisk(self.root(name)),
                rng=random.Random(f"{seed}:{name}:{nth}"),
                truth=self.truth(f"{name}-{nth}"),
            )
            for name, count in (several or {}).items()
            for nth in range(2, count + 1)
        }
        self._services = [
            Service(self.agents[name], RealDisk(self.root(name)), machine)
            for name, machine in self.machines.items()
        ]
        log = f"var/log/{app}/app.log"
        self.apps = {name: App(self.root(name) / log, name, habits or Habits()) for name in names}
        self._writing = Rounds("applications", APP_STEP, clock.now, self._write)
        self._collecting = Rounds("agents", AGENT_ROUND, clock.now, self._collect)
        self._all_seen_at = 0

    @property
    def hosts(self) -> tuple[Host, ...]:
        """Every host, with its port once the fleet is ready."""
        return tuple(self._host(machine) for machine in self.machines.values())

    def root(self, name: str) -> Path:
        """Return the folder that is `/` of a host."""
        return self._world / "hosts" / name

    def truth(self, name: str) -> Path:
        """Return the journal of a host's agent, beside its root and out of its reach."""
        return self._world / "hosts" / f"truth-{name}.jsonl"

    def start(self) -> None:
        """Write history, open the servers, start agents and applications."""
        now = self._clock.now()
        for app in self.apps.values():
            app.write_history(now)
        self._servers.start()
        lines = (host.known_host for host in self._ssh.values())
        self.known_hosts.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        for service in self._services:
            service.start(now)
        for agent in self.others.values():
            agent.start(now)
        for app in self.apps.values():
            app.start(self._clock.now())
        self._collecting.start()
        self._writing.start()
        self.ready.set()

    def stop_writing(self) -> None:
        """Stop the applications; the agents go on, so that what is written can all arrive."""
        self._writing.stop()
        # The round under way may have looked before the last file was made; the one after has not.
        self._all_seen_at = self._collecting.done + 2

    def caught_up(self) -> bool:
        """Say whether the agents have seen every file and shipped every byte of those they hold."""
        self._raise_errors()
        if self._collecting.done < self._all_seen_at:
            return False
        return all(agent.behind() == 0 for agent in self._all_agents())

    def stop(self) -> None:
        """End everything in order: applications, agents (cleanly), servers."""
        with ExitStack() as ending:  # from the last to the first, each even if another raises
            ending.callback(self._servers.stop)
            for agent in self._all_agents():
                ending.callback(agent.stop, self._clock.now())
            ending.callback(self._collecting.stop)
            for app in self.apps.values():
                ending.callback(app.stop)
            ending.callback(self._writing.stop)

    def break_(self, name: str, fault: Fault) -> None:
        """Make a host's SSH server refuse; its agent and application go on."""
        self._servers.break_(name, fault)

    def mend(self, name: str) -> None:
        """Make a host's SSH server answer again."""
        self._servers.mend(name)

    def reset(self) -> None:
        """Mend every host."""
        self._servers.reset()

    def _lay_out_all(self) -> None:
        """Lay out every root; the last host's id file lacks its final newline, as some do."""
        if (self._world / "hosts").exists():
            raise FileExistsError(f"laying out {self._world}: it has hosts; give a new folder")
        *_, last = self.machines
        for name, machine in self.machines.items():
            whole = name != last
            lay_out(self.root(name), machine, self._custom_id, final_newline=whole)

    def _host(self, machine: Machine) -> Host:
        name = machine.name
        return Host(
            name=name,
            address=ADDRESS,
            port=self._ssh[name].port,
            user=USER,
            key_file=self.key_file,
            root=self.root(name),
            ip=machine.ip,
            unique_id=machine.unique_id,
            truth=self.truth(name),
        )

    def _collect(self, now: float) -> None:
        for service in self._services:
            service.round(now)
        for agent in self.others.values():
            agent.round(now)

    def _write(self, now: float) -> None:
        for app in self.apps.values():
            app.step(now)

    def _all_agents(self) -> list[Agent]:
        return [*self.agents.values(), *self.others.values()]

    def _raise_errors(self) -> None:
        for error in (self._collecting.error, self._writing.error):
            if error:
                raise error
