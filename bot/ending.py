"""How a process learns that it shall end."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType


class Ending(threading.Event):
    """Set by SIGTERM, SIGINT or a lost connection; a second signal ends at once."""

    lost = False

    def listen(self) -> Ending:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told)
        return self

    def lose(self) -> None:
        """Slack is out of reach for good: end, and let the init system start anew."""
        self.lost = True
        self.set()

    def _told(self, number: int, frame: FrameType | None) -> None:
        if self.is_set():
            os._exit(128 + number)
        self.set()
