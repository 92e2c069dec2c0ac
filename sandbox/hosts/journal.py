"""The truth about one agent: what it took, from where, and how far it came, for an outside reader.

One JSON object a line, in the order of events. `offset` and `until` are bytes in the file.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class What(StrEnum):
    """What happened to the agent or to one config's place in one file."""

    STARTED = "agent started"
    STOPPED = "agent stopped"  # clean: every place is in the checkpoint
    OVERLOADED = "agent restarts itself"  # STOPPED or KILLED follows, and STARTED after a while
    KILLED = "agent killed"  # what was read since the last dump will be read again
    TAKEN = "taken"  # first sight: offset = where reading begins, size = the file's size then
    RESUMED = "resumed"  # offset = the place the checkpoint held
    ROTATED = "rotated"  # a new file under the old name, read from its beginning
    TRUNCATED = "truncated"  # offset = where reading goes on
    REACHED = "reached"  # offset = how far the agent had shipped when it stopped or was killed
    LEFT = "left"  # the config no longer holds the file: its place (offset) is forgotten
    LOST = "lost from sight"  # the file was removed; what lay beyond offset is not read
    DISCARDED = "discarded"  # bytes from offset to until were refused by the service and given up


@dataclass(frozen=True)
class Entry:
    """One event; for `taken`, `size` at `at` is where "written since the start" begins."""

    at: float
    what: What
    config: str = ""
    file: str = ""
    dev: int = 0
    inode: int = 0
    size: int = 0
    offset: int = 0
    until: int = 0


class Journal:
    """Keeps entries in memory and, given a path, in a file that lies outside the host's root."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.entries: list[Entry] = []

    def note(self, entry: Entry) -> None:
        """Add one entry; it is in the file, if any, when this returns."""
        self.entries.append(entry)
        if self.path is None:
            return
        with self.path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(asdict(entry)) + "\n")

    def of(self, what: What) -> list[Entry]:
        """Return the entries of one sort, oldest first."""
        return [entry for entry in self.entries if entry.what is what]
