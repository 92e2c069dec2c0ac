"""What hosts answer is written down while the others are still at work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from workflows.errors import ClaimLost, StoreAway
from workflows.model import HostResult

EVERY = 0.1  # seconds between two writes
BEAT = 1.0  # seconds after which one is made though nobody answered: it asks whether to go on


class Keeping:
    """One thread writes what `heard` was told; `heard` raises once that does not count any more.

    `keep` answers False where the work is no longer ours; while it raises StoreAway it is called
    again, for `patience` seconds, half of what a claim is given for. `since`: the monotonic time
    when the claim was asked for. Leaving the block writes the rest, or raises what ended it.
    """

    def __init__(
        self,
        keep: Callable[[Sequence[HostResult]], bool],
        patience: float,
        every: float = EVERY,
        since: float | None = None,
    ) -> None:
        self._keep = keep
        self._patience = patience
        self._every = every
        self._waiting: list[HostResult] = []
        self._written = time.monotonic() if since is None else since
        self._trouble: Exception | None = None
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeping", daemon=True)

    def heard(self, result: HostResult) -> None:
        """Raises ClaimLost or StoreAway: start no more hosts."""
        with self._lock:
            self._waiting.append(result)
        self.check()

    def check(self) -> None:
        """Raises too where this process stood still for so long that others may be at it."""
        if self._trouble is not None:
            raise self._trouble
        if time.monotonic() - self._written >= 2 * self._patience:
            raise _lost()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        if error is not None and error is self._trouble:
            return
        self.check()
        self._last()

    def _last(self) -> None:
        """What is still unwritten; now there is nobody to do it later."""
        if self._waiting and not self._keep(self._waiting):
            raise _lost()

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            beat = time.monotonic() - self._written >= min(BEAT, self._patience / 2)
            if (self._waiting or beat) and self._trouble is None:
                self._write()

    def _write(self) -> None:
        with self._lock:
            told, self._waiting = self._waiting, []
        asked = time.monotonic()  # the claim is prolonged some time after that, not before
        try:
            if self._keep(told):
                self._written = asked
            else:
                self._trouble = _lost()
        except StoreAway as away:
            self._again(told, away)
        except Exception as error:  # noqa: BLE001 - raised where the hosts are asked
            self._trouble = error

    def _again(self, told: list[HostResult], away: StoreAway) -> None:
        with self._lock:
            self._waiting = [*told, *self._waiting]
        if time.monotonic() - self._written >= self._patience:
            self._trouble = away


def _lost() -> ClaimLost:
    return ClaimLost("keeping what hosts answered: the job went on without this worker")
