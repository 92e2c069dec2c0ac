"""`python -m tests.fleet`: one fleet with flaky and dead hosts; it says its figures and its seed."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.fleet.run import run


def main() -> int:
    """Exit status 0 only where nothing was wrong."""
    asked = argparse.ArgumentParser(prog="python -m tests.fleet", description=__doc__)
    asked.add_argument("--hosts", type=int, default=200, metavar="N")
    asked.add_argument("--flaky", type=float, default=0.05, metavar="SHARE")
    asked.add_argument("--seed", type=int, default=random.randrange(10**6), metavar="S")
    asked.add_argument("--workers", type=int, default=2, metavar="W")
    asked.add_argument("--minutes", type=float, default=15.0, metavar="M", help="at the longest")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="logmigrate-fleet-") as made:
        outcome = run(
            Path(made), given.hosts, given.flaky, given.seed, given.workers, given.minutes * 60
        )
    for line in [*outcome.said, *outcome.wrong] if outcome.wrong else outcome.said:
        print(line)
    print(outcome)
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
