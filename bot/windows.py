"""Looks now and then whether both sides collect for too long: people are asked, and if need be it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Protocol

import structlog

from workflows.apps import Prices, Waits
from workflows.errors import Conflict, StoreAway
from workflows.model import Event, EventKind, Job, JobState
from workflows.ports import Clock, Notifier
from workflows.pressed import turned
from workflows.step import Workflow
from workflows.window import asks, noted, unanswered, window

NEWEST = 300  # jobs; of an app at most one has not ended
TICK = 15.0  # seconds between two questions whether a round is due, at the most
ENDS = 5.0  # seconds for a round to end; what it has not saved the next one sees again

log = structlog.get_logger()


class WindowStore(Protocol):
    def once(self, key: str, seconds: float) -> bool: ...
    def newest(self, limit: int) -> Iterable[Job]: ...
    def note(self, job: Job, *events: Event) -> Job: ...
    def amend(self, job: Job, *events: Event) -> Job: ...


class Windows:
    """A round now and then, by whichever worker comes first.

    What it saves counts only if nobody moved the job meanwhile: what people do comes first. `ends`:
    whether a window that nobody answers about ends by itself.
    """

    def __init__(
        self,
        store: WindowStore,
        workflow: Workflow,
        notifier: Notifier,
        clock: Clock,
        waits: Waits,
        prices: Prices,
        *,
        ends: bool,
    ) -> None:
        self._store, self._workflow, self._notifier = store, workflow, notifier
        self._clock, self._waits, self._prices, self._ends = clock, waits, prices, ends
        self._every = min(waits.watch, waits.answer / 4, waits.dual / 4)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="windows", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(ENDS)

    def _run(self) -> None:
        while not self._stopped.wait(min(self._every / 4, TICK)):
            try:
                self.round()
            except StoreAway as error:
                log.warning("asking whose both sides collect", error=str(error))
            except Exception:  # one that ends would leave every window open
                log.exception("looking at the time both sides collect")

    def round(self) -> None:
        """Look at every job whose both sides collect, if this round is nobody else's."""
        if not self._store.once("windows", self._every):
            return
        for job in self._store.newest(NEWEST):
            if self._stopped.is_set():
                return
            self._look(job)

    def _look(self, job: Job) -> None:
        try:
            if window(job, self._waits) and self._saved(job, self._clock.now()):
                self._notifier.show(job.id)
        except Conflict:
            log.info("looking at the time both sides collect: somebody moved it", job=job.id)
        except StoreAway:
            raise
        except Exception:  # one job's trouble must not leave the windows of others open
            log.exception("looking at the time both sides collect", job=job.id)

    def _saved(self, job: Job, now: float) -> bool:
        """Whether there was anything to save."""
        if self._ends and (why := unanswered(job, self._waits, now)):
            back = turned(job, self._workflow, now).moved(JobState.UNDOING, why)
            self._store.amend(back, Event(now, job.id, EventKind.TURNED, text=why))
            return True
        told = noted(job, self._waits, self._prices, now)
        if question := asks(told, self._waits, now, ends=self._ends):
            told, event = question
            self._store.note(told, event)
        elif told != job:
            self._store.note(told)
        return told != job
