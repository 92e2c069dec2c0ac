"""When the target received the first line of each file, and which lines are from before that. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

MOST = 5_000  # files of which it is kept


@dataclass
class Starts:
    """First receipts, by host and file; `live` is when the target's config came to be, 0: unknown.

    An agent that takes a config begins up to 1 MiB before the file's end. Lines from before the
    file's first receipt, and before `until`, are that overlap. Where `live` is unknown none counts.
    """

    live: int
    until: int
    overlap: int = 0
    hosts: dict[str, int] = field(default_factory=dict)
    files: dict[str, dict[str, int]] = field(default_factory=dict)

    def saw(self, host: str, file: str, at: int) -> None:
        """The file's lines were received then, and maybe before."""
        self.hosts[host] = min(self.hosts.get(host, at), at)
        files, name = self.files.setdefault(host, {}), short(file)
        if name in files or sum(map(len, self.files.values())) < MOST:
            files[name] = min(files.get(name, at), at)

    def take(self, host: str, file: str, end: int, lines: int) -> None:
        """Lines of the target whose own time is before `end`, and that are not compared."""
        if self.live and end <= min(self.first(host, file), self.until):
            self.overlap += lines

    def first(self, host: str, file: str) -> int:
        """The file's first receipt; `until` where it is not known."""
        return self.first_of(host, short(file))

    def first_of(self, host: str, name: str) -> int:
        """The same of a file by its short name."""
        return self.files.get(host, {}).get(name, self.until)

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Starts:
        """From JSON."""
        files = {host: dict(names) for host, names in facts["files"].items()}
        return cls(**{**facts, "hosts": dict(facts["hosts"]), "files": files})


def short(file: str) -> str:
    """What a file is called here."""
    return blake2b(file.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
