"""What was asked of the server, in order; tests read it to prove that nothing was written."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

MOST = 20_000  # entries; a world that is up for days must not grow without bound


@dataclass(frozen=True)
class Entry:
    """One request and its outcome; `account` is empty unless the signature was right.

    `wrote` says that a request of a writing kind took effect; `error` is the errorCode or empty.
    `fault` names the kind of fault that it met, if any; `status` is 0 where no answer was sent.
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
    fault: str = ""


class Journal:
    """The newest `most` entries since the start or the last `clear`; `dropped` counts the rest."""

    def __init__(self, most: int = MOST) -> None:
        """Begin empty."""
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=most)
        self._added = 0

    def add(self, entry: Entry) -> None:
        """Append one entry; the oldest makes room."""
        with self._lock:
            self._entries.append(entry)
            self._added += 1

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._added = 0

    @property
    def dropped(self) -> int:
        """How many entries made room for newer ones."""
        with self._lock:
            return self._added - len(self._entries)

    def since(self, mark: int = 0) -> tuple[Entry, ...]:
        """Entries from the `mark`-th on; `len(journal)` taken earlier is such a mark.

        Raises LookupError where some of them were dropped: what is left would prove nothing.
        """
        with self._lock:
            dropped = self._added - len(self._entries)
            first = mark if mark >= 0 else max(0, self._added + mark)
            if first < dropped:
                what = f"reading the journal from entry {first} on: {dropped} are dropped"
                raise LookupError(
                    f"{what}; take a later mark, or keep more than {self._entries.maxlen}"
                )
            return tuple(self._entries)[first - dropped :]

    def writes(self, mark: int = 0) -> tuple[Entry, ...]:
        """Only those that changed something."""
        return tuple(entry for entry in self.since(mark) if entry.wrote)

    def __len__(self) -> int:
        """How many entries there were."""
        with self._lock:
            return self._added
