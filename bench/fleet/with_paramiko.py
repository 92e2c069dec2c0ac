"""The same work by paramiko alone, with every tuning that is known to help."""

from __future__ import annotations

import base64
import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from paramiko import Ed25519Key, Transport

from bench.fleet.spec import KEX, Fleet, begin, tell

CIPHERS = ("aes128-gcm@openssh.com", "aes128-ctr")


def main() -> int:
    fleet = Fleet.read()
    known = _host_keys(Path(fleet.known_hosts).read_text("ascii"))
    key = Ed25519Key.from_private_key_file(fleet.key)
    begin()
    gc.freeze()
    gc.disable()
    with ThreadPoolExecutor(fleet.concurrency) as threads:
        for name, said in threads.map(partial(_on, fleet, known, key), fleet.hosts):
            tell(name, said)
    return 0


def _host_keys(text: str) -> dict[str, bytes]:
    lines = (line.split() for line in text.splitlines())
    return {words[0]: base64.b64decode(words[2]) for words in lines}


def _on(fleet: Fleet, known: dict[str, bytes], key: Ed25519Key, name: str) -> tuple[str, str]:
    address = fleet.hosts[name]
    transport = Transport((address, fleet.port))
    try:
        _slim(transport)
        transport.start_client(timeout=fleet.patience)
        if transport.get_remote_server_key().asbytes() != known[f"[{address}]:{fleet.port}"]:
            return name, "wrong host key"
        transport.auth_publickey(fleet.user, key)
        return name, _run(transport, fleet.script(name))
    finally:
        transport.close()


def _slim(transport: Transport) -> None:
    choice = transport.get_security_options()
    choice.kex, choice.ciphers, choice.key_types = (f"{KEX}@libssh.org",), CIPHERS, ("ssh-ed25519",)


def _run(transport: Transport, script: str) -> str:
    channel = transport.open_session()
    channel.exec_command(script)
    said = b""
    while piece := channel.recv(65536):
        said += piece
    return said.decode() if channel.recv_exit_status() == 0 else "failed"


if __name__ == "__main__":
    sys.exit(main())
