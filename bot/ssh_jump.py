"""Ways through jump hosts: one connection to each for the length of a run, shared by all."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import Self

from paramiko import Channel, ChannelException, SSHException, Transport

from bot.known_hosts import KnownHosts
from bot.ssh_dial import dial
from bot.ssh_session import logged_in
from bot.ssh_target import Patience, SshTarget, SshTrouble, reason_of


class _Way:
    """The connection to one jump host, or why there is none."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.found: Transport | SshTrouble | None = None


class Jumps:
    """As a block: at its end all connections to jump hosts are closed."""

    def __init__(self, known: KnownHosts, patience: Patience) -> None:
        self._known, self._patience = known, patience
        self._ways: dict[SshTarget, _Way] = {}
        self._lock = threading.Lock()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def tunnel(self, target: SshTarget, jump: SshTarget) -> Channel:
        """A channel to the target's port. Raises SshTrouble."""
        what = f"reaching {target.place} through {jump.name}"
        transport = self._way(what, jump)
        where, seconds = (target.address, target.port), self._patience.connect
        try:
            return transport.open_channel("direct-tcpip", where, ("127.0.0.1", 0), timeout=seconds)
        except ChannelException as error:
            text = f"{what}: it does not connect: {reason_of(OSError(0, error.text))}"
        except (SSHException, EOFError, OSError) as error:
            late = "Timeout" in str(error)
            text = f"{what}: {f'no answer within {seconds:g} s' if late else reason_of(error)}"
        raise SshTrouble(text)

    def _way(self, what: str, jump: SshTarget) -> Transport:
        with self._lock:
            way = self._ways.setdefault(jump, _Way())
        with way.lock:  # the first one connects, the others wait for it
            if way.found is None or _is_broken(way.found):
                way.found = self._connect(jump)
            if isinstance(way.found, SshTrouble):
                raise SshTrouble(f"{what}: {way.found}") from way.found
            return way.found

    def _connect(self, jump: SshTarget) -> Transport | SshTrouble:
        try:
            wire = dial(jump, self._patience, self)
            login = logged_in(jump, self._known, self._patience, wire)
            return self._open.enter_context(login).transport
        except SshTrouble as trouble:
            return trouble


def _is_broken(found: Transport | SshTrouble) -> bool:
    return isinstance(found, Transport) and not found.is_active()
