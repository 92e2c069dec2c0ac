"""Run a command and write down what it took: wall, CPU of all its processes, memory of all.

The meter adopts what the command leaves behind, so a process that went into the background is
counted and ended too. Standard library only.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SET_CHILD_SUBREAPER = 36  # of prctl(2)
LOOK = 0.2  # seconds between two looks at the memory; a look is 1 % of a core
PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    found = measure(sys.argv[2:])
    Path(sys.argv[1]).write_text(json.dumps(found), "utf-8")
    return 0


def measure(command: list[str]) -> dict[str, float]:
    """Seconds of wall and CPU, and peak MB of all processes together."""
    began = time.monotonic()
    process = subprocess.Popen(command)
    over, peak = threading.Event(), [0]
    watch = threading.Thread(target=_watch, args=(over, peak))
    watch.start()
    try:
        status = process.wait()
        wall = time.monotonic() - began
    finally:
        over.set()
        watch.join()
        _end_all()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    # A single process knows its own peak, and better than the looks do.
    memory = max(peak[0], used.ru_maxrss * 1024) / 1e6
    cpu = used.ru_utime + used.ru_stime
    return {"status": status, "wall": wall, "cpu": cpu, "memory": memory}


def _watch(over: threading.Event, peak: list[int]) -> None:
    while not over.wait(LOOK):
        peak[0] = max(peak[0], sum(_memory(pid) for pid in _descendants()))


def _memory(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * PAGE
    return 0


def _descendants() -> list[int]:
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    found = list(children.get(os.getpid(), ()))
    for pid in found:
        found += children.get(pid, ())
    return found


def _parents() -> Iterator[tuple[int, int]]:
    with os.scandir("/proc") as entries:
        for entry in entries:
            if entry.name.isdigit():
                with suppress(OSError):
                    stat = Path(entry.path, "stat").read_text("utf-8", "replace")
                    yield int(entry.name), int(stat.rpartition(")")[2].split()[1])


def _end_all() -> None:
    """End what is left, and wait for it, so that its CPU counts."""
    while left := _descendants():
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, 0)[0]:
                pass


if __name__ == "__main__":
    sys.exit(main())
