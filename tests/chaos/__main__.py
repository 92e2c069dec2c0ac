"""`python -m tests.chaos`: storm after storm until so many stories are told; it says each seed."""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.run import Outcome, kinds, run

AT_ONCE = 10  # stories in one town


def main() -> int:
    """Exit status 0 only where every story ended well."""
    asked = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    asked.add_argument("--stories", type=int, default=20, metavar="N")
    asked.add_argument("--seed", type=int, default=random.randrange(10**6), metavar="S")
    given = asked.parse_args()
    total = _told(given.stories, given.seed)
    print(total)
    return 0 if total.well else 1


def _told(stories: int, seed: int) -> Outcome:
    total = Outcome()
    for n, kind in zip(itertools.count(seed), itertools.cycle(kinds())):
        if (left := stories - total.stories) <= 0:
            break
        print(f"{total}; now seed {n}, {kind}", flush=True)
        with tempfile.TemporaryDirectory(prefix="logmigrate-chaos-") as made:
            outcome = run(Path(made), min(left, AT_ONCE), n, kind)
        for line in outcome.report:
            print(line)
        total.add(outcome)
    return total


if __name__ == "__main__":
    sys.exit(main())
