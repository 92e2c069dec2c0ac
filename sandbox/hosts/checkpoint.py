"""The places an agent has reached, kept on the host's disk between two lives of the agent."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sandbox.hosts.root import CHECKPOINT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.hosts.disk import Disk


@dataclass(frozen=True)
class Place:
    """How far one config has come in one file, keyed by (dev, inode, config).

    Source: CheckPointManager.h CheckPointKey. `path` is the name the file was first read under;
    `sample` and `sample_size` fingerprint its first bytes, so that a reused inode is noticed.
    """

    config: str
    path: str
    dev: int
    inode: int
    offset: int
    sample: str = ""
    sample_size: int = 0


def dump(disk: Disk, places: Iterable[Place]) -> None:
    """Write all places, whole or not at all."""
    kept = {"check_point": [asdict(place) for place in places]}
    disk.replace(CHECKPOINT, json.dumps(kept, indent=1) + "\n")


def load(disk: Disk) -> tuple[Place, ...]:
    """Return the places in the order they were written; none where no checkpoint exists."""
    text = disk.read(CHECKPOINT)
    if text is None:
        return ()
    kept = json.loads(text)
    return tuple(Place(**place) for place in kept["check_point"])
