"""The product's processes and their Redis, each of which may be killed, frozen and begun anew."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.product import command
from tests.contract.redis_servers import RunningServer

VERBS = {"bot": "serve", "worker 1": "work", "worker 2": "work"}


@dataclass
class Crew:
    """Only processes that it started are signalled, by their ids."""

    config: Path
    redis: RunningServer
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        if name == "redis":
            self.redis.start()
            return
        environ = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        environ["LOGMIGRATE_ALIVE"] = str(self.config.with_name(f"{name}.alive"))
        with self.log_of(name).open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*command(), "--config", str(self.config), VERBS[name]],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environ,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """Kill -9."""
        if name == "redis":
            self.redis.kill()
            return
        self.running[name].kill()
        self.running[name].wait()

    def tell(self, name: str, number: signal.Signals) -> None:
        self.running[name].send_signal(number)

    def ended(self) -> list[str]:
        """Who ended by itself; an init system would begin it anew."""
        return [name for name, process in self.running.items() if process.poll() is not None]

    def log_of(self, name: str) -> Path:
        return self.config.with_name(f"{name}.log")

    def last_words(self, lines: int = 25) -> str:
        found = []
        for name in VERBS:
            said = self.log_of(name).read_text("utf-8", "replace").splitlines()[-lines:]
            found += [f"-- {name}", *said]
        return "\n".join(found)

    def stop(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def crew(config: Path, redis: RunningServer) -> Iterator[Crew]:
    """Bot and two workers."""
    made = Crew(config, redis)
    try:
        for name in VERBS:
            made.start(name)
        yield made
    finally:
        made.stop()
