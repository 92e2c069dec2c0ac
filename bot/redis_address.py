"""Where Redis is: one server, or one that sentinels know by a name."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True)
class Address:
    """Where Redis is. With `sentinels`, the host in `url` is the name they know the server by.

    `url` is redis[s]://[user:password@]host[:port]/database or unix://path, and may hold a password.
    """

    url: str = field(repr=False)
    sentinels: tuple[tuple[str, int], ...] = ()
    sentinel_password: str = field(default="", repr=False)
    ca_file: Path | None = None  # whose certificates are trusted, instead of the system's

    @property
    def next_database(self) -> Address | None:
        """The same server's next database; None where the address tells no number of one."""
        parts = urlsplit(self.url)
        number = parts.path.strip("/") or "0"
        if parts.scheme not in {"redis", "rediss"} or not number.isdigit():
            return None
        return replace(self, url=urlunsplit(parts._replace(path=f"/{int(number) + 1}")))
