"""An application that writes a log file while it runs, so that each line can be told apart.

A line: `2026-11-22 14:03:05,123 INFO order-service seq=00000042 host=h1 msg="order paid"`.
The time is local, `seq` grows by one from line to line of a host, over rotations too.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MESSAGES = (
    "order paid",
    "order shipped, parcel on its way",
    "订单已支付, 正在通知仓库",
    "stock checked in 12 ms",
    "customer renamed to Zoë Ångström",
    "retrying payment, attempt=2",
    "cart emptied ✓",
)
LEVELS = ("INFO",) * 17 + ("WARN", "WARN", "ERROR")


@dataclass(frozen=True)
class Habits:
    """How an application writes: lines per real second, bursts, history in seconds, rotation."""

    rate: float = 20.0
    burst_factor: float = 4.0
    burst_every: float = 10.0
    burst_seconds: float = 1.0
    history: int = 2000
    history_seconds: float = 300.0
    rotate_bytes: int | None = None
    service: str = "order-service"


def lines_due(habits: Habits, elapsed: float) -> int:
    """Return how many lines have to be written `elapsed` real seconds after the start."""
    cycles, rest = divmod(elapsed, habits.burst_every)
    quiet = habits.burst_every - habits.burst_seconds
    bursting = cycles * habits.burst_seconds + max(0.0, rest - quiet)
    return int(habits.rate * (elapsed + (habits.burst_factor - 1) * bursting))


def compose(service: str, host: str, seq: int, at: float) -> bytes:
    """Return line number `seq`, of real time `at`, with its line end."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))
    level, said = LEVELS[seq % len(LEVELS)], MESSAGES[seq % len(MESSAGES)]
    head = f"{stamp},{int(at % 1 * 1000):03d} {level} {service}"
    return f'{head} seq={seq:08d} host={host} msg="{said}"\n'.encode()


class App:
    """Writes one file; `step` writes the lines that have become due."""

    def __init__(self, path: Path, host: str, habits: Habits) -> None:
        self.path = path
        self.written = 0
        self._host = host
        self._habits = habits
        self._began = 0.0
        self._before = 0
        self._rotations = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._open()

    def write_history(self, now: float) -> None:
        """Write the lines of the last minutes before `now`, as if it had always run."""
        habits = self._habits
        apart = habits.history_seconds / max(1, habits.history)
        for back in range(habits.history, 0, -1):
            self._write(now - back * apart)

    def start(self, now: float) -> None:
        """Begin the steady part; the count goes on from the history's."""
        self._began, self._before = now, self.written

    def step(self, now: float) -> None:
        """Write every line due by `now`."""
        due = self._before + lines_due(self._habits, now - self._began)
        while self.written < due:
            self._write(now)

    def stop(self) -> None:
        """Close the file; each line went to the system in one write, so none is buffered."""
        os.close(self._file)

    def _write(self, at: float) -> None:
        line = compose(self._habits.service, self._host, self.written + 1, at)
        if os.write(self._file, line) != len(line):
            raise OSError(f"writing {self.path}: only part of a line was taken")
        self.written += 1
        self._rotate_if_full()

    def _rotate_if_full(self) -> None:
        """Rename the full file to `.1`, `.2`, … in the order of age, and begin a new one."""
        full = self._habits.rotate_bytes
        if full is None or os.fstat(self._file).st_size < full:
            return
        self._rotations += 1
        os.close(self._file)
        self.path.rename(self.path.with_name(f"{self.path.name}.{self._rotations}"))
        self._file = self._open()

    def _open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
