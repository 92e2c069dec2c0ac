"""The Hosts port over SSH: one connection per host and run, all hosts side by side."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bot.known_hosts import KnownHosts, read_known_hosts
from bot.ssh_session import run_script
from bot.ssh_target import Answer, Patience, SshTarget, SshTrouble, reason_of
from workflows.model import HostResult
from workflows.ports import Command

__all__ = ["FabricHosts", "SshTarget"]


@dataclass(frozen=True)
class FabricHosts:
    """Runs commands on the hosts named in `targets`; the times are seconds."""

    targets: Mapping[str, SshTarget]
    known_hosts: Path
    concurrency: int = 50
    connect: float = 10.0
    banner: float = 10.0
    auth: float = 10.0
    command: float = 60.0

    def run(self, commands: Mapping[str, Command]) -> tuple[HostResult, ...]:
        """As ports.Hosts.run: one result per host, in order, and no exception for any of them."""
        if not commands:
            return ()
        known = self._known()
        with ThreadPoolExecutor(min(self.concurrency, len(commands)), "ssh") as threads:
            waiting = [threads.submit(self._on, known, *item) for item in commands.items()]
            return tuple(result.result() for result in waiting)

    def _known(self) -> KnownHosts | SshTrouble:
        # Read again after a change only, so that a key added for a Retry counts at once.
        try:
            return read_known_hosts(self.known_hosts)
        except OSError as error:
            return SshTrouble(
                f"reading the known host keys in {self.known_hosts}: {reason_of(error)}; "
                f"ssh-keyscan writes such a file, compare its keys with the hosts' own"
            )

    def _on(self, known: KnownHosts | SshTrouble, name: str, command: Command) -> HostResult:
        began = time.monotonic()
        try:
            result = _result(self._target(name), self._answer(known, name, command))
        except SshTrouble as trouble:
            result = HostResult(name, ok=False, said=str(trouble))
        return HostResult(name, result.ok, result.changed, result.said, time.monotonic() - began)

    def _answer(self, known: KnownHosts | SshTrouble, name: str, command: Command) -> Answer:
        if isinstance(known, SshTrouble):
            raise known
        patience = Patience(self.connect, self.banner, self.auth, self.command)
        return run_script(self._target(name), known, patience, command.script)

    def _target(self, name: str) -> SshTarget:
        if name not in self.targets:
            raise SshTrouble(f"looking for {name}: no such host; add it under [hosts]")
        return self.targets[name]


def _result(target: SshTarget, answer: Answer) -> HostResult:
    said = answer.out.decode(errors="replace").strip("\n")
    if answer.status == 0:
        return HostResult(target.name, ok=True, changed=_last_line(said) == "changed", said=said)
    trouble = _last_line(answer.err.decode(errors="replace")) or _last_line(said)
    return HostResult(target.name, ok=False, said=_exit_text(target, answer.status, trouble))


def _exit_text(target: SshTarget, status: int, trouble: str) -> str:
    text = f"{trouble or 'running a command: no word of why'} ({target.name}, exit status {status})"
    if target.sudo and trouble.startswith("sudo:"):
        text += f"; let {target.user} run /bin/sh by sudo without a password, or set sudo = false"
    return text


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
