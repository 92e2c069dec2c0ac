"""What an agent complains about, in its own log on the host and counted."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PAUSE = 600.0  # seconds; multi_config_alarm_interval, ConfigManager.cpp; used for all kinds here


@dataclass(frozen=True)
class Alarm:
    """One recorded complaint: when, which kind, about what, in words."""

    at: float
    kind: str
    about: str
    text: str


class Alarms:
    """Counts all complaints; of one kind and subject it records one each `pause` real seconds."""

    def __init__(self, log: Path, pause: float) -> None:
        self.recorded: list[Alarm] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        self._log = log
        self._pause = pause
        self._last: dict[tuple[str, str], float] = {}

    def ring(self, now: float, kind: str, about: str, text: str) -> None:
        """Complain of `kind` about a config or a file."""
        self.counts[kind, about] += 1
        if now - self._last.get((kind, about), float("-inf")) < self._pause:
            return
        self._last[kind, about] = now
        self.recorded.append(Alarm(now, kind, about, text))
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"[{stamp}] [ERROR] {kind} {about}: {text}\n")
