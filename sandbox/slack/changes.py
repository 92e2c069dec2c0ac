"""A counter that rises with every change in the workspace, and waiting for it to rise."""

from __future__ import annotations

import asyncio
import time


class Changes:
    """The version of what people see; used from the server's loop only."""

    def __init__(self) -> None:
        self.version = 0
        self._next = asyncio.Event()
        self._over = False

    def note(self) -> None:
        """Count one change and wake who waits."""
        self.version += 1
        self._next.set()
        self._next = asyncio.Event()

    def end(self) -> None:
        """Wake who waits for good; the server stops."""
        self._over = True
        self.note()

    async def after(self, version: int, seconds: float) -> bool:
        """Return whether there is something newer than `version`, at most `seconds` later."""
        deadline = time.monotonic() + seconds
        while self.version <= version and not self._over:
            try:
                await asyncio.wait_for(self._next.wait(), max(0.0, deadline - time.monotonic()))
            except TimeoutError:
                return False
        return self.version > version
