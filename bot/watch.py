"""Looks now and then whether what was agreed still holds; one worker at a time, no claim taken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

import structlog

from workflows.apps import Waits
from workflows.drift.agreed import over, watched
from workflows.drift.looks import HOSTS, drift
from workflows.drift.sight import ending, events, sentence
from workflows.errors import Conflict, StoreAway
from workflows.model import Drift, Event, Job
from workflows.ports import Clock, Notifier
from workflows.step import Context

NEWEST = 300  # jobs among which each app's newest migration is looked for
TURNS = 6  # rounds between two looks at the hosts themselves
TICK = 15.0  # seconds between two questions whether a round is due, at the most
ENDS = 5.0  # seconds for a round to end; what it has not saved the next one sees again

log = structlog.get_logger()


class WatchStore(Protocol):
    def once(self, key: str, seconds: float) -> bool: ...
    def newest(self, limit: int) -> Iterable[Job]: ...
    def note(self, job: Job, *events: Event) -> Job: ...


class Watch:
    """A round each `waits.watch` seconds, by whichever worker comes first.

    `world` makes the Context of a job, with hosts that need no claim; None where its app is no
    longer in the settings. What is found is saved only if nobody moved the job meanwhile: what
    people and workers do comes first.
    """

    def __init__(
        self,
        store: WatchStore,
        world: Callable[[Job], Context | None],
        notifier: Notifier,
        clock: Clock,
        waits: Waits,
        days: float,
    ) -> None:
        self._store, self._world, self._notifier, self._clock = store, world, notifier, clock
        self._every = waits.watch
        self._days = days
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

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
                log.warning("asking what is to be watched", error=str(error))
            except Exception:  # a watch that ends would leave every job unwatched
                log.exception("watching")

    def round(self) -> None:
        """Look at every job that is watched, if this round is nobody else's. Raises StoreAway."""
        if not self._store.once("watch", self._every):
            return
        for job in watched(self._store.newest(NEWEST)):
            if self._stopped.is_set():
                return
            with structlog.contextvars.bound_contextvars(job=job.id):
                self._look(job)

    def _look(self, job: Job) -> None:
        """One job's trouble must not keep the others from being looked at."""
        try:
            now = self._clock.now()
            if over(job, now, self._days):
                self._save(job, (), ending(job, self._days, now))
            elif context := self._world(job):
                change = drift(job, context, self._unlooked(job))
                self._save(job, change.drift, events(job, change, now))
        except Conflict:
            log.info("watching: somebody moved the job meanwhile")
        except StoreAway:
            raise
        except Exception:
            log.exception("watching")

    def _unlooked(self, job: Job) -> tuple[str, ...]:
        """The hosts themselves in most rounds. A little less than each six: a round may be early."""
        due = self._store.once(f"watch:{job.id}", (TURNS - 0.5) * self._every)
        return () if due else (HOSTS,)

    def _save(self, job: Job, found: tuple[Drift, ...], told: tuple[Event, ...]) -> None:
        known = {one.key for one in job.drift}
        for one in found:
            if one.quiet and one.key not in known:
                log.info("watching", error=sentence(one))
        if found == job.drift:
            return
        self._store.note(replace(job, drift=found), *told)
        self._notifier.show(job.id)
