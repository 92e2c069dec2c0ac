"""One host, one connection: reach it, know it by its key, log in, run one script, hang up."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from fabric import Config, Connection
from paramiko import (
    AuthenticationException,
    Channel,
    MissingHostKeyPolicy,
    PKey,
    SSHClient,
    SSHException,
    Transport,
)

from bot.known_hosts import HostKey, HostKeyRefused, KnownHosts, name_of
from bot.ssh_target import Answer, Patience, SshTarget, SshTrouble, dial, reason_of

OUTPUT_LIMIT = 1 << 20  # bytes of output and error output together
PIECE = 65536
SLICE = 0.5  # seconds between two looks at the error output while the output is silent


class _Connection(Connection):
    # With the class attribute, fabric keeps the value on the connection. Without it, each
    # connection writes it into the shared config and merges that again under the other threads.
    inline_ssh_env = True


class _OnlyKnown(MissingHostKeyPolicy):
    """Asked about every host, since paramiko is given no known_hosts of its own."""

    def __init__(self, known: KnownHosts) -> None:
        self._known = known

    def missing_host_key(self, client: SSHClient, hostname: str, key: PKey) -> None:
        self._known.check(hostname, HostKey(key.get_name(), key.asbytes()))


# Lazy: neither fabric's files nor ~/.ssh/config, since the settings alone say where a host is.
_CONFIG = Config(lazy=True)


def run_script(target: SshTarget, known: KnownHosts, patience: Patience, script: str) -> Answer:
    """Run the script by /bin/sh on the host. Raises SshTrouble and nothing else."""
    key = _key(target)
    wire = dial(target, patience.connect)
    connection = _Connection(
        target.address,
        user=target.user,
        port=target.port,
        config=_CONFIG,
        connect_kwargs=_manner(target, known, patience, key, wire),
    )
    connection.client.set_missing_host_key_policy(_OnlyKnown(known))
    try:
        _log_in(target, patience, connection)
        return _execute(target, patience.command, connection, script)
    finally:
        connection.client.close()
        wire.close()


def _key(target: SshTarget) -> PKey:
    what = f"reading the key {target.key_file} for {target.name}"
    try:
        stat = target.key_file.stat()
        if stat.st_uid == os.getuid() and stat.st_mode & 0o077:
            mode = f"{stat.st_mode & 0o777:04o}"
            raise SshTrouble(f"{what}: its mode {mode} lets others in; chmod 600 {target.key_file}")
        return _load_key(target.key_file, (stat.st_ino, stat.st_mtime_ns, stat.st_size))
    except OSError as error:
        raise SshTrouble(f"{what}: {reason_of(error)}") from error
    except TypeError as error:  # cryptography's word for "a passphrase is needed"
        raise SshTrouble(f"{what}: it is encrypted; give the bot a key without one") from error
    except (ValueError, SSHException, UnsupportedAlgorithm) as error:
        raise SshTrouble(f"{what}: it is no private key that can be used") from error


@lru_cache(maxsize=64)
def _load_key(path: Path, _stamp: tuple[int, int, int]) -> PKey:
    return PKey.from_path(path)


def _manner(
    target: SshTarget, known: KnownHosts, patience: Patience, key: PKey, wire: socket.socket
) -> dict[str, Any]:
    kinds = frozenset(key.kind for key in known.keys(name_of(target.address, target.port)))
    return {
        "sock": wire,
        "pkey": key,
        "allow_agent": False,
        "look_for_keys": False,
        "timeout": patience.handshake,
        "banner_timeout": patience.banner,
        "auth_timeout": patience.auth,
        "channel_timeout": patience.command,
        "transport_factory": partial(_transport, kinds),
    }


def _transport(kinds: frozenset[str], wire: socket.socket, **options: Any) -> Transport:
    """Ask for a host key of a kind that is written down, and for the ciphers that cost least."""
    transport = Transport(wire, **options)
    choice = transport.get_security_options()
    choice.ciphers = tuple(sorted(choice.ciphers, key=lambda name: "-gcm@" not in name))
    choice.key_types = tuple(sorted(choice.key_types, key=lambda kind: _kind(kind) not in kinds))
    return transport


def _kind(algorithm: str) -> str:
    """The kind of key behind a signature algorithm; RSA has several of them."""
    return "ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm


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
        text = _handshake_text(target, patience, error, greeted=greeted, took=took)
        raise SshTrouble(text) from error


def _refusal(target: SshTarget, patience: Patience, said: str) -> str:
    what = f"logging in to {target.place} as {target.user} with the key {target.key_file}"
    if "timeout" in said:
        return f"{what}: no answer within {patience.auth:g} s"
    if "EOF" in said:
        return f"{what}: the host hung up; its sshd log says why"
    return f"{what}: refused; add the key's public half to authorized_keys there"


def _handshake_text(
    target: SshTarget, patience: Patience, error: Exception, *, greeted: bool, took: float
) -> str:
    if greeted:
        late = f"no end within {patience.handshake:g} s" if took >= patience.handshake else ""
        return f"agreeing on keys with {target.place}: {late or reason_of(error)}"
    if took >= patience.banner:
        return f"waiting for the SSH banner of {target.place}: none within {patience.banner:g} s"
    return f"waiting for the SSH banner of {target.place}: it hung up, or is no SSH server"


def _execute(target: SshTarget, seconds: float, connection: Connection, script: str) -> Answer:
    what = f"running a command on {target.place}"
    with _deadline(connection.transport, seconds) as expired:
        try:
            answer = _converse(connection, script, sudo=target.sudo)
            trouble = "" if answer.status >= 0 else _end_of(connection.transport)
        except (SSHException, EOFError, OSError) as error:
            answer, trouble = Answer(-1, b"", b""), reason_of(error)
    if trouble and expired.is_set():
        raise SshTrouble(f"{what}: no end within {seconds:g} s; it may still be at work there")
    if trouble:
        raise SshTrouble(f"{what}: {trouble}")
    return answer


def _end_of(transport: Transport) -> str:
    """What it means that a command has no exit status."""
    if transport.is_active():
        return "a signal ended it; the host's own log may say whose"
    return "the connection broke before it ended; it may still be at work there"


@contextmanager
def _deadline(transport: Transport, seconds: float) -> Iterator[threading.Event]:
    """Close the transport when time is up: nothing else ends a wait inside paramiko."""
    expired = threading.Event()

    def cut() -> None:
        expired.set()
        transport.close()

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


def _converse(connection: Connection, script: str, *, sudo: bool) -> Answer:
    channel = connection.create_session()
    # By standard input: what is in the command line, everybody on the host can read.
    channel.exec_command("sudo -n -- /bin/sh -s" if sudo else "/bin/sh -s")
    # What ends without reading, as a sudo that wants a password, tells why in its output.
    with suppress(OSError):
        channel.sendall(script.encode())
        channel.shutdown_write()
    out, err = _outputs(channel)
    return Answer(channel.recv_exit_status(), out, err)


def _outputs(channel: Channel) -> tuple[bytes, bytes]:
    """Read both outputs to their end; both at once, since either one can fill the window."""
    out, err = bytearray(), bytearray()
    channel.settimeout(SLICE)
    while (piece := _piece(channel.recv)) is not None:
        out += piece
        while channel.recv_stderr_ready():
            err += channel.recv_stderr(PIECE)
        _check_size(out, err)
    while (piece := _piece(channel.recv_stderr)) is not None:
        err += piece
        _check_size(out, err)
    return bytes(out), bytes(err)


def _piece(receive: Callable[[int], bytes]) -> bytes | None:
    """What has come within a slice of time, None at the end."""
    try:
        return receive(PIECE) or None
    except TimeoutError:
        return b""


def _check_size(out: bytearray, err: bytearray) -> None:
    if len(out) + len(err) > OUTPUT_LIMIT:
        raise SSHException("more than 1 MiB of output; look at the files it reads")
