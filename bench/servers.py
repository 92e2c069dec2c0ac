"""The Valkey that comes with the package, and worker processes on it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.embedded import embedded
from bot.redis_address import Address


@contextmanager
def valkey(folder: Path) -> Iterator[Address]:
    with embedded(folder) as url:
        yield Address(url)


@contextmanager
def worker(address: Address, *mode: str) -> Iterator[subprocess.Popen[str]]:
    """A worker process that is ready to move jobs; killed at the end."""
    line = [sys.executable, "-m", "bench.toy", address.url, *mode]
    log = subprocess.DEVNULL
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=log, text=True) as process:
        try:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise SystemExit(f"starting a worker: it ended with {process.wait()}")
            yield process
        finally:
            process.kill()


def until(true: Callable[[], object], what: str, patience: float, pause: float) -> None:
    """Wait for a condition; the measurement ends with a word if it does not come in time."""
    deadline = time.monotonic() + patience
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit(f"waiting for {what}: nothing in {patience:.0f} s")
        threading.Event().wait(pause)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    words = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
