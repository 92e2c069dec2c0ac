"""One host as seen from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Host:
    """What one needs to know to reach a host and to read its files."""

    name: str
    address: str
    port: int
    user: str
    key_file: Path
    root: Path
    ip: str
    unique_id: str
    truth: Path
