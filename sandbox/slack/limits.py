"""Slack's times and paces as settings, and the token bucket that applies a pace."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.slack.errors import TooFastError


@dataclass(frozen=True)
class Pace:
    """`burst` calls at once, then `per_second`."""

    burst: int
    per_second: float


@dataclass(frozen=True)
class Limits:
    """What Slack allows; times in seconds. Slack does not publish its bursts, so they are guesses."""

    post: Pace = Pace(burst=30, per_second=1.0)
    update: Pace = Pace(burst=50, per_second=50 / 60)
    ack_seconds: float = 3.0
    trigger_seconds: float = 3.0
    response_url_uses: int = 5
    response_url_seconds: float = 30 * 60.0
    connections: int = 10
    ping_seconds: float = 10.0
    # Slack's pages contradict each other on what an update without `blocks` does to the old ones.
    update_keeps_blocks: bool = True
    file_uploads: bool = True  # a workspace may have them switched off
    file_bytes: int = 1 << 30


class Meter:
    """Counts calls against paces, one bucket per key."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._buckets: dict[tuple[str, ...], tuple[float, float]] = {}

    def count(self, key: tuple[str, ...], pace: Pace) -> None:
        """Take one call from the key's bucket; raises TooFastError when it is empty."""
        now = self._now()
        left, since = self._buckets.get(key, (float(pace.burst), now))
        left = min(float(pace.burst), left + (now - since) * pace.per_second)
        if left < 1:
            self._buckets[key] = (left, now)
            raise TooFastError(max(1, math.ceil((1 - left) / pace.per_second)))
        self._buckets[key] = (left - 1, now)

    def clear(self) -> None:
        """Fill every bucket."""
        self._buckets.clear()
