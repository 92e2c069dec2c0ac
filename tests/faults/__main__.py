"""`python -m tests.faults`: mistakes in logstores, found or not; it says what it missed and its seed."""

from __future__ import annotations

import argparse
import random
import sys

from tests.faults.run import run, trial, trials


def main() -> int:
    """Exit status 0 only where every mistake was found and nothing else."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    asked.add_argument("--faults", type=int, default=10_080, metavar="F", help="10080")
    asked.add_argument("--clean", type=int, default=10_240, metavar="M", help="10240")
    asked.add_argument("--untimed", type=int, default=1_200, metavar="U", help="1200")
    asked.add_argument("--seed", type=int, default=random.randrange(10**6), metavar="S")
    asked.add_argument("--only", type=int, metavar="n", help="one trial of the seed")
    asked.add_argument("--processes", type=int, default=1, metavar="P", help="1")
    given = asked.parse_args()
    one = [trial(given.seed, given.only)] if given.only else None
    totals = run(
        one or trials(given.seed, given.faults, given.clean, given.untimed), given.processes
    )
    print(f"seed {given.seed}")
    for line in totals.lines():
        print(line)
    return 0 if totals.well else 1


if __name__ == "__main__":
    sys.exit(main())
