"""SSH's transport as we want it: no thread waits in turns, what costs least comes first."""

from __future__ import annotations

from functools import lru_cache
from threading import Event
from typing import Any

from paramiko import AuthenticationException, Message, PKey, SSHException, Transport
from paramiko.auth_handler import AuthHandler

from bot.ssh_dial import VERSION, Wire

KEX = ("curve25519-sha256@libssh.org", "ecdh-sha2-nistp256")  # what costs least comes first


class _Eager(AuthHandler):
    """Shows its key along with the wish to log in, which saves one way there and back.

    Servers answer the two in turn; Dropbear's client does so, too.
    """

    def _request_auth(self) -> None:
        super()._request_auth()  # type: ignore[misc]
        accepted = Message()
        accepted.add_string("ssh-userauth")
        accepted.rewind()
        super()._parse_service_accept(accepted)  # type: ignore[misc]

    def _parse_service_accept(self, message: Message) -> None:
        """What follows from it was done before."""


class _Transport(Transport):
    """Whoever waits for it sleeps until there is news; paramiko's own looks ten times a second."""

    def start_client(self, event: Event | None = None, timeout: float | None = None) -> None:
        done = event or Event()
        super().start_client(done)
        if event:
            return
        if not done.wait(timeout):
            raise SSHException(f"no end within {timeout:g} s")
        if not self.is_active():
            raise self.get_exception() or SSHException("the connection broke")

    def auth_publickey(self, username: str, key: PKey, event: Event | None = None) -> list[str]:
        done = event or Event()
        self.auth_handler = handler = _Eager(self)
        handler.auth_publickey(username, key, done)
        if event:
            return []
        if not done.wait(self.auth_timeout):
            raise AuthenticationException("Authentication timeout.")  # paramiko's own words
        methods: list[str] = handler.wait_for_response(done)
        return methods

    def _parse_debug(self, message: Message) -> None:
        """What a host says for its debuggers is not written out only to be thrown away."""

    def _filter_algorithm(self, kind: str) -> tuple[str, ...]:
        # None is ever disabled, and it is asked some sixteen times for each connection.
        chosen: tuple[str, ...] = getattr(self, f"_preferred_{kind}")
        return chosen


def transport_on(wire: Wire, kinds: frozenset[str], **options: Any) -> Transport:
    """Ask for a host key of a kind that is written down, and for the ciphers that cost least."""
    transport = _Transport(wire, **options)  # type: ignore[arg-type]
    transport.local_version = VERSION
    # No thread for a timer of its own: whoever waits for the handshake has a limit.
    transport.packetizer.start_handshake = lambda timeout: None  # type: ignore[method-assign]
    choice = transport.get_security_options()
    choice.kex, choice.ciphers = _cheapest_first(choice.kex, choice.ciphers)
    choice.key_types = _wanted_first(choice.key_types, kinds)
    return transport


@lru_cache(maxsize=1)
def _cheapest_first(
    kex: tuple[str, ...], ciphers: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    by_cost = sorted(kex, key=lambda name: KEX.index(name) if name in KEX else len(KEX))
    return tuple(by_cost), tuple(sorted(ciphers, key=lambda name: "-gcm@" not in name))


@lru_cache(maxsize=64)
def _wanted_first(types: tuple[str, ...], kinds: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(types, key=lambda kind: kind_of(kind) not in kinds))


def kind_of(algorithm: str) -> str:
    """The kind of key behind a signature algorithm; RSA has several of them."""
    return "ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm
