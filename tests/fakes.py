"""In-memory ports, each trusted only through the contract test it shares with the real one."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field, replace

from tests.fake_sls import FakeSls
from workflows.chain import linked
from workflows.errors import ClaimLost, Conflict, Locked, UnknownJob
from workflows.model import ENDED, LOCKING, Claim, Event, Job, JobState

__all__ = ["FakeClock", "FakeNotifier", "FakeQueue", "FakeSls", "FakeStore"]


@dataclass
class FakeClock:
    time: float = 1_700_000_000.0

    def now(self) -> float:
        return self.time

    def tick(self, seconds: float) -> None:
        self.time += seconds


@dataclass
class FakeStore:
    """Dicts with the semantics of bot/store.py."""

    clock: FakeClock = field(default_factory=FakeClock)
    claim_seconds: float = 15.0
    hint_seconds: float = 30.0

    def __post_init__(self) -> None:
        self.saved: dict[str, Job] = {}
        self.claims: dict[str, tuple[str, float]] = {}
        self.due_at: dict[str, float] = {}
        self.locks: dict[str, str] = {}
        self.told: dict[str, list[Event]] = defaultdict(list)
        self.links: dict[str, str] = {}

    def create(self, job: Job, event: Event) -> None:
        self._lock(job)
        job, (event,) = linked(job, (event,))
        self.saved[job.id] = job
        self.due_at[job.id] = self.clock.now()
        self.told[job.id].append(event)

    def _lock(self, job: Job) -> None:
        if job.kind not in LOCKING:
            return
        if (holder := self.locks.setdefault(job.app, job.id)) != job.id:
            raise Locked(f"{job.app} is held by job {holder}", holder=holder)

    def load(self, job_id: str) -> Job:
        if job_id not in self.saved:
            raise UnknownJob(f"There is no job {job_id}.", "/logmigrate list shows the jobs.")
        return self.saved[job_id]

    def claim(self, job_id: str) -> Claim | None:
        if job_id not in self.saved or self._held(job_id):
            return None
        token, until = uuid.uuid4().hex, self.clock.now() + self.claim_seconds
        self.claims[job_id], self.due_at[job_id] = (token, until), until
        return Claim(self.saved[job_id], token)

    def _held(self, job_id: str, token: str | None = None) -> bool:
        held, until = self.claims.get(job_id, ("", 0.0))
        return until > self.clock.now() and token in {None, held}

    def renew(self, claim: Claim) -> bool:
        if self.claims.get(claim.job.id, ("", 0.0))[0] != claim.token:
            return False  # one that ran out comes back if nobody took the job meanwhile
        until = self.clock.now() + self.claim_seconds
        self.claims[claim.job.id] = (claim.token, until)
        self.due_at[claim.job.id] = until
        return True

    def commit(self, claim: Claim, job: Job, *events: Event) -> Claim:
        if not self._held(job.id, claim.token):
            raise ClaimLost(job.id)
        saved = self._write(job, *events)
        if saved.state in ENDED and self.locks.get(job.app) == job.id:
            del self.locks[job.app]
        return Claim(saved, claim.token)

    def _write(self, job: Job, *events: Event) -> Job:
        if self.saved[job.id].version != job.version:
            raise Conflict(job.id)
        saved, told = linked(replace(job, version=job.version + 1), events)
        self.saved[job.id] = saved
        self.told[job.id] += told
        return self.saved[job.id]

    def release(self, claim: Claim, seconds: float | None) -> bool:
        job_id = claim.job.id
        if not self._held(job_id, claim.token):
            return False
        del self.claims[job_id]
        changed = self.saved[job_id].version != claim.job.version
        if changed:
            self.due_at[job_id] = self.clock.now()
        elif seconds is None:
            self.due_at.pop(job_id, None)
        else:
            self.due_at[job_id] = self.clock.now() + seconds
        return changed

    def amend(self, job: Job, *events: Event) -> Job:
        if self.saved[job.id].version != job.version:
            raise Conflict(job.id)
        if self.saved[job.id].state is JobState.SUCCEEDED:
            self._lock(job)
        saved = self._write(job, *events)
        if not self._held(job.id):
            self.due_at[job.id] = self.clock.now()
        return saved

    def note(self, job: Job, *events: Event) -> Job:
        if self._held(job.id):
            raise Conflict(job.id)
        return self._write(job, *events)

    def due(self, limit: int = 100) -> tuple[str, ...]:
        now = self.clock.now()
        ids = sorted((at, job_id) for job_id, at in self.due_at.items() if at <= now)[:limit]
        self.due_at.update({job_id: now + self.hint_seconds for _, job_id in ids})
        return tuple(job_id for _, job_id in ids)

    def jobs(self, limit: int = 100) -> tuple[Job, ...]:
        newest = sorted(self.saved.values(), key=lambda job: job.created, reverse=True)
        return tuple(newest[:limit])

    def holder(self, app: str) -> str | None:
        return self.locks.get(app)

    def link(self, job_id: str) -> str:
        return self.links.get(job_id, "")


@dataclass
class FakeQueue:
    hints: list[str] = field(default_factory=list)
    full: bool = False

    def hint(self, job_id: str) -> None:
        self.hints.append(job_id)

    def crowded(self) -> bool:
        return self.full


@dataclass
class FakeNotifier:
    shown: list[str] = field(default_factory=list)

    def show(self, job_id: str) -> None:
        self.shown.append(job_id)
