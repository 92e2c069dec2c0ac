"""What will be wrong with which hosts, from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sandbox.hosts.fleet import Fleet
from sandbox.hosts.illness import Illness

HANGS_UP = 0.3  # share of the connections to a flaky host that come to nothing
DEAD = 0.01  # share of the hosts that die for good: at once, or before they were changed
DEATHS = (Illness.REFUSED, Illness.HANG_UP, Illness.AUTH_REFUSED)


@dataclass(frozen=True)
class Fates:
    """Names of hosts; no host has two fates."""

    flaky: tuple[str, ...]
    dead: tuple[str, ...]  # from the beginning
    dying: tuple[str, ...]  # once the pilot is done
    seed: int

    @classmethod
    def draw(cls, names: Sequence[str], share: float, seed: int) -> Fates:
        """The first host, the pilot, is well: a job ends early where it is not."""
        random = Random(seed)
        flaky, dead = round(len(names) * share), max(2, round(len(names) * DEAD))
        drawn = random.sample(list(names[1:]), flaky + dead)
        ill = drawn[flaky:]
        return cls(tuple(drawn[:flaky]), tuple(ill[::2]), tuple(ill[1::2]), seed)

    def begin(self, fleet: Fleet) -> None:
        for name in self.flaky:
            fleet.flaky(name, HANGS_UP, self.seed)
        self._kill(fleet, self.dead)

    def go_on(self, fleet: Fleet) -> None:
        self._kill(fleet, self.dying)

    def _kill(self, fleet: Fleet, names: Sequence[str]) -> None:
        for number, name in enumerate(names):
            fleet.afflict(name, DEATHS[number % len(DEATHS)])
