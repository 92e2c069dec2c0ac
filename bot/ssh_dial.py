"""Reach a host: resolve its name, connect, greet, and wait until it greets back."""

from __future__ import annotations

import socket
from typing import Protocol

from paramiko import Channel

from bot.ssh_target import Patience, SshTarget, SshTrouble, reason_of

VERSION = "SSH-2.0-logmigrate"
PIECE = 16384
FULL = (b"Exceeded MaxStartups", b"Not allowed at this time")


class Wire:
    """The bytes of one SSH connection as paramiko wants them, over a socket or a tunnel.

    It greets before paramiko does, which saves one way there and back, and keeps paramiko's own
    greeting to itself; it reads ahead, since paramiko asks for every packet in two parts.
    """

    def __init__(self, carrier: socket.socket | Channel) -> None:
        self._carrier = carrier
        self._greeted = False
        self._ended = False
        self._ahead = b""
        carrier.sendall(f"{VERSION}\r\n".encode())

    def first(self, seconds: float) -> bytes:
        """What the other side says first, b"" if it hangs up. Raises TimeoutError and OSError."""
        self._carrier.settimeout(seconds)
        self._ahead = self._carrier.recv(PIECE)
        return self._ahead

    def settimeout(self, seconds: float) -> None:
        """For paramiko, which wants to look ten times a second whether it was closed meanwhile."""
        if not isinstance(self._carrier, socket.socket):
            self._carrier.settimeout(seconds)
        # A socket needs no such looks, each of them a wake-up: to cut it ends the wait. Only for
        # the rest of a greeting paramiko has no other limit.
        elif self._ahead.startswith(b"SSH-") and b"\n" in self._ahead:
            self._carrier.settimeout(None)

    def recv(self, size: int) -> bytes:
        ahead = self._ahead or self._carrier.recv(PIECE)
        self._ahead = ahead[size:]
        return ahead[:size]

    def send(self, data: bytes) -> int:
        if self._greeted:
            return self._carrier.send(data)
        self._greeted = True
        return len(data)

    def cut(self) -> None:
        """Hang up from outside: nothing else ends a wait inside paramiko."""
        try:
            self._carrier.shutdown(socket.SHUT_RDWR)
        except (OSError, EOFError):
            return  # the other side was first

    def close(self) -> None:
        if self._ended:
            return
        self._ended = True
        self.cut()  # whoever reads wakes up at once
        self._carrier.close()

    @property
    def _closed(self) -> bool:
        return bool(getattr(self._carrier, "_closed"))  # noqa: B009 - what paramiko asks a socket for


class Ways(Protocol):
    """bot.ssh_jump.Jumps, as far as dialling needs it."""

    def tunnel(self, target: SshTarget, jump: SshTarget) -> Channel:
        """A channel to the target's port. Raises SshTrouble."""


def dial(target: SshTarget, patience: Patience, ways: Ways) -> Wire:
    """A wire on which both sides have begun to greet. Raises SshTrouble."""
    tunnel = ways.tunnel(target, target.jump) if target.jump else None
    carrier = tunnel or _connect(target, patience.connect)
    try:
        return _greet(target, patience.banner, carrier)
    except BaseException:
        carrier.close()
        raise


def _connect(target: SshTarget, seconds: float) -> socket.socket:
    try:
        return socket.create_connection((target.address, target.port), seconds)
    except (socket.gaierror, UnicodeError) as error:
        text = f"resolving {target.address} for {target.name}: {reason_of(error)}"
    except TimeoutError:
        text = f"connecting to {target.place}: no answer within {seconds:g} s"
    except OSError as error:
        text = f"connecting to {target.place}: {reason_of(error)}"
    raise SshTrouble(text)


def _greet(target: SshTarget, seconds: float, carrier: socket.socket | Channel) -> Wire:
    what = f"waiting for the SSH banner of {target.place}"
    try:
        wire = Wire(carrier)
        said = wire.first(seconds)
    except TimeoutError as error:
        raise SshTrouble(f"{what}: none within {seconds:g} s") from error
    except OSError as error:
        raise SshTrouble(f"{what}: it hung up ({reason_of(error)})") from error
    if said.startswith(FULL):
        words = said.decode(errors="replace").strip()
        raise SshTrouble(
            f"{what}: it turns logins away ({words!r}); ask it less at a time, by a smaller "
            f"[ssh] concurrency, or raise MaxStartups there"
        )
    if not said:
        raise SshTrouble(f"{what}: it hung up, or is no SSH server")
    return wire
