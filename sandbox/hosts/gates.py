"""The SSH servers of a fleet: one a host and perhaps a jump host, their keys, and how they fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.hosts import shells
from sandbox.hosts.illness import FAULTS, Illness
from sandbox.hosts.jump import JUMP, JumpHost
from sandbox.hosts.keys import key_in
from sandbox.hosts.servers import SshServers
from sandbox.hosts.ssh import USER, Flake, SshHost

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from sandbox.hosts.ssh import Fault

SHELLS = {
    Illness.SHELL_BANNER: shells.with_banner,
    Illness.SHELL_SILENT: shells.silent,
    Illness.SHELL_ENDS: shells.no_login,
    Illness.DISK_READ_ONLY: shells.on_read_only,
    Illness.DISK_FULL: shells.on_full,
}


class Gates:
    """Opens the way to every host of `roots`, by name."""

    def __init__(self, world: Path, roots: Mapping[str, Path], *, jump: bool) -> None:
        self.known_hosts = world / "known_hosts"
        self.key_file = world / "keys" / USER
        client = key_in(self.key_file)
        keys = world / "keys"
        hosts = {
            name: SshHost(root, key_in(keys / f"host_{name}"), client, behind_jump=jump)
            for name, root in roots.items()
        }
        self._hosts = dict(hosts)
        if jump:
            home = world / "hosts" / JUMP
            home.mkdir()
            before = JumpHost(home, key_in(keys / f"host_{JUMP}"), client)
            before.go_before(hosts)
            self._hosts[JUMP] = before
        self._servers = SshServers(self._hosts)
        self._followed: dict[str, Fault | None] = {}

    @property
    def jump_port(self) -> int:
        """The port of the jump host, 0 where there is none."""
        return self.port(JUMP) if JUMP in self._hosts else 0

    def port(self, name: str) -> int:
        """Return where a host is reached."""
        return self._hosts[name].port

    def taken(self, name: str) -> int:
        """Return how many connections a host has taken so far."""
        return self._hosts[name].taken

    def open(self) -> None:
        """Open every server and write its key down."""
        self._servers.start()
        lines = (host.known_host for host in self._hosts.values())
        self.known_hosts.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def close(self) -> None:
        """Close every server."""
        self._servers.stop()

    def follow(self, name: str, ills: Collection[Illness]) -> None:
        """Fail in the first of the ways that these illnesses name, or not at all."""
        shell = next((shell for ill, shell in SHELLS.items() if ill in ills), shells.plain)
        self._servers.set_shell(name, shell)
        fault = next((fault for ill, fault in FAULTS.items() if ill in ills), None)
        if fault is not self._followed.get(name):
            self._followed[name] = fault
            self._servers.refuse(name, fault)

    def break_(self, name: str, fault: Fault) -> None:
        """Make a host refuse in this way."""
        self._servers.break_(name, fault)

    def mend(self, name: str) -> None:
        """Make a host answer again."""
        self._servers.mend(name)

    def flaky(self, name: str, share: float, seed: str) -> None:
        """Have a host hang up on a share of its connections."""
        self._servers.set_flake(name, Flake(share, seed))

    def reset(self) -> None:
        """Mend every host and have none hang up."""
        self._servers.reset()
        for name in self._hosts:
            self._servers.set_flake(name, Flake())
