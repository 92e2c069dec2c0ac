"""One host, one connection: know it by its key, log in, run commands in a shell, hang up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from fabric import Config, Connection
from paramiko import (
    AuthenticationException,
    MissingHostKeyPolicy,
    PKey,
    SSHClient,
    SSHConfig,
    SSHConfigDict,
    SSHException,
    Transport,
)

from bot.known_hosts import HostKey, HostKeyRefused, KnownHosts, name_of
from bot.ssh_dial import Wire
from bot.ssh_key import user_key
from bot.ssh_shell import Shell
from bot.ssh_target import Answer, Patience, SshTarget, SshTrouble, reason_of
from bot.ssh_transport import transport_on
from bot.ssh_watch import Watchdog


class _NoSshConfig(SSHConfig):
    """The settings alone say where a host is."""

    def lookup(self, hostname: str) -> SSHConfigDict:
        return SSHConfigDict()


class _Config(Config):
    # Said once: else fabric finds out for each connection that it has neither, at some cost.
    _keypath = ()
    _root = property(lambda self: self)


class _Connection(Connection):
    _keypath = ()
    _root = property(lambda self: self)
    # Plain attributes. Without it, each connection writes some of them into the config that all
    # share, under the eyes of the other threads, and looks itself through for each one.
    __setattr__ = object.__setattr__

    def resolve_connect_kwargs(self, connect_kwargs: dict[str, Any]) -> dict[str, Any]:
        return connect_kwargs


class _OnlyKnown(MissingHostKeyPolicy):
    """Asked about every host, since paramiko is given no known_hosts of its own."""

    def __init__(self, known: KnownHosts) -> None:
        self._known = known

    def missing_host_key(self, client: SSHClient, hostname: str, key: PKey) -> None:
        self._known.check(hostname, HostKey(key.get_name(), key.asbytes()))


# Lazy: none of fabric's files is read either.
_CONFIG = _Config(lazy=True, ssh_config=_NoSshConfig())


@dataclass(frozen=True)
class Login:
    """A connection to a host that knows us, and the wire below it."""

    transport: Transport
    wire: Wire


@contextmanager
def logged_in(
    target: SshTarget, known: KnownHosts, patience: Patience, wire: Wire
) -> Iterator[Login]:
    """A connection on a dialled wire, for the length of the block. Raises SshTrouble."""
    try:
        connection = _Connection(
            target.address,
            user=target.user,
            port=target.port,
            config=_CONFIG,
            connect_kwargs=_manner(target, known, patience, wire),
        )
        connection.client.set_missing_host_key_policy(_OnlyKnown(known))
        try:
            _log_in(target, patience, connection)
            yield Login(connection.transport, wire)
        finally:
            connection.client.close()
    finally:
        wire.close()


class Asking:
    """Asks a host that is logged in to, within the patience for one command."""

    def __init__(
        self, target: SshTarget, login: Login, patience: Patience, watchdog: Watchdog
    ) -> None:
        self._target, self._transport, self._watchdog = target, login.transport, watchdog
        self._seconds, self._cut = patience.command, login.wire.cut

    def ask(self, script: str) -> Answer:
        """As Shell.ask. Raises SshTrouble."""
        what = f"running a command on {self._target.place}"
        with self._watchdog.limit(self._seconds, self._cut) as limit:
            try:
                return self._ask(script)
            except (SSHException, EOFError, OSError) as error:
                late = f"no end within {self._seconds:g} s; it may still be at work there"
                why = late if limit.expired else reason_of(error)
                raise SshTrouble(f"{what}: {why}") from error

    def _ask(self, script: str) -> Answer:
        answer = Shell(self._transport, sudo=self._target.sudo).ask(script)
        if answer.status < 0:
            raise SSHException(_end_of(self._transport))
        return answer


def _manner(target: SshTarget, known: KnownHosts, patience: Patience, wire: Wire) -> dict[str, Any]:
    kinds = frozenset(key.kind for key in known.keys(name_of(target.address, target.port)))
    return {
        "sock": wire,
        "pkey": user_key(target),
        "allow_agent": False,
        "look_for_keys": False,
        "timeout": patience.handshake,
        "banner_timeout": patience.banner,
        "auth_timeout": patience.auth,
        "channel_timeout": patience.command,
        "transport_factory": partial(transport_on, kinds=kinds),
    }


def _log_in(target: SshTarget, patience: Patience, connection: Connection) -> None:
    began = time.monotonic()
    try:
        connection.open()
    except HostKeyRefused as refused:
        raise SshTrouble(f"connecting to {target.place}: {refused}") from refused
    except AuthenticationException as error:
        raise SshTrouble(_refusal(target, patience, str(error))) from error
    except Exception as error:  # paramiko passes on whatever a peer's bytes caused
        transport = connection.client.get_transport()
        greeted = bool(transport and transport.remote_version)
        took = time.monotonic() - began
        text = handshake_text(target, patience, error, greeted=greeted, took=took)
        raise SshTrouble(text) from error


def _refusal(target: SshTarget, patience: Patience, said: str) -> str:
    what = f"logging in to {target.place} as {target.user} with the key {target.key_file}"
    if "timeout" in said:
        return f"{what}: no answer within {patience.auth:g} s"
    if "EOF" in said:
        return f"{what}: the host hung up; its sshd log says why"
    return f"{what}: refused; add the key's public half to authorized_keys there"


def handshake_text(
    target: SshTarget, patience: Patience, error: Exception, *, greeted: bool, took: float
) -> str:
    """What went wrong before the login, by how far it had got."""
    if greeted:
        late = f"no end within {patience.handshake:g} s" if took >= patience.handshake else ""
        return f"agreeing on keys with {target.place}: {late or reason_of(error)}"
    if took >= patience.banner:
        return f"waiting for the SSH banner of {target.place}: none within {patience.banner:g} s"
    return f"waiting for the SSH banner of {target.place}: it hung up, or is no SSH server"


def _end_of(transport: Transport) -> str:
    """What it means that a command has no exit status."""
    if transport.is_active():
        return "a signal ended it, or the host lets us run none; its own log may say which"
    return "the connection broke before it ended; it may still be at work there"
