"""The keys that hosts show, before anybody vouches for them; nobody logs in to these hosts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from paramiko import SSHException

from bot.known_hosts import HostKey, KnownHosts, name_of
from bot.ssh_crew import Crew, Talking
from bot.ssh_dial import dial
from bot.ssh_jump import Jumps
from bot.ssh_session import handshake_text
from bot.ssh_target import Patience, SshTarget, SshTrouble
from bot.ssh_transport import transport_on

TALKS = 50


@dataclass(frozen=True)
class Shown:
    """What a host showed: its key, or the trouble on the way to it."""

    target: SshTarget
    key: HostKey | None
    trouble: str = ""

    @property
    def name(self) -> str:
        """As known_hosts calls the host."""
        return name_of(self.target.address, self.target.port)


def scan(targets: Iterable[SshTarget], known: KnownHosts, patience: Patience) -> Iterator[Shown]:
    """What each host shows, as it comes; jump hosts on the way have to be known already."""
    with Jumps(known, patience) as jumps:

        def one(target: SshTarget, talking: Talking) -> Shown:
            try:
                return Shown(target, _key(target, known, patience, jumps, talking))
            except SshTrouble as trouble:
                return Shown(target, None, str(trouble))

        with closing(Crew(TALKS).results(targets, one)) as results:
            yield from results


def _key(
    target: SshTarget, known: KnownHosts, patience: Patience, jumps: Jumps, talking: Talking
) -> HostKey:
    wire = dial(target, patience, jumps)
    # Of a kind that is written down, if any: else a host with two keys would look changed.
    kinds = frozenset(key.kind for key in known.keys(name_of(target.address, target.port)))
    with closing(wire), talking(), closing(transport_on(wire, kinds)) as transport:
        transport.banner_timeout = patience.banner
        began = time.monotonic()
        try:
            transport.start_client(timeout=patience.handshake)
            key = transport.get_remote_server_key()
        except (SSHException, EOFError, OSError) as error:
            greeted, took = bool(transport.remote_version), time.monotonic() - began
            text = handshake_text(target, patience, error, greeted=greeted, took=took)
            raise SshTrouble(text) from error
    return HostKey(key.get_name(), key.asbytes())
