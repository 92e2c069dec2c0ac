"""What an agent complains about, in its own log on the host and counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.hosts.root import AGENT_LOG

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.hosts.disk import Disk

PAUSE = 600.0  # seconds; multi_config_alarm_interval, ConfigManager.cpp; used for all kinds here
WARN_PAUSE = 10.0  # seconds; ON_FAIL_LOG_WARNING_INTERVAL_SECOND


@dataclass(frozen=True)
class Alarm:
    """One recorded complaint: when, which kind, about what, in words."""

    at: float
    kind: str
    about: str
    text: str


class Alarms:
    """Counts all complaints; of one kind and subject it records one each ten minutes."""

    def __init__(self, disk: Disk, clock: Clock, log: str = AGENT_LOG) -> None:
        self.recorded: list[Alarm] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        self._disk = disk
        self._log = log
        self._clock = clock
        self._last: dict[tuple[str, str], float] = {}

    def ring(self, now: float, kind: str, about: str, text: str) -> None:
        """Complain of `kind` about a config or a file."""
        self.counts[kind, about] += 1
        if now - self._last.get((kind, about), float("-inf")) < self._clock.real(PAUSE):
            return
        self._last[kind, about] = now
        self.recorded.append(Alarm(now, kind, about, text))
        self._write(now, f"[ERROR] {kind} {about}: {text}")

    def warn(self, now: float, about: str, text: str) -> None:
        """Write a line that is no alarm, of one subject once in ten seconds. Source: Sender.cpp."""
        if now - self._last.get(("", about), float("-inf")) >= self._clock.real(WARN_PAUSE):
            self._last["", about] = now
            self._write(now, f"[WARNING] {about}: {text}")

    def log(self, now: float, place: str, text: str) -> None:
        """Write an error as the agent's logger does. Source: Logger.h DEFAULT_PATTERN."""
        stamp = f"[{self._clock.local(now)}.{int(now % 1 * 1e6):06d}]"
        self._disk.append(self._log, f"{stamp}\t[error]\t[4711]\t{place}\t\t{text}\n")

    def _write(self, now: float, text: str) -> None:
        self._disk.append(self._log, f"[{self._clock.local(now)}] {text}\n")
