"""Where one agent works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.hosts.alarms import Alarms
    from sandbox.hosts.disk import Disk
    from sandbox.hosts.journal import Journal
    from sandbox.hosts.root import Machine


@dataclass(frozen=True)
class Setting:
    """The host, its disk, the clock, and where the agent speaks of itself."""

    machine: Machine
    disk: Disk
    clock: Clock
    journal: Journal
    alarms: Alarms
