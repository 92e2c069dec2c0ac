"""What goes wrong, and when: drawn from a seed, carried out second by second, written down."""

from __future__ import annotations

import heapq
import itertools
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from sandbox.sls.faults import Fault, Kind
from tests.chaos.crew import Crew
from tests.chaos.slack_faults import KINDS
from tests.chaos.town import CLAIM, Town

WORKERS = ("worker 1", "worker 2")
EVERY = 1.0  # seconds between two blows, on the average
BLOWS = ("kill worker", "kill worker", "freeze", "kill bot", "kill redis", "sls", "sls", "slack")
SLS_KINDS = (Kind.ERROR_BEFORE, Kind.ERROR_AFTER, Kind.SILENT, Kind.RESET, Kind.CUT)


@dataclass
class Storm:
    """`blow` is called again and again; `calm` ends it."""

    town: Town
    crew: Crew
    seed: int
    seconds: float
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self._random = Random(self.seed)
        self._later: list[tuple[float, int, str, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._down: set[str] = set()
        for at, blow in self._drawn():
            self._at(at, blow, lambda blow=blow: self._strike(blow))  # type: ignore[misc]

    def blow(self) -> bool:
        """Do what is due; whether nothing is left to come and everybody is back."""
        while self._later and self._later[0][0] <= time.monotonic() - self.began:
            *_, act = heapq.heappop(self._later)
            act()
        for name in self.crew.ended():
            if name not in self._down:
                self._fell(name, 0.5, "ended by itself")
        return not self._later

    def calm(self) -> None:
        """No more blows and faults; whoever is down or frozen comes back at its time."""
        self._later = [entry for entry in self._later if entry[2] not in BLOWS]
        heapq.heapify(self._later)
        self.town.sls.faults.clear()
        self.town.faulty.mend()

    def _drawn(self) -> Iterator[tuple[float, str]]:
        at = 1.0 + self._random.expovariate(1 / EVERY)
        while at < self.seconds:
            yield at, self._random.choice(BLOWS)
            at += self._random.expovariate(1 / EVERY)

    def _at(self, at: float, what: str, act: Callable[[], None]) -> None:
        heapq.heappush(self._later, (at, next(self._numbers), what, act))

    def _note(self, what: str) -> None:
        self.said.append(f"{time.monotonic() - self.began:6.1f} s  {what}")

    def _strike(self, blow: str) -> None:
        match blow:
            case "kill worker":
                self._kill(self._random.choice(WORKERS))
            case "kill bot" | "kill redis":
                self._kill(blow.removeprefix("kill "))
            case "freeze":
                self._freeze(self._random.choice(WORKERS))
            case "sls":
                self._spoil_sls()
            case "slack":
                kind, times = self._random.choice(KINDS), self._random.randint(1, 4)
                self._note(f"slack: {kind}, {times} times")
                self.town.faulty.fail(kind, times)

    def _kill(self, name: str) -> None:
        pause = self._random.uniform(0.2, 3.0)
        if name not in self._down:
            self._note(f"kill -9 {name}, back in {pause:.1f} s")
            self.crew.kill(name)
            self._back(name, pause)

    def _fell(self, name: str, pause: float, why: str) -> None:
        self._note(f"{name} {why}")
        self._back(name, pause)

    def _back(self, name: str, pause: float) -> None:
        self._down.add(name)

        def start() -> None:
            self.crew.start(name)
            self._down.discard(name)

        self._at(time.monotonic() - self.began + pause, f"start {name}", start)

    def _freeze(self, name: str) -> None:
        seconds = CLAIM + self._random.uniform(0.5, 4.0)
        if name in self._down:
            return
        self._note(f"SIGSTOP {name} for {seconds:.1f} s")
        self.crew.tell(name, signal.SIGSTOP)
        self._down.add(name)

        def wake() -> None:
            self._note(f"SIGCONT {name}")
            self.crew.tell(name, signal.SIGCONT)
            self._down.discard(name)

        self._at(time.monotonic() - self.began + seconds, f"wake {name}", wake)

    def _spoil_sls(self) -> None:
        kind, times = self._random.choice(SLS_KINDS), self._random.randint(1, 6)
        method = self._random.choice(("", "", "POST", "PUT", "DELETE"))
        seconds = 3.0 if kind is Kind.SILENT else 0.0
        status = self._random.choice((500, 503))
        self._note(f"sls: {kind} on {method or 'any call'}, {times} times")
        fault = Fault(kind, method=method, times=times, seconds=seconds, status=status)
        self.town.sls.faults.add(fault)
