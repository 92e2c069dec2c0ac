"""The heartbeat of a worker: one thread renews its claims and says what the moves are doing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import structlog

from workflows.errors import ClaimLost, StoreAway
from workflows.model import Claim

SAY_EVERY = 1.0  # seconds; what a move says is saved at most this often
BEATS = 3  # renewals in one claim length
MISSES = 2  # renewals in a row that may not be missing

log = structlog.get_logger()


class ClaimStore(Protocol):
    def renew(self, claim: Claim) -> bool: ...
    def note_working(self, claim: Claim, said: str) -> bool: ...


class Hold:
    """A claim while its move runs. `ours` is what a step asks before each effect."""

    def __init__(self, claim: Claim, asked: float, length: float) -> None:
        self.claim = claim
        self.said = ""
        self.noted = ""  # what of it the store knows
        self._length = length
        self._renewed = asked
        self._misses = 0
        self._refused = False

    def ours(self) -> None:
        """Raises ClaimLost once a renewal was refused, or two in a row did not get through."""
        late = time.monotonic() - self._renewed >= self._length
        if self._refused or self._misses >= MISSES or late:
            why = "somebody else may have it" if self._refused else "Redis could not be told"
            raise ClaimLost(f"moving job {self.claim.job.id}: the claim is not renewed, {why}")

    def say(self, text: str) -> None:
        """What the move is doing, for the chat."""
        self.said = text

    def now(self, claim: Claim) -> None:
        """The claim after a commit: same token, next version."""
        self.claim = claim

    def renewed(self, asked: float) -> None:
        """A renewal asked for at `asked` got through."""
        self._renewed, self._misses = asked, 0

    def missed(self) -> None:
        self._misses += 1

    def refused(self) -> None:
        self._refused = True


class Pulse:
    """Renews all held claims each `every` seconds (a third of a claim); touches `alive` as well."""

    def __init__(self, store: ClaimStore, every: float, alive: Path | None = None) -> None:
        self._store = store
        self._every = every
        self._alive = alive
        self._next = 0.0  # when claims are to be renewed again, monotonic
        self._holds: dict[str, Hold] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Renews no more; what is still held runs out."""
        self._stopped.set()
        self._thread.join()

    @contextmanager
    def holding(self, claim: Claim, asked: float | None = None) -> Iterator[Hold]:
        """Renew the claim meanwhile; `asked` is the monotonic time before it was claimed."""
        hold = Hold(claim, time.monotonic() if asked is None else asked, BEATS * self._every)
        with self._lock:
            self._holds[claim.token] = hold
        try:
            yield hold
        finally:
            with self._lock:
                self._holds.pop(claim.token)

    def _run(self) -> None:
        tick = min(SAY_EVERY, self._every)
        while not self._stopped.wait(tick):
            try:
                if time.monotonic() >= self._next:
                    self._next = time.monotonic() + self._every - tick / 2
                    self._beat()
                else:
                    self._note()
            except Exception:  # a heartbeat that ends would end all moves
                log.exception("beating")

    def _held(self) -> list[Hold]:
        with self._lock:
            return list(self._holds.values())

    def _beat(self) -> None:
        """Renews first; the words and the file can wait."""
        away = False
        for hold in self._held():
            away = away or not self._renew(hold)
            if away:  # asking for each one would take longer than the claims last
                hold.missed()
        if not away:
            self._tell(self._held())
        if self._alive is not None:
            self._alive.touch()

    def _renew(self, hold: Hold) -> bool:
        asked = time.monotonic()
        try:
            if self._store.renew(hold.claim):
                hold.renewed(asked)
            else:
                hold.refused()
        except StoreAway as error:
            log.warning("renewing a claim", job=hold.claim.job.id, error=str(error))
            return False
        return True

    def _note(self) -> None:
        self._tell([hold for hold in self._held() if hold.said != hold.noted])

    def _tell(self, holds: list[Hold]) -> None:
        for hold in holds:
            if time.monotonic() >= self._next:  # a Redis this slow has time for claims only
                return
            said = hold.said
            try:
                self._store.note_working(hold.claim, said)
            except StoreAway as error:
                log.warning("noting what a move does", error=str(error))
                return
            hold.noted = said
