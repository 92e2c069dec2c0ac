"""One look at a job: claim it, make its next move while the pulse renews, give it back."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog

from bot.pulse import Hold, Pulse
from workflows.errors import Conflict, StoreAway
from workflows.model import Claim
from workflows.ports import Store

BROKEN = 30.0  # seconds until a job whose move broke off is looked at again

log = structlog.get_logger()


class Engine(Protocol):
    """What makes the move; see workflows.engine."""

    def advance(
        self,
        claim: Claim,
        say: Callable[[str], None],
        ours: Callable[[], None],
        saved: Callable[[Claim], None],
    ) -> float | None: ...

    def give_up(self, claim: Claim, ref: str) -> None: ...


class Mover:
    """One look at a job: claim it, make its next move, give it back."""

    def __init__(self, store: Store, engine: Engine, pulse: Pulse) -> None:
        self._store = store
        self._engine = engine
        self._pulse = pulse
        self._held: set[str] = set()
        self._lock = threading.Lock()

    def look(self, job_id: str) -> None:
        """Never raises: what goes wrong is logged, and the job stays due."""
        with structlog.contextvars.bound_contextvars(job=job_id), self._only(job_id) as only:
            if not only:
                return
            try:
                while self._move(job_id):
                    pass  # somebody clicked meanwhile, and that hint found the job taken
            except StoreAway as error:  # the claim runs out, and the job is due again
                log.warning("looking at a job", error=str(error))
            except Exception:
                log.exception("looking at a job")

    @contextmanager
    def _only(self, job_id: str) -> Iterator[bool]:
        """Redis may forget or expire a claim while its move still runs here."""
        with self._lock:
            only = job_id not in self._held
            self._held.add(job_id)
        try:
            yield only
        finally:
            if only:
                self._held.discard(job_id)

    def _move(self, job_id: str) -> bool:
        """One move; whether others changed the job while it was made."""
        asked = time.monotonic()
        claim = self._store.claim(job_id)
        if claim is None:
            return False
        with self._pulse.holding(claim, asked) as hold:
            seconds = self._make(hold)
        return self._store.release(hold.claim, seconds)

    def _make(self, hold: Hold) -> float | None:
        try:
            return self._engine.advance(hold.claim, hold.say, hold.ours, hold.now)
        except (Conflict, StoreAway) as error:  # what is saved counts; look again from there
            log.info("move dropped", kind=type(error).__name__, reason=str(error))
            return 0.0
        except Exception:
            ref = uuid.uuid4().hex[:6]
            log.exception("move broke off", ref=ref)
            return self._given_up(hold, ref)

    def _given_up(self, hold: Hold, ref: str) -> float | None:
        """Stopped for a person to see; if even that cannot be saved, looked at again later."""
        try:
            self._engine.give_up(hold.claim, ref)
        except Exception:
            log.exception("stopping the job", ref=ref, again_in=BROKEN)
            return BROKEN
        return None


def by_shape(jobs: Callable[[str], None], batches: Callable[[str], None]) -> Callable[[str], None]:
    """One look for all that is due: a batch's id is <job>/<errand>/<number>."""

    def look(due: str) -> None:
        (batches if "/" in due else jobs)(due)

    return look
