"""How much of a core an agent uses, and what it does when that is too much for too long.

What a byte costs here is a model with settings, no measurement of the real agent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.hosts.versions import Traits

LOOK_EVERY = 30.0  # seconds; monitor_interval, LogtailCommonFlags.cpp
MOST_VIOLATIONS = 10  # cpu_limit_num, LogtailCommonFlags.cpp


@dataclass(frozen=True)
class Cost:
    """A model of the work: cores at rest, cores for each config, core-seconds for each MiB.

    The help page on LoongCollector's configuration says full regex does about 20 MB/s a core. Each
    config that collects a file reads and parses it for itself, so two cost twice.
    """

    at_rest: float = 0.01
    per_config: float = 0.002
    per_mib: float = 0.05

    def cores(self, configs: int, mib_per_second: float) -> float:
        """Return the cores in use."""
        return self.at_rest + self.per_config * configs + self.per_mib * mib_per_second


class CpuLimit:
    """Looks every 30 s. Source: Monitor.cpp CheckCpuLimit, later CheckSoftCpuLimit.

    The eleventh look in a row above the limit is the last; one below it begins anew.
    """

    def __init__(self, limit: float, traits: Traits) -> None:
        self._limit = limit
        self._hard = traits.hard_cpu_factor
        self._violations = 0

    def is_over(self, cores: float) -> bool:
        """Say whether it is time to restart."""
        if self._hard is not None and cores > self._hard * self._limit:
            return True
        self._violations = self._violations + 1 if cores > self._limit else 0
        return self._violations > MOST_VIOLATIONS


class Meter:
    """Tells cores from the bytes read so far, look by look, over real seconds."""

    def __init__(self, cost: Cost, now: float) -> None:
        self._cost = cost
        self._at = now
        self._bytes = 0

    def cores(self, total: int, configs: int, now: float) -> float:
        """Return the cores used since the last look."""
        mib = (total - self._bytes) / 1024 / 1024
        seconds = max(now - self._at, 1e-9)
        self._bytes, self._at = total, now
        return self._cost.cores(configs, mib / seconds)
