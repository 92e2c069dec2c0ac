"""SSH servers, one per host: real commands in the host's own folder, and faults on demand."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

import asyncssh

from sandbox.hosts.keys import known_host

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "127.0.0.1"
USER = "ops"
NOT_PERMITTED = 126  # what a shell answers for a command that may not be run
PIECE = 64 * 1024


class Fault(StrEnum):
    """How a host can refuse."""

    DOWN = "down"  # connection refused
    MUTE = "mute"  # takes the connection and never says a word
    NO_AUTH = "no-auth"  # no key is good enough
    DENIED = "denied"  # logs in, runs nothing


class Login(asyncssh.SSHServer):
    """One connection: lets in the one user with the one key."""

    def __init__(self, host: SshHost) -> None:
        self._host = host

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Note the connection, so that a fault can cut it."""
        self._connection = conn
        self._host.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._host.connections.discard(self._connection)

    def public_key_auth_supported(self) -> bool:
        """Keys are the only way in."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Say whether this user may come in with this key."""
        return self._host.lets_in(username, key)


class SshHost:
    """The server of one host. Its methods run in the loop of `SshServers`."""

    def __init__(self, root: Path, host_key: asyncssh.SSHKey, client_key: asyncssh.SSHKey) -> None:
        self.port = 0
        self.fault: Fault | None = None
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self._root = root
        self._host_key = host_key
        self._client = client_key.convert_to_public()
        self._listener: asyncssh.SSHAcceptor | asyncio.Server | socket.socket | None = None
        self._mute: set[asyncio.StreamWriter] = set()

    @property
    def known_host(self) -> str:
        """Return the line of known_hosts for this server."""
        return known_host(ADDRESS, self.port, self._host_key)

    def lets_in(self, user: str, key: asyncssh.SSHKey) -> bool:
        """Say whether `user` may come in with `key` as things stand."""
        return self.fault is not Fault.NO_AUTH and user == USER and key == self._client

    async def open(self) -> None:
        """Listen, on a free port the first time and on the same one ever after."""
        self._listener = await asyncssh.create_server(
            lambda: Login(self),
            ADDRESS,
            self.port,
            server_host_keys=[self._host_key],
            process_factory=self._run,
            encoding=None,
            allow_pty=False,
            agent_forwarding=False,
        )
        self.port = self._listener.get_port()

    async def close(self) -> None:
        """Stop listening and cut what is connected."""
        listener, self._listener = self._listener, None
        if listener:
            listener.close()
        for connection in list(self.connections):
            connection.abort()
        for writer in self._mute:
            writer.transport.abort()
        self._mute.clear()
        if isinstance(listener, asyncssh.SSHAcceptor | asyncio.Server):
            await listener.wait_closed()  # last, as it waits for the connections since Python 3.12

    async def refuse(self, fault: Fault | None) -> None:
        """Begin to refuse in this way, or with None answer again as ever."""
        await self.close()
        self.fault = fault
        if fault is Fault.MUTE:
            self._listener = await asyncio.start_server(self._say_nothing, ADDRESS, self.port)
        elif fault is Fault.DOWN:
            self._listener = _hold(self.port)
        else:
            await self.open()

    async def _say_nothing(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._mute.add(writer)

    async def _run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """Run one command with the host's folder as home, and pass on all it says."""
        if self.fault is Fault.DENIED:
            _decline(process, f"{USER} may not run commands on this host")
        elif not process.command:
            _decline(process, "only commands are run here, no shell; give one")
        else:
            await self._serve(process, process.command)

    async def _serve(self, process: asyncssh.SSHServerProcess[bytes], command: str) -> None:
        """Run the command to its end; a cut connection does not end it before it next speaks.

        OpenSSH without a terminal does the same: the command goes on until it writes.
        """
        child = await self._spawn(command)
        feeding = asyncio.create_task(_feed(process, child))
        try:
            await asyncio.gather(
                _pass_on(child.stdout, process.stdout), _pass_on(child.stderr, process.stderr)
            )
            _leave(process, await child.wait())
        except (asyncssh.Error, ConnectionError):
            process.close()  # the client went away: nobody is left to tell
        finally:
            feeding.cancel()
            await _end_group(child)

    async def _spawn(self, command: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            command,
            cwd=self._root,
            env=_environment(self._root),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
        )


def _hold(port: int) -> socket.socket:
    """Keep a port without listening: who connects is refused, and nobody else gets it."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((ADDRESS, port))
    return held


def _environment(root: Path) -> dict[str, str]:
    """Return what a login has; nothing of this process's own environment."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    names = {"USER": USER, "LOGNAME": USER, "SHELL": "/bin/sh", "LANG": "C.UTF-8"}
    return {"PATH": path, "HOME": str(root), **names}


def _decline(process: asyncssh.SSHServerProcess[bytes], why: str) -> None:
    process.stderr.write(f"{why}\n".encode())
    process.exit(NOT_PERMITTED)


async def _feed(
    process: asyncssh.SSHServerProcess[bytes], child: asyncio.subprocess.Process
) -> None:
    """Pass the client's input on; a command that does not read it is no error."""
    if child.stdin is None:
        return
    with suppress(ConnectionError, asyncssh.Error):
        while piece := await process.stdin.read(PIECE):
            child.stdin.write(piece)
            await child.stdin.drain()
    child.stdin.close()


async def _pass_on(source: asyncio.StreamReader | None, sink: asyncssh.SSHWriter[bytes]) -> None:
    while source and (piece := await source.read(PIECE)):
        sink.write(piece)
        await sink.drain()


def _leave(process: asyncssh.SSHServerProcess[bytes], code: int) -> None:
    if code >= 0:
        process.exit(code)
    else:
        process.exit_with_signal(signal.Signals(-code).name.removeprefix("SIG"))


async def _end_group(child: asyncio.subprocess.Process) -> None:
    """End a command that still runs, the shell's children too."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()
