"""All trials of a seed, told as they go wrong, and counted."""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.faults import untimed_trial
from tests.faults.seeded import FAULTS
from tests.faults.trial import CLEAN, ONE_LINE, Outcome, Trial, play

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UNTIMED = (*untimed_trial.UNTIMED_FAULTS, *untimed_trial.UNTIMED_WELL)
FIRST = 1_000_000  # number of the first trial with lines that have no time of their own
AT_ONCE = 20  # trials handed to a process at a time
# Each so many pairs of trials one is of so many lines; the others of 3 to 1,000.
GREAT = ((5_000, 10_000_000), (1_000, 1_000_000), (100, 100_000))


@dataclass
class Totals:
    """What was seeded and found, by kind, and what was told of equal logstores."""

    seeded: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    equal: int = 0
    alarms: int = 0
    drilled: int = 0
    named: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count one; what went wrong is kept in words."""
        kind = outcome.trial.kind
        self.seeded[kind] += outcome.seeded
        self.found[kind] += outcome.seeded and outcome.found
        self.equal += outcome.of_equals
        self.alarms += outcome.alarm
        self.drilled += outcome.named is not None
        self.named += bool(outcome.named)
        if outcome.alarm or (outcome.seeded and not outcome.found):
            self.wrong.append(
                f"{outcome.first}, then {outcome.last} ({outcome.why}): {outcome.trial.name}"
            )

    @property
    def well(self) -> bool:
        """Everything was found, and nothing else."""
        return not self.wrong

    def lines(self) -> Iterator[str]:
        """What is told: by kind, then what went wrong, and the totals last."""
        for kind in (kind for kind in (*FAULTS, *UNTIMED) if self.seeded[kind]):
            yield f"{kind}: found {self.found[kind]} of {self.seeded[kind]}"
        yield f"the wrong line is shown in {self.named} of {self.drilled} looks at one"
        yield from self.wrong
        counts = f"found {self.found.total()} of {self.seeded.total()}"
        yield f"faults: {counts}, false alarms {self.alarms} of {self.equal}"


def trial(seed: int, number: int) -> Trial:
    """The trial of that number: odd ones have a mistake, the kinds in turns, and even ones none."""
    if number >= FIRST:
        return Trial(seed, number, UNTIMED[number % len(UNTIMED)], 0)
    pair = (number + 1) // 2
    few = int(10 ** random.Random(f"{seed}:{number}:lines").uniform(0.5, 3))
    lines = next((many for each, many in GREAT if pair % each == 0), few)
    kinds = list(FAULTS) if lines == few else ONE_LINE
    return Trial(seed, number, kinds[pair % len(kinds)] if number % 2 else CLEAN, lines)


def trials(seed: int, faults: int, clean: int, untimed: int = 0) -> Iterator[Trial]:
    """So many with a mistake and so many without; and so many of lines without their own time."""
    numbers = [*range(1, 2 * faults, 2), *range(2, 2 * clean + 1, 2)]
    return (trial(seed, n) for n in (*sorted(numbers), *range(FIRST, FIRST + untimed)))


def played(one: Trial) -> Outcome:
    """The outcome of a trial of either kind."""
    return untimed_trial.play(one) if one.number >= FIRST else play(one)


def run(every: Iterable[Trial], processes: int = 1) -> Totals:
    """Play them all; what is told does not depend on the number of processes."""
    totals = Totals()
    if processes == 1:
        for one in every:
            totals.add(played(one))
        return totals
    with multiprocessing.Pool(processes) as pool:
        for outcome in pool.imap(played, every, chunksize=AT_ONCE):
            totals.add(outcome)
    return totals
