"""Signals that ask the sandbox to end, kept until a good moment, so that nothing is cut off."""

from __future__ import annotations

import signal
import threading

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Ending:
    """`asked` once a signal came; made in the main thread, it takes the signals over at once."""

    def __init__(self) -> None:
        self._number = 0
        self._asked = threading.Event()
        for number in SIGNALS:
            signal.signal(number, self._note)

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    @property
    def status(self) -> int:
        """The exit status that a shell expects of who ends by that signal."""
        return 128 + self._number

    def wait(self) -> None:
        self._asked.wait()

    def _note(self, number: int, frame: object) -> None:
        self._number = number
        self._asked.set()
