"""A clock that stands still until it is moved."""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.clock import Clock


class VirtualClock(Clock):
    """Shows the moment it was set to, in UTC wherever it runs; durations are not scaled."""

    def __init__(self, at: float) -> None:
        super().__init__(1.0)
        self.at = at

    def now(self) -> float:
        """Return the moment it was set to, in seconds since the epoch."""
        return self.at

    def local(self, at: float) -> str:
        """Return that moment as text; the machines stand in UTC."""
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
