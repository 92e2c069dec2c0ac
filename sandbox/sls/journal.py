"""What was asked of the server, in order; tests read it to prove that nothing was written."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One request and its outcome; `account` is empty unless the signature was right.

    `wrote` says that a request of a writing kind succeeded; `error` is the errorCode or empty.
    """

    at: float
    method: str
    path: str
    query: str
    project: str
    account: str
    status: int
    error: str
    request_id: str
    wrote: bool


class Journal:
    """All entries since the start or the last `clear`."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = threading.Lock()
        self._entries: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """Append one entry."""
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()

    def since(self, mark: int = 0) -> tuple[Entry, ...]:
        """Entries from the `mark`-th on; `len(journal)` taken earlier is such a mark."""
        with self._lock:
            return tuple(self._entries[mark:])

    def writes(self, mark: int = 0) -> tuple[Entry, ...]:
        """Only those that changed something."""
        return tuple(entry for entry in self.since(mark) if entry.wrote)

    def __len__(self) -> int:
        """How many entries there are."""
        with self._lock:
            return len(self._entries)
