"""A host as the settings name it, how long to wait for it, and what it answered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class SshTrouble(Exception):
    """Why a host could not be asked: one sentence with the host in it."""


@dataclass(frozen=True)
class SshTarget:
    """Where a host is, and as whom the bot logs in; `jump` is the host that leads to it."""

    name: str
    address: str
    port: int
    user: str
    key_file: Path
    sudo: bool = False
    jump: SshTarget | None = None

    @property
    def place(self) -> str:
        """`h2 (10.0.0.12:22)`."""
        return f"{self.name} ({self.address}:{self.port})"


@dataclass(frozen=True)
class Patience:
    """Seconds to wait for each part of a session."""

    connect: float = 10.0
    banner: float = 10.0
    auth: float = 10.0
    command: float = 60.0

    @property
    def handshake(self) -> float:
        """For the banner and the exchange of keys together."""
        return self.banner + self.auth


@dataclass(frozen=True)
class Answer:
    """How a script ended and what it wrote; `begun` is False where no shell ever read it."""

    status: int
    out: bytes
    err: bytes
    begun: bool = True


def reason_of(error: BaseException) -> str:
    """What went wrong in small letters: `connection refused`, `no such file or directory`."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    text = text or type(error).__name__
    return text[0].lower() + text[1:]
