"""Adding lines to a known_hosts file: whole or not at all, and never over what stands there."""

from __future__ import annotations

import base64
import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.known_hosts import HostKey, KnownHosts

NEW_FILE = 0o644  # public keys; OpenSSH's own mode for it


def add_keys(path: Path, keys: Mapping[str, HostKey]) -> tuple[str, ...]:
    """Append a line for each name that has no key yet; answers the names. Raises OSError.

    Under a lock that all runs share, and by a new file in the place of the old one.
    """
    path = path.resolve()  # a link stays one
    with _locked(path):
        before = path.read_bytes() if path.exists() else b""
        known = KnownHosts.parse(before.decode(errors="replace"), path)
        added = {name: key for name, key in keys.items() if not known.keys(name)}
        lines = "".join(f"{name} {_text(key)}\n" for name, key in added.items())
        if added:
            gap = b"\n" if before and not before.endswith(b"\n") else b""
            _replace(path, before + gap + lines.encode())
    return tuple(added)


def _text(key: HostKey) -> str:
    return f"{key.kind} {base64.b64encode(key.blob).decode()}"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(path: Path, content: bytes) -> None:
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            _keep_manner(path, file.fileno())
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _keep_manner(path: Path, number: int) -> None:
    """Mode and owner stay as they were."""
    if not path.exists():
        os.fchmod(number, NEW_FILE)
        return
    stat = path.stat()
    os.fchmod(number, stat.st_mode & 0o7777)
    if (stat.st_uid, stat.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(number, stat.st_uid, stat.st_gid)
