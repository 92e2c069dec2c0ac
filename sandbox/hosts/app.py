"""An application that writes a log file while it runs, so that each line can be told apart.

A line: `2026-11-22 14:03:05,123 INFO order-service seq=00000042 host=h1 msg="order paid"`.
The time is local, `seq` grows by one from line to line of a host, over rotations too.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.hosts.logfile import LogFile

if TYPE_CHECKING:
    from collections.abc import Mapping
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
LONG = "订单"  # fills very long lines
TRACE = (
    "java.lang.IllegalStateException: 库存不足",
    "at shop.Stock.take(Stock.java:42)",
    "at shop.Main",
)
IDLE_FOR = 3600.0  # seconds


@dataclass(frozen=True)
class Habits:
    """How an application writes: lines per real second, bursts, history in seconds, rotation.

    Every `long_every`-th line is longer by about `long_bytes`; every `trace_every`-th is followed
    by the lines of a stack trace in the same write. Lines go to `files` files in turn; beside them
    lie `idle_files` that are never written again. 0 switches a habit off.
    """

    rate: float = 20.0
    burst_factor: float = 4.0
    burst_every: float = 10.0
    burst_seconds: float = 1.0
    history: int = 2000
    history_seconds: float = 300.0
    rotate_bytes: int | None = None
    service: str = "order-service"
    copytruncate: bool = False
    files: int = 1
    idle_files: int = 0
    long_every: int = 0
    long_bytes: int = 1024 * 1024
    trace_every: int = 0


def habits_on(habits: Habits | Mapping[str, Habits] | None, name: str) -> Habits:
    """Return how the application on a host writes: all the same, or each by its host's name."""
    if habits is None or isinstance(habits, Habits):
        return habits or Habits()
    return habits[name]


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


def record(habits: Habits, host: str, seq: int, at: float) -> bytes:
    """Return line number `seq` as these habits write it: long now and then, or with a trace."""
    line = compose(habits.service, host, seq, at)
    if habits.long_every and seq % habits.long_every == 0:
        filler = (LONG * (habits.long_bytes // len(LONG.encode()) + 1)).encode()
        line = line[:-2] + filler[: habits.long_bytes // 3 * 3] + line[-2:]
    if habits.trace_every and seq % habits.trace_every == 0:
        line += "".join(f"    {one}\n" for one in TRACE).encode()
    return line


class App:
    """Writes one file, or several in turn; `step` writes the lines that have become due."""

    def __init__(self, path: Path, host: str, habits: Habits) -> None:
        self.path = path
        self.written = 0
        self._host = host
        self._habits = habits
        self._began = 0.0
        self._before = 0
        names = [path] + [_beside(path, number) for number in range(2, habits.files + 1)]
        full, copies = habits.rotate_bytes, habits.copytruncate
        self._files = [LogFile(name, full, copies=copies) for name in names]

    def write_history(self, now: float) -> None:
        """Write the lines of the last minutes before `now`, as if it had always run."""
        habits = self._habits
        for number in range(1, habits.idle_files + 1):
            _leave_idle(self.path.with_name(f"idle-{number}{self.path.suffix}"), now)
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
        """Close the files; each line went to the system in one write, so none is buffered."""
        for file in self._files:
            file.close()

    def _write(self, at: float) -> None:
        seq = self.written + 1
        file = self._files[seq % len(self._files)]
        file.write(record(self._habits, self._host, seq, at))
        self.written = seq


def _beside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def _leave_idle(path: Path, now: float) -> None:
    """Make a file that nobody has written to for an hour; its line has no number."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now - IDLE_FOR))
    path.write_text(f"{stamp},000 INFO idle said long ago\n", encoding="utf-8")
    os.utime(path, (now - IDLE_FOR, now - IDLE_FOR))
