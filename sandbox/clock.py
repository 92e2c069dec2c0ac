"""One clock for the whole sandbox: timestamps are real, only durations shrink."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """Turns a duration documented for the real service into the seconds it takes here."""

    speed: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a clock that stands still or runs backwards."""
        if self.speed <= 0:
            message = f"clock speed {self.speed}: give a number above 0, such as 1 or 30"
            raise ValueError(message)

    def real(self, seconds: float) -> float:
        """Seconds to wait here for `seconds` of the real service."""
        return seconds / self.speed

    def now(self) -> float:
        """Real seconds since the epoch, whatever the speed."""
        return time.time()

    def local(self, at: float) -> str:
        """That moment as the machine's own clock would show it, to the second."""
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
