"""SSH servers, one per host: real commands in the host's own folder, and faults on demand."""

from __future__ import annotations

import asyncio
import random
import socket
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

import asyncssh

from sandbox.hosts import shells
from sandbox.hosts.commands import decline, serve
from sandbox.hosts.keys import known_host

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "127.0.0.1"
USER = "ops"
BACKLOG = 100  # connections that wait to be taken
QUEUE = 16  # connections that fill the queue of a host that takes none from it


class Fault(StrEnum):
    """How a host can refuse."""

    DOWN = "down"  # connection refused
    MUTE = "mute"  # takes the connection and never says a word
    BLACK_HOLE = "black-hole"  # never answers a connection
    HANG_UP = "hang-up"  # takes the connection and ends it
    OTHER_KEY = "other-key"  # shows a host key that it never had
    NO_AUTH = "no-auth"  # no key is good enough
    DENIED = "denied"  # logs in, runs nothing


class Flake:
    """Hangs up on a share of the connections; the same ones of the same seed."""

    def __init__(self, share: float = 0.0, seed: str = "") -> None:
        self._share = share
        self._rng = random.Random(seed)

    def hangs_up(self) -> bool:
        """Say whether the connection that comes now is hung up on."""
        return self._share > 0 and self._rng.random() < self._share


class Login(asyncssh.SSHServer):
    """One connection: lets in the one user with the one key."""

    def __init__(self, host: SshHost) -> None:
        self._host = host

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Note the connection, so that a fault can cut it."""
        self._connection = conn
        self._host.connections.add(conn)
        self._host.taken += 1
        if self._host.flake.hangs_up():
            conn.abort()

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
    """The server of one host. Its methods run in the loop of `SshServers`.

    With `behind_jump` nobody listens on its port, and only a jump host knows where it does.
    """

    def __init__(
        self,
        root: Path,
        host_key: asyncssh.SSHKey,
        client_key: asyncssh.SSHKey,
        *,
        behind_jump: bool = False,
    ) -> None:
        self.port = 0
        self.inner = 0  # where it listens; its port, unless it is behind a jump host
        self.fault: Fault | None = None
        self.shell: shells.Shell = shells.plain
        self.flake = Flake()
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self.taken = 0  # connections so far, also those that it hung up on
        self._root = root
        self._host_key = host_key
        self._client = client_key.convert_to_public()
        self._behind_jump = behind_jump
        self._front: socket.socket | None = None
        self._listener: asyncssh.SSHAcceptor | asyncio.Server | None = None
        self._held: list[socket.socket] = []
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
        other = self.fault is Fault.OTHER_KEY
        key = asyncssh.generate_private_key("ssh-ed25519") if other else self._host_key
        self._listener = await asyncssh.create_server(
            self._login,
            ADDRESS,
            self.inner,
            backlog=BACKLOG,
            server_host_keys=[key],
            process_factory=self._run,
            encoding=None,
            allow_pty=False,
            agent_forwarding=False,
        )
        self.inner = self._listener.get_port()
        if self._behind_jump and self._front is None:
            self._front = _hold(0)
        self.port = self._front.getsockname()[1] if self._front else self.inner

    async def begin(self) -> None:
        """Open, and then refuse if that is how it begins."""
        await self.open()
        if self.fault:
            await self.refuse(self.fault)

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
        while self._held:
            self._held.pop().close()
        if listener:
            await listener.wait_closed()  # last, as it waits for the connections since Python 3.12

    async def end(self) -> None:
        """Close, and give the port back."""
        await self.close()
        if self._front:
            self._front.close()

    async def refuse(self, fault: Fault | None) -> None:
        """Begin to refuse in this way, or with None answer again as ever."""
        await self.close()
        self.fault = fault
        match fault:
            case Fault.MUTE:
                self._listener = await asyncio.start_server(self._mutely, ADDRESS, self.inner)
            case Fault.HANG_UP:
                self._listener = await asyncio.start_server(_hang_up, ADDRESS, self.inner)
            case Fault.DOWN:
                self._held = [_hold(self.inner)]
            case Fault.BLACK_HOLE:
                self._held = _black_hole(self.inner)
            case _:
                await self.open()

    def _login(self) -> Login:
        return Login(self)

    async def _mutely(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._mute.add(writer)

    async def _run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """Run one command with the host's folder as home, and pass on all it says."""
        if self.fault is Fault.DENIED:
            decline(process, f"{USER} may not run commands on this host")
        elif not process.command:
            decline(process, "only commands are run here, no shell; give one")
        else:
            await serve(process, self.shell(self._root, process.command), self._root, USER)


async def _hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def _hold(port: int) -> socket.socket:
    """Keep a port without listening: who connects is refused, and nobody else gets it."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((ADDRESS, port))
    return held


def _black_hole(port: int) -> list[socket.socket]:
    """Listen with a queue that is full: Linux drops what comes then, so nobody is answered."""
    full = _hold(port)
    full.listen(0)
    waiting = [socket.socket() for _ in range(QUEUE)]
    for one in waiting:
        one.setblocking(False)  # noqa: FBT003 - the library's own form
        with suppress(BlockingIOError):
            one.connect((ADDRESS, port))
    return [full, *waiting]
