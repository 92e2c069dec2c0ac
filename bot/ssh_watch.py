"""Deadlines for what cannot be interrupted: when time is up, the connection is cut from outside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

FAR = 3600.0  # seconds to sleep where nothing has a deadline


class Limit:
    """One deadline; `expired` tells whether it was what ended the wait."""

    def __init__(self, due: float, cut: Callable[[], None]) -> None:
        self.due, self.cut, self.expired = due, cut, False


class Watchdog:
    """One thread that keeps all deadlines of a run."""

    def __init__(self) -> None:
        self._limits: set[Limit] = set()
        self._change = threading.Condition()
        self._wakes = 0.0
        self._ended = False
        self._thread = threading.Thread(target=self._watch, name="ssh-watchdog", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.end()
        self._thread.join()

    @contextmanager
    def limit(self, seconds: float, cut: Callable[[], None]) -> Iterator[Limit]:
        """Call `cut` unless the block ends within `seconds`."""
        limit = Limit(time.monotonic() + seconds, cut)
        with self._change:
            self._limits.add(limit)
            ended = self._ended
            if limit.due < self._wakes:
                self._change.notify()
        if ended:
            cut()
        try:
            yield limit
        finally:
            with self._change:
                self._limits.discard(limit)

    def end(self) -> None:
        """Cut all that is still under way; later ones too, at once."""
        with self._change:
            self._ended = True
            limits = list(self._limits)
            self._change.notify()
        for limit in limits:
            limit.cut()

    def _watch(self) -> None:
        while late := self._next():
            for limit in late:
                limit.expired = True
                limit.cut()

    def _next(self) -> list[Limit]:
        """Those whose time is up, [] at the end."""
        with self._change:
            while not self._ended:
                now = time.monotonic()
                if late := [limit for limit in self._limits if limit.due <= now]:
                    self._limits.difference_update(late)
                    return late
                self._wakes = min((limit.due for limit in self._limits), default=now + FAR)
                self._change.wait(self._wakes - now)
            return []
