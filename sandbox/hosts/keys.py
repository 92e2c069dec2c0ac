"""ed25519 keys of the sandbox world: made once, found again by the next start."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import asyncssh

if TYPE_CHECKING:
    from pathlib import Path


def key_in(path: Path) -> asyncssh.SSHKey:
    """Return the private key in `path`, made with mode 0600 and a `.pub` beside it if absent."""
    if path.exists():
        return asyncssh.read_private_key(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    key = asyncssh.generate_private_key("ssh-ed25519", comment=path.name)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(key.export_private_key())
    path.with_name(path.name + ".pub").write_bytes(key.export_public_key())
    return key


def known_host(address: str, port: int, key: asyncssh.SSHKey) -> str:
    """Return the line of known_hosts for a server, without a line end."""
    algorithm, blob = key.export_public_key().decode().split()[:2]
    return f"[{address}]:{port} {algorithm} {blob}"
