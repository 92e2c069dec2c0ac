"""How much of a core an agent uses, and what it does when that is too much for too long.

What a byte costs here is a model with settings, no measurement of the real agent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.hosts.versions import HARD

if TYPE_CHECKING:
    from sandbox.hosts.startup import Startup
    from sandbox.hosts.versions import Traits

LOOK_EVERY = 30.0  # seconds; monitor_interval, LogtailCommonFlags.cpp
MOST_VIOLATIONS = 10  # cpu_limit_num, mem_limit_num, LogtailCommonFlags.cpp


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


class Limit:
    """Looks every 30 s at what is used. Source: Monitor.cpp CheckCpuLimit, CheckMemLimit.

    The eleventh look in a row above the limit is the last; one below it begins anew. Above
    `hard_factor` times the limit the first is (CheckHardCpuLimit, CheckHardMemLimit).
    """

    def __init__(self, limit: float, hard_factor: float | None) -> None:
        self._limit = limit
        self._hard = float("inf") if hard_factor is None else hard_factor * limit
        self._violations = 0

    def is_over(self, used: float) -> bool:
        """Say whether it is time to restart."""
        self._violations = self._violations + 1 if used > self._limit else 0
        return used > self._hard or self._violations > MOST_VIOLATIONS

    def is_far_over(self, used: float) -> bool:
        """Say whether that is more than is borne at all."""
        return used > self._hard


class CpuLimit(Limit):
    """Cores. Source: Monitor.cpp CheckCpuLimit, later CheckSoftCpuLimit."""

    def __init__(self, limit: float, traits: Traits) -> None:
        super().__init__(limit, traits.hard_cpu_factor)


class MemoryLimit(Limit):
    """MB. Source: Monitor.cpp CheckMemLimit, later CheckSoftMemLimit."""

    def __init__(self, limit: float, traits: Traits) -> None:
        super().__init__(limit, traits.hard_memory_factor)


class Watch:
    """What one life of an agent has used, look by look. `memory` in MB."""

    def __init__(
        self, cost: Cost, memory: float, startup: Startup, row: Traits, now: float
    ) -> None:
        self._cpu = CpuLimit(startup.cpu_limit, row)
        self._memory = MemoryLimit(startup.memory_limit, row)
        self._meter = Meter(cost, now)
        self._uses = memory
        self._words = row.overload

    def look(self, total: int, configs: int, now: float) -> str:
        """Return what the log says if it is time to restart, else nothing. Source: Monitor.cpp."""
        cores = self._meter.cores(total, configs, now)
        over = [self._cpu.is_over(cores), self._memory.is_over(self._uses)]
        if not any(over):
            return ""
        far = self._cpu.is_far_over(cores) or self._memory.is_far_over(self._uses)
        used = f"cpu_usage:{cores:g}\tmem_rss:{self._uses:.0f}"
        return f"{HARD if far else self._words}:prepare restart Logtail\t{used}"


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
