"""The one host through which the others are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncssh

from sandbox.hosts.ssh import ADDRESS, Login, SshHost

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from typing import Any

JUMP = "jump"


class Passage(Login):
    """A connection that may go on to a host of the fleet and to nothing else."""

    def __init__(self, jump: JumpHost) -> None:
        super().__init__(jump)
        self._jump = jump

    def connection_requested(
        self, dest_host: str, dest_port: int, _orig_host: str, _orig_port: int
    ) -> Coroutine[Any, Any, Any]:
        """Forward to where that host really listens."""
        inner = self._jump.inner_of(dest_host, dest_port)
        return self._connection.forward_connection(ADDRESS, inner)


class JumpHost(SshHost):
    """An SSH server that forwards to those `behind` it."""

    def go_before(self, behind: Mapping[str, SshHost]) -> None:
        """Forward to these from now on."""
        self._behind = behind

    def inner_of(self, address: str, port: int) -> int:
        """Return the port behind a host's address; ChannelOpenError for what is no host."""
        for host in self._behind.values():
            if (address, port) == (ADDRESS, host.port):
                return host.inner
        prohibited = asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED
        raise asyncssh.ChannelOpenError(prohibited, "open failed")

    def _login(self) -> Login:
        return Passage(self)
