"""
The jobs, in Redis. All writes are Lua (bot/lua) on the server's clock; each may be run twice.

Keys, each behind the prefix; those of the sender of messages are in bot/outbox.py:

* job:<job>        hash    record (JSON, bot/wire.py), version, and while claimed: token,
                           claim_until and claimed (ms); made, committed, amended, noted: the token
                           of the last call of its kind, so that a call sent twice acts once
* due              zset    job id -> when it must next be looked at, ms: queue, timer and redelivery;
                           batches of host work lie there too (bot/errands.py)
* lock:<app>       string  id of the job that holds the app; no expiry, freed when that job ends
* jobs             zset    job id -> when it was created, seconds
* report:<job>     string  the record since its end, without snapshots

A job that has ended is kept for `keep_days`, then Redis drops it by itself; its report and its
events stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

import redis
import structlog

from bot.outbox import Outbox, new_token
from bot.redis_server import Server, millis, text
from bot.store_answers import heed, unknown
from bot.wire import Cipher, pack_event, pack_job, pack_report, unpack_job
from workflows.chain import linked
from workflows.errors import StepFailed, UnknownJob
from workflows.model import ENDED, LOCKING, Claim, Event, Job

UNREADABLE = 60.0  # seconds until a job that this program cannot read is looked at again
DAY = 86400.0
AT_ONCE = 20  # records read in one go
CHANGED = 2  # what release.lua answers where somebody amended the job meanwhile

log = structlog.get_logger()


class RedisStore(Outbox):
    """ports.Store on one Redis; safe to share between threads."""

    def __init__(
        self,
        client: redis.Redis,
        cipher: Cipher,
        claim_seconds: float = 8.0,
        hint_seconds: float = 4.0,
        prefix: str = "{logmigrate}",
        keep_days: float = 90.0,
    ) -> None:
        super().__init__(Server(client, grace_seconds=claim_seconds), prefix, claim_seconds)
        self._cipher = cipher
        self.hint_seconds = hint_seconds
        self._keep_seconds = keep_days * DAY

    def create(self, job: Job, event: Event) -> None:
        """Save a new job, due now. Raises Locked, and Conflict where the id is taken."""
        job, (event,) = linked(job, (event,))
        keys = (*self._job_keys(job), self._key("events", job.id), self._key("jobs"), *self._marks)
        locks = int(job.kind in LOCKING)
        record, told = self._packed(job), json.dumps(pack_event(event))
        args = (job.id, new_token(), record, job.version, locks, job.created, told)
        heed(self._server.run("create", keys, *args), job)
        _tell(job, event)

    def load(self, job_id: str) -> Job:
        """Raises UnknownJob, and StepFailed where a newer program wrote it."""
        key = self._key("job", job_id)
        record = self._server.ask(lambda client: client.hget(key, "record"))
        if record is None:
            raise unknown(job_id)
        return self._unpacked(record)

    def kept(self, job_id: str) -> Job:
        """The job, or what its report says of it after Redis has dropped it. Raises UnknownJob."""
        try:
            return self.load(job_id)
        except UnknownJob:
            report = self._server.ask(lambda client: client.get(self._key("report", job_id)))
            if report is None:
                raise
        return self._unpacked(cast("bytes", report))

    def claim(self, job_id: str) -> Claim | None:
        """Take the job for one claim length; after trouble with Redis only one given back."""
        keys = (self._key("job", job_id), self._key("due"))
        token, grace = new_token(), int(self._server.in_grace)
        record = self._server.run("claim", keys, job_id, token, millis(self.claim_seconds), grace)
        if record is None:
            return None
        try:
            return Claim(self._unpacked(record), token)
        except StepFailed:
            self._let_go(job_id, token, json.loads(record)["version"], UNREADABLE)
            raise

    def renew(self, claim: Claim) -> bool:
        """Prolong the claim by one length; False if it is no longer ours."""
        keys = (self._key("job", claim.job.id), self._key("due"))
        length = millis(self.claim_seconds)
        return bool(self._server.run("renew", keys, claim.job.id, claim.token, length))

    def commit(self, claim: Claim, job: Job, *events: Event) -> Claim:
        """Save under the claim. Raises ClaimLost, or Conflict if somebody amended the job."""
        return Claim(self._save(job, events, claim.token), claim.token)

    def amend(self, job: Job, *events: Event) -> Job:
        """Save without a claim, due now. Raises Conflict, and Locked if the app is held again."""
        return self._save(job, events, token="")

    def note(self, job: Job, *events: Event) -> Job:
        """Save what was seen beside all moves. Raises Conflict also while a claim lasts."""
        saved, events = linked(replace(job, version=job.version + 1), events)
        report = self._key("report", job.id)
        keys = (self._key("job", job.id), self._key("events", job.id), *self._marks, report)
        told = [json.dumps(pack_event(event)) for event in events]
        args = (job.id, new_token(), job.version, saved.version, self._packed(saved))
        heed(self._server.run("note", keys, *args, _told_of(saved), *told), job)
        _tell(job, *events)
        return saved

    def release(self, claim: Claim, seconds: float | None) -> bool:
        """Give the claim back; one that is no longer ours is left alone. True: changed meanwhile."""
        return self._let_go(claim.job.id, claim.token, claim.job.version, seconds)

    def due(self, limit: int = 100) -> tuple[str, ...]:
        """Ids to look at now; none within one claim length of trouble with Redis."""
        if self._server.in_grace:
            # Ask all the same: grace counts from the last failure, so it must be noticed.
            self._server.ask(lambda client: client.ping())
            return ()
        keys, hint = (self._key("due"),), millis(self.hint_seconds)
        return tuple(text(job_id) for job_id in self._server.run("due", keys, limit, hint))

    def jobs(self, limit: int = 100) -> tuple[Job, ...]:
        """The newest first, without those that cannot be read; what Redis has dropped leaves it."""
        return tuple(self.newest(limit))

    def newest(self, limit: int) -> Iterator[Job]:
        """As `jobs`, but read bit by bit: that of a large fleet takes a megabyte."""
        listed = self._server.ask(lambda client: client.zrevrange(self._key("jobs"), 0, limit - 1))
        ids = [text(job_id) for job_id in cast("list[bytes]", listed)]
        for at in range(0, len(ids), AT_ONCE):
            yield from self._readable(ids[at : at + AT_ONCE])

    def holder(self, app: str) -> str | None:
        """Id of the job that holds the app's lock."""
        found = self._server.ask(lambda client: client.get(self._key("lock", app)))
        return None if found is None else text(cast("bytes", found))

    def time(self) -> float:
        """The server's clock, by which claims and what is due are measured too."""
        return self._server.time()

    def server(self) -> str:
        """What serves here, and where."""
        return f"{self._server.kind()} at {self._server.where}"

    def ids(self) -> list[str]:
        """Of all jobs, the oldest first; Redis may have dropped some of them."""
        listed = self._server.ask(lambda client: client.zrange(self._key("jobs"), 0, -1))
        return [text(job_id) for job_id in cast("list[bytes]", listed)]

    def unreadable(self) -> tuple[str, ...]:
        """Ids of jobs that this program cannot read, with its keys, of the newest 1,000."""
        ids = self.ids()[-1000:]
        pairs = zip(ids, self._records(ids), strict=True)
        return tuple(i for i, record in pairs if record and self._if_readable(record) is None)

    def check(self) -> None:
        """Raises StoreAway, with the command that helps, where Redis could lose or evict jobs."""
        self._server.check()

    def _save(self, job: Job, events: Sequence[Event], token: str) -> Job:
        saved, events = linked(replace(job, version=job.version + 1), events)
        ended = job.state in ENDED
        posts = self._key("posts", job.id)
        report = self._key("report", job.id)
        keys = (*self._job_keys(job), self._key("events", job.id), *self._marks, posts, report)
        locks = int(job.kind in LOCKING and not ended)
        record, kept = self._packed(saved), millis(self._keep_seconds)
        args = (new_token(), token, job.version, saved.version, record, locks)
        told = [json.dumps(pack_event(event)) for event in events]
        heed(self._server.run("save", keys, job.id, *args, _told_of(saved), kept, *told), job)
        _tell(job, *events)
        return saved

    def _let_go(self, job_id: str, token: str, version: int, seconds: float | None) -> bool:
        names = (("job", job_id), ("due",), ("working", job_id))
        keys = (*(self._key(*name) for name in names), *self._marks)
        later = "" if seconds is None else millis(seconds)
        answer = self._server.run("release", keys, job_id, token, version, later, new_token())
        return int(answer) == CHANGED

    def _job_keys(self, job: Job) -> tuple[str, str, str]:
        return self._key("job", job.id), self._key("due"), self._key("lock", job.app)

    def _records(self, ids: Sequence[str]) -> list[bytes | None]:
        def ask(client: redis.Redis) -> list[bytes | None]:
            line = client.pipeline(transaction=False)
            for job_id in ids:
                line.hget(self._key("job", job_id), "record")
            return line.execute()

        return self._server.ask(ask)

    def _readable(self, ids: Sequence[str]) -> Iterator[Job]:
        records = self._records(ids)
        gone = [job_id for job_id, record in zip(ids, records, strict=True) if record is None]
        if gone:
            self._server.ask(lambda client: client.zrem(self._key("jobs"), *gone))
        readable = (self._if_readable(record) for record in records if record is not None)
        yield from (job for job in readable if job is not None)

    def _packed(self, job: Job) -> str:
        return json.dumps(pack_job(job, self._cipher))

    def _if_readable(self, record: bytes) -> Job | None:
        """One job whose key is lost must not hide all others."""
        try:
            return self._unpacked(record)
        except StepFailed as error:
            log.warning("leaving a job out of the list", why=str(error), hint=error.hint)
            return None

    def _unpacked(self, record: bytes | str) -> Job:
        return unpack_job(json.loads(record), self._cipher)


def _told_of(job: Job) -> str:
    """What is kept of it for good once it has ended; what the watch sees later belongs to it."""
    return json.dumps(pack_report(job)) if job.state in ENDED else ""


def _tell(job: Job, *events: Event) -> None:
    """The log has every event too, for whoever reads it beside the channel."""
    for event in events:
        said = {"step": event.step, "who": event.who, "said": event.text}
        told = {name: value for name, value in said.items() if value}
        log.info(event.kind.value, job=job.id, app=job.app, **told)
