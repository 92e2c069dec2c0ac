"""Commands on many hosts over SSH: one connection per host and run, all hosts side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.known_hosts import KnownHosts, read_known_hosts
from bot.ssh_calm import calm, sweep
from bot.ssh_crew import Crew, Ended, Talking
from bot.ssh_dial import dial
from bot.ssh_jump import Jumps
from bot.ssh_session import Asking, logged_in
from bot.ssh_target import Answer, Patience, SshTarget, SshTrouble, reason_of
from bot.ssh_watch import Watchdog
from workflows.errors import JobError
from workflows.model import HostResult, quoted

if TYPE_CHECKING:  # a process that only prepares hosts does without the rest of the ports
    from workflows.ports import Command

__all__ = ["FabricHosts", "SshTarget"]

WORDS = 400  # characters of a host's last words


def _unheard(_: HostResult) -> None:
    """Where nobody asks for single results."""


def _anyhow() -> None:
    """Where nothing can come between."""


def _nowhere(_: str) -> SshTarget | None:
    """Where the settings alone say how a host is reached."""
    return None


@dataclass(frozen=True)
class FabricHosts:
    """Runs commands on the hosts named in `targets`; the times are seconds.

    `fallback` tells how to reach a host that the settings do not name, None if it cannot either.
    """

    targets: Mapping[str, SshTarget]
    known_hosts: Path
    concurrency: int = 50
    connect: float = 10.0
    banner: float = 10.0
    auth: float = 10.0
    command: float = 60.0
    fallback: Callable[[str], SshTarget | None] = _nowhere

    def run(
        self,
        commands: Mapping[str, Command],
        heard: Callable[[HostResult], None] = _unheard,
        ours: Callable[[], None] = _anyhow,
    ) -> tuple[HostResult, ...]:
        """One result per host, in order; `heard` has each as it comes, one at a time.

        No exception for any host. What `heard` raises ends the run: what is under way is cut off.
        So does what `ours` raises, which each host's thread calls right before it sends a script.
        """
        try:
            known = self._known()
        except SshTrouble as trouble:
            results = [HostResult(name, ok=False, said=str(trouble)) for name in commands]
        else:
            results = self._results(known, commands, heard, ours)
        return tuple(results)

    def _results(
        self,
        known: KnownHosts,
        commands: Mapping[str, Command],
        heard: Callable[[HostResult], None],
        ours: Callable[[], None],
    ) -> list[HostResult]:
        found: dict[str, HostResult] = {}
        patience = Patience(self.connect, self.banner, self.auth, self.command)
        crew = Crew(min(self.concurrency, len(commands) or 1))
        with calm(), Watchdog() as watchdog, Jumps(known, patience) as jumps:
            run = _Run(self._target, known, patience, watchdog, jumps, ours)
            with closing(crew.results(commands.items(), run.one)) as results:
                try:
                    for result in results:
                        found[result.host] = result
                        sweep(len(found))
                        heard(result)
                except BaseException:
                    watchdog.end()
                    raise
        return [found[name] for name in commands]

    def _known(self) -> KnownHosts:
        # Read again after a change only, so that a key added for a Retry counts at once.
        try:
            return read_known_hosts(self.known_hosts)
        except OSError as error:
            raise SshTrouble(
                f"reading the known host keys in {self.known_hosts}: {reason_of(error)}; "
                f"`logmigrate hosts trust` writes it, once you have compared the keys"
            ) from error

    def _target(self, name: str) -> SshTarget:
        target = self.targets.get(name) or self.fallback(name)
        if target is None:
            raise SshTrouble(f"looking for {name}: no such host; add it under [hosts]")
        return target


@dataclass(frozen=True)
class _Run:
    """What the hosts of one run share."""

    target: Callable[[str], SshTarget]
    known: KnownHosts
    patience: Patience
    watchdog: Watchdog
    jumps: Jumps
    ours: Callable[[], None]

    def one(self, item: tuple[str, Command], talking: Talking) -> HostResult:
        name, command = item
        began = time.monotonic()
        try:
            result = self._said(self.target(name), command, talking)
        except (SshTrouble, JobError) as trouble:
            result = HostResult(name, ok=False, said=str(trouble))
        except Ended:
            result = HostResult(name, ok=False, said=f"asking {name}: the run was ended")
        return replace(result, host=name, seconds=time.monotonic() - began)

    def _said(self, target: SshTarget, command: Command, talking: Talking) -> HostResult:
        wire = dial(target, self.patience, self.jumps)
        login_on = logged_in(target, self.known, self.patience, wire)
        with closing(wire), talking(), login_on as login:
            self.ours()
            asking = Asking(target, login, self.patience, self.watchdog)
            return _result(target, asking.ask(command.script))


def _result(target: SshTarget, answer: Answer) -> HostResult:
    said = answer.out.decode(errors="replace").strip("\n")
    if answer.status == 0 and answer.begun:
        return HostResult(target.name, ok=True, changed=_last_line(said) == "changed", said=said)
    last = _last_line(answer.err.decode(errors="replace")) or _last_line(said)
    trouble = quoted(last[:WORDS])
    return HostResult(target.name, ok=False, said=_exit_text(target, answer, trouble))


def _exit_text(target: SshTarget, answer: Answer, trouble: str) -> str:
    if not answer.begun and not target.sudo:
        says = f", saying {trouble!r}" if trouble else ""
        return (
            f"running a command on {target.place}: the login shell of {target.user} ended before "
            f"it (exit status {answer.status}{says}); give {target.user} a shell, such as /bin/sh"
        )
    what = trouble or "running a command: no word of why"
    text = f"{what} ({target.name}, exit status {answer.status})"
    if target.sudo and trouble.startswith("sudo:"):
        text += f"; let {target.user} run /bin/sh by sudo without a password, or set sudo = false"
    return text


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
