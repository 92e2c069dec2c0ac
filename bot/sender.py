"""The thread that tells Slack. One visit per job with news; trouble with one job is not another's."""

from __future__ import annotations

import threading
import time
import uuid

import structlog

from bot.posts import Chat, Pace, Posts
from bot.slack import Limited, Shut, SlackTrouble, Unheard
from bot.store import RedisStore
from workflows.errors import StoreAway, UnknownJob
from workflows.step import Workflow

LEASE = 15.0  # seconds a job is ours without a word; longer than one call to Slack may take
AT_ONCE = 10  # jobs taken from the list at a time
BUSY = 1.0  # seconds until another look at a job that another sender has
LONGEST = 60.0  # seconds between two tries after trouble that may pass
SHUT_FOR = 60.0  # seconds between two tries where a person has to act

log = structlog.get_logger()


class Taken(Exception):
    """Another sender has the job; it tells what there is to tell."""


class Sender:
    """Tells Slack what `store` has marked as unposted; runs in each worker, one posts per job."""

    def __init__(
        self,
        store: RedisStore,
        chat: Chat,
        workflow: Workflow,
        *,
        approvers: frozenset[str] = frozenset(),
        update_every: float = 3.0,
        spacing: float = 1.2,
        look_every: float = 0.5,
    ) -> None:
        self._store, self._chat, self._workflow = store, chat, workflow
        self._approvers, self._update_every = approvers, update_every
        self._pace, self._look_every = Pace(spacing), look_every
        self._token = uuid.uuid4().hex
        self._tries: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        self._wake, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is something to tell: look now."""
        self._wake.set()

    def close(self, timeout: float = 15.0) -> None:
        """End after the call to Slack that is under way; what is left stays marked."""
        self._ending.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._ending.is_set():
            self._wake.wait(self._look_every)
            self._wake.clear()
            try:
                if self.round() == AT_ONCE:
                    self._wake.set()
            except StoreAway as away:
                log.warning("telling Slack what is new", why=str(away))
                self._ending.wait(BUSY)
            except Exception:
                log.exception("telling Slack what is new")
                self._ending.wait(BUSY)

    def round(self) -> int:
        """Visit each job that has something to tell; how many there were. Raises StoreAway."""
        marked = self._store.unposted(AT_ONCE, LEASE)
        for job_id in marked:
            if self._ending.is_set():
                self._store.put_off(job_id, 0.0)
            else:
                self._visit(job_id)
        return len(marked)

    def _visit(self, job_id: str) -> None:
        resting = self._not_before.get(job_id, 0.0) - time.monotonic()
        pause = resting if resting > 0 else self._settled(job_id)
        if pause is None:
            self._store.posted(job_id)
        else:
            self._store.put_off(job_id, pause)

    def _settled(self, job_id: str) -> float | None:
        """Seconds until the next visit, or None if all is told."""
        try:
            pause = self._tell(job_id)
        except Taken:
            return BUSY
        except UnknownJob:
            return None
        except StoreAway:
            raise
        except Exception as trouble:  # noqa: BLE001 - one job's trouble is not the others'
            return self._troubled(job_id, trouble)
        self._tries.pop(job_id, None)
        self._not_before.pop(job_id, None)
        return pause

    def _tell(self, job_id: str) -> float | None:
        self._hold(job_id)
        try:
            return self._posts(job_id).tell()
        finally:
            self._store.sender_unlock(job_id, self._token)

    def _posts(self, job_id: str) -> Posts:
        return Posts(
            store=self._store,
            chat=self._chat,
            workflow=self._workflow,
            approvers=self._approvers,
            pace=self._pace,
            update_every=self._update_every,
            job=self._store.load(job_id),
            hold=lambda: self._hold(job_id),
        )

    def _hold(self, job_id: str) -> None:
        if not self._store.sender_lock(job_id, self._token, LEASE):
            raise Taken(job_id)

    def _troubled(self, job_id: str, trouble: Exception) -> float:
        tries = self._tries.get(job_id, 0)
        self._tries[job_id] = tries + 1
        pause = min(2.0 ** min(tries, 16), LONGEST)
        match trouble:
            case Limited():
                pause = trouble.seconds
                log.info("Slack wants a pause", job=job_id, seconds=pause)
            case Shut():
                pause = SHUT_FOR
                log.error("Slack is shut for this job", job=job_id, why=str(trouble), again=pause)
            case Unheard() | SlackTrouble():
                log.warning("telling Slack", job=job_id, why=str(trouble), again=pause)
            case _:
                log.error("telling Slack", job=job_id, again=pause, exc_info=trouble)
        self._not_before[job_id] = time.monotonic() + pause
        return pause
