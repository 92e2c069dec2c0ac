"""Commands of a diagnosis: look for what keeps an agent silent, and restart it."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.apps import Host
from workflows.steps.on_host import probes
from workflows.steps.on_host.scripts import script
from workflows.steps.on_host.shell import Shell


@dataclass(frozen=True)
class Examine:
    """Read what HostState tells, in one round trip of at most ten seconds; changes nothing."""

    host: Host

    @property
    def script(self) -> str:
        return script(
            Shell("examine"),
            probes.SERVICE,
            probes.FACTS,
            probes.AGENTS,
            probes.SIDE_BY_SIDE,
            probes.EXAMINE,
            conf=self.host.conf_dir,
            agent=self.host.agent_dir,
            service=self.host.service,
        ).sent


@dataclass(frozen=True)
class Restart:
    """Restart the agent by its service script, or start it where it is stopped.

    Restarting is graceful: the agent saves its read positions. Says `changed` last.
    """

    host: Host

    @property
    def script(self) -> str:
        return script(
            Shell("restart"), probes.SERVICE, probes.RESTART, service=self.host.service
        ).sent
