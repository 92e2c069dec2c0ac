"""`python -m tests.crash`: tell every story, let it die at every point, and sum what came of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest


class Sum:
    """Adds up what the tests counted."""

    def __init__(self) -> None:
        self.points = self.differences = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            told = dict(report.user_properties)
            self.points += int(str(told.get("points", 0)))
            self.differences += int(str(told.get("differences", 0)))


def main() -> int:
    """Exit status 0 only where nothing differed and every test passed."""
    total = Sum()
    status = pytest.main(["-q", str(Path(__file__).parent), *sys.argv[1:]], plugins=[total])
    print(f"crash: {total.points} points, {total.differences} differences")
    return 1 if total.differences or not total.points else int(status)


if __name__ == "__main__":
    sys.exit(main())
