"""The product's processes, started as in production, and stopped as an init system does it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

GRACE = 20.0  # seconds from SIGTERM to SIGKILL


class Product:
    """`logmigrate serve` and `logmigrate work` on one config file, each with a log file."""

    def __init__(self, config: Path, logs: Path, verbs: Sequence[str] = ("serve", "work")) -> None:
        self.config, self.logs = config, logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._verbs = verbs

    def __enter__(self) -> Self:
        for verb in self._verbs:
            self.start(verb)
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """One more process; `work-2` is a second `work`."""
        verb = name.partition("-")[0]
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [*command(), "--config", str(self.config), verb],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(),
                start_new_session=True,  # Ctrl-C in the terminal is for the sandbox to hand on
            )
        self.running[name] = process
        return process

    def end(self, name: str) -> int:
        """SIGTERM to one process; its exit status."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(GRACE)

    def died(self) -> str:
        """Which process ended by itself and what it said last; "" while all run."""
        for verb, process in list(self.running.items()):
            if (status := process.poll()) is not None:
                return f"logmigrate {verb} ended with status {status}: {self.last_words(verb)}"
        return ""

    def last_words(self, verb: str) -> str:
        said = (self.logs / f"{verb}.log").read_text("utf-8", "replace").strip().splitlines()
        return said[-1] if said else "it said nothing"

    def stop(self) -> None:
        """SIGTERM to all, SIGKILL to whoever is left after the grace time."""
        for process in self.running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()


def _environment() -> dict[str, str]:
    """Ours without proxies: all that the product talks to here is on this machine."""
    return {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}


def command() -> list[str]:
    """The console script beside this Python, or the same program as a module."""
    script = Path(sys.executable).with_name("logmigrate")
    return [str(script)] if script.exists() else [sys.executable, "-m", "bot"]
