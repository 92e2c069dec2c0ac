"""A thread that does the same thing again and again until it is told to stop."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 30.0  # seconds for the round under way to end


class Rounds:
    """Calls `go` with the time, `every` real seconds; an error ends it and is raised by `stop`."""

    def __init__(
        self, name: str, every: float, now: Callable[[], float], go: Callable[[float], None]
    ) -> None:
        self.error: BaseException | None = None
        self.done = 0  # rounds completed
        self._every = every
        self._now = now
        self._go = go
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round under way; stopping twice is no error."""
        self._over.set()
        if self._thread.ident is None:
            return
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            raise TimeoutError(f"ending the {self._thread.name} rounds: still busy")
        if self.error:
            raise self.error

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                self._go(self._now())
                self.done += 1
                self._over.wait(self._every)
        except BaseException as error:  # noqa: BLE001 - kept for stop(), which raises it
            self.error = error
