"""What the service script asks of the agent on its host, done between two rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.hosts.service_script import RUN
from sandbox.hosts.versions import traits

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.hosts.agent import Agent
    from sandbox.hosts.disk import Disk
    from sandbox.hosts.root import Machine


class Service:
    """Starts and ends an agent as the host's `wanted` file says, and keeps `state` true."""

    def __init__(
        self, agent: Agent, disk: Disk, machine: Machine, also: Callable[[], None] | None = None
    ) -> None:
        """`also` is called before `state` changes: who reads it finds all else done."""
        name = traits(machine.release).service
        self._agent = agent
        self._disk = disk
        self._wanted = f"{RUN}/{name}.wanted"
        self._state = f"{RUN}/{name}.state"
        self._heard = b""
        self._told = ""
        self._also = also

    def start(self, now: float) -> None:
        """Start the agent as at boot."""
        self._heard = self._disk.read(self._wanted) or b""
        if not self._agent.running:
            self._agent.start(now)
        self.tell()

    def tell(self) -> None:
        """Bring `state` up to date."""
        state = "running" if self._agent.running else "stopped"
        if state == self._told:
            return
        if self._also:
            self._also()
        self._disk.replace(self._state, state + "\n")
        self._told = state

    def round(self, now: float) -> None:
        """Do what was asked since the last round, then let the agent do its own."""
        asked = self._disk.read(self._wanted) or b""
        if asked != self._heard:
            self._heard = asked
            self._obey(asked.decode(errors="replace").split(" ")[0], now)
        self._agent.round(now)
        self.tell()

    def _obey(self, asked: str, now: float) -> None:
        """Stop saves the places, force-stop does not. Source: help page 58910, "graceful"."""
        match asked:
            case "running" if not self._agent.running:
                self._agent.start(now)
            case "stopped":
                self._agent.stop(now)
            case "killed":
                self._agent.kill(now)
