"""The time of Redis, for every process alike: a step of one machine's clock moves no deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from workflows.errors import StoreAway

ASK_EVERY = 30.0  # seconds; in between, this machine's steady clock counts on
STEP = 5.0  # seconds that the answer may differ from what was counted before it is worth a word

log = structlog.get_logger()


class SharedClock:
    """ports.Clock that asks `server` now and then; while it is away, the steady clock goes on."""

    def __init__(
        self, server: Callable[[], float], steady: Callable[[], float] = time.monotonic
    ) -> None:
        self._server = server
        self._steady = steady
        self._lock = threading.Lock()
        self._offset: float | None = None  # server minus steady
        self._asked = 0.0

    def now(self) -> float:
        """Seconds since the epoch. Raises StoreAway only if Redis never answered yet."""
        with self._lock:
            if self._offset is None or self._steady() - self._asked >= ASK_EVERY:
                self._ask()
            return self._steady() + (self._offset or 0.0)

    def _ask(self) -> None:
        self._asked = self._steady()
        try:
            offset = self._server() - self._steady()
        except StoreAway:
            if self._offset is None:
                raise
            return
        if self._offset is not None and abs(offset - self._offset) > STEP:
            log.warning("the clock of Redis was set", by_seconds=round(offset - self._offset, 1))
        self._offset = offset
