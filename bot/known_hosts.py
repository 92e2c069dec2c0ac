"""OpenSSH's known_hosts file, read once, and whether a host showed the key written there."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

STANDARD_PORT = 22


class HostKeyRefused(Exception):
    """The key that a host showed is not the one written down; the text names the way out."""


@dataclass(frozen=True)
class HostKey:
    """A public key: its type, such as ssh-ed25519, and its bytes as they go over the wire."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """`SHA256:…` as ssh-keygen -l prints it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode()
        return f"SHA256:{digest.rstrip('=')}"


@dataclass(frozen=True)
class _Line:
    names: str
    key: HostKey
    revoked: bool


@dataclass
class KnownHosts:
    """The keys of a known_hosts file by name; a port other than 22 makes the name `[host]:port`."""

    path: Path
    _plain: dict[str, list[HostKey]] = field(default_factory=dict)
    _odd: list[_Line] = field(default_factory=list)  # hashed names and patterns
    _revoked: list[_Line] = field(default_factory=list)
    _asked: dict[str, tuple[HostKey, ...]] = field(default_factory=dict)  # hashes cost time

    @classmethod
    def parse(cls, text: str, path: Path) -> KnownHosts:
        """Read the file's text; lines that are not understood vouch for no host."""
        known = cls(path)
        for line in filter(None, map(_line, text.splitlines())):
            known._add(line)
        return known

    def _add(self, line: _Line) -> None:
        if line.revoked:
            self._revoked.append(line)
        elif line.names.startswith("|") or re.search(r"[*?!]", line.names):
            self._odd.append(line)
        else:
            for name in line.names.lower().split(","):
                self._plain.setdefault(name, []).append(line.key)

    def keys(self, name: str) -> tuple[HostKey, ...]:
        """The keys written down for a host, by the name that `name_of` makes."""
        name = name.lower()
        if name not in self._asked:
            odd = (line.key for line in self._odd if _matches(line.names, name))
            self._asked[name] = (*self._plain.get(name, ()), *odd)
        return self._asked[name]

    def check(self, name: str, shown: HostKey) -> None:
        """Raise HostKeyRefused unless `shown` is written down for `name` and not revoked."""
        if self.is_revoked(name, shown):
            raise HostKeyRefused(self._revoked_text(name, shown))
        expected = self.keys(name)
        if shown not in expected:
            raise HostKeyRefused(self._refusal(name, shown, expected))

    def is_revoked(self, name: str, shown: HostKey) -> bool:
        """Whether the key is marked as one that must not be believed any more."""
        return any(line.key == shown and _matches(line.names, name) for line in self._revoked)

    def _revoked_text(self, name: str, shown: HostKey) -> str:
        return (
            f"its {shown.kind} key {shown.fingerprint} is marked @revoked in {self.path}; "
            f"give {name} a new host key and write that one there"
        )

    def _refusal(self, name: str, shown: HostKey, expected: Iterable[HostKey]) -> str:
        says = f"{shown.kind} {shown.fingerprint}"
        if known := [f"{key.kind} {key.fingerprint}" for key in expected]:
            return (
                f"its host key has changed: it shows {says}, {self.path} has "
                f"{', '.join(known)}; ask who changed it, then put the new key there"
            )
        return (
            f"its host key is unknown: {says} is not in {self.path} under {name}; compare it with "
            f"ssh-keygen -l on the host, then add the line; `logmigrate hosts trust` does that"
        )


def lines_for(text: str, name: str) -> tuple[int, ...]:
    """The numbers of the lines that vouch for a host, the first being 1."""
    lines = [(number, _line(line)) for number, line in enumerate(text.splitlines(), 1)]
    return tuple(n for n, line in lines if line and not line.revoked and _matches(line.names, name))


def name_of(address: str, port: int) -> str:
    """The name under which known_hosts keeps a host."""
    return address if port == STANDARD_PORT else f"[{address}]:{port}"


def read_known_hosts(path: Path) -> KnownHosts:
    """Read the file, at once where it has not changed since. Raises OSError."""
    stat = path.stat()
    return _read(path, (stat.st_ino, stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=4)
def _read(path: Path, _stamp: tuple[int, int, int]) -> KnownHosts:
    return KnownHosts.parse(path.read_text(encoding="utf-8", errors="replace"), path)


def _line(text: str) -> _Line | None:
    words = text.split()
    # A certificate authority is no host key: a host it signed for counts as unknown.
    if not words or words[0].startswith("#") or words[0] == "@cert-authority":
        return None
    revoked = words[0] == "@revoked"
    names, kind, encoded = (*words[revoked:], "", "", "")[:3]
    try:
        blob = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    return _Line(names, HostKey(kind, blob), revoked) if blob else None


def _matches(names: str, name: str) -> bool:
    if names.startswith("|"):
        return _is_hash_of(names, name)
    patterns = names.lower().split(",")
    if any(p.startswith("!") and _fits(p[1:], name.lower()) for p in patterns):
        return False
    return any(_fits(pattern, name.lower()) for pattern in patterns)


def _is_hash_of(hashed: str, name: str) -> bool:
    """Whether `|1|salt|hash` is the HMAC-SHA1 of the name, as `HashKnownHosts yes` writes it."""
    try:
        _, version, salt, digest = hashed.split("|")
        expected = hmac.digest(base64.b64decode(salt), name.lower().encode(), "sha1")
        return version == "1" and hmac.compare_digest(expected, base64.b64decode(digest))
    except ValueError:
        return False


def _fits(pattern: str, name: str) -> bool:
    # Not fnmatch: it reads the brackets of [host]:port as a set of characters.
    wild = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(wild, name) is not None
