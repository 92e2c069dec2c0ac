"""What runs of tools gave, and the ratios between them."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST, SECOND = "first", "second"


@dataclass(frozen=True)
class Sample:
    """One run of one tool: seconds of wall and CPU, MB of memory at its peak.

    `starting`: CPU before the first host was asked, 0.0 where the tool does not say.
    `hosts_cpu`: of the sshds and what they ran.
    """

    wall: float
    cpu: float
    memory: float
    starting: float = 0.0
    hosts_cpu: float = 0.0


@dataclass
class Results:
    """Samples by number of hosts, tool and run, in the order of the rounds."""

    samples: dict[tuple[int, str, str], list[Sample]] = field(default_factory=dict)

    def add(self, hosts: int, tool: str, run: str, sample: Sample) -> None:
        self.samples.setdefault((hosts, tool, run), []).append(sample)

    def of(self, hosts: int, tool: str, run: str) -> list[Sample]:
        return self.samples.get((hosts, tool, run), [])

    def sizes(self) -> tuple[int, ...]:
        return tuple(sorted({hosts for hosts, _, _ in self.samples}))

    def median(self, hosts: int, tool: str, run: str, part: Callable[[Sample], float]) -> float:
        return statistics.median(map(part, self.of(hosts, tool, run)))

    def ratio(
        self, hosts: int, tool: str, run: str, part: Callable[[Sample], float]
    ) -> float | None:
        """How many times ours a tool takes: the median over the rounds that both took part in.

        A ratio within a round, since what else the machine does changes slower than that.
        """
        ours, theirs = self.of(hosts, "ours", run), self.of(hosts, tool, run)
        pairs = [part(their) / part(our) for our, their in zip(ours, theirs, strict=False)]
        return statistics.median(pairs) if pairs else None


def wall(sample: Sample) -> float:
    return sample.wall


def cpu(sample: Sample) -> float:
    return sample.cpu
