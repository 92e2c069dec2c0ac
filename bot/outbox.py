"""
What the sender of chat messages reads and notes: which jobs have something to tell, their events,
where their messages stand, and what a worker is doing right now.

Keys, each behind the prefix (one hash tag, so that a cluster keeps them on one node):

* unposted         zset    job id -> when its sender must look, ms; a new mark makes that "now"
* marks            hash    job id -> token of its newest mark; an older one strikes nothing off
* events:<job>     stream  field `event`: one event as JSON (bot/wire.py)
* posts:<job>      hash    where messages stand; the sender's own fields, and `link`
* working:<job>    hash    since, beat (ms), said; expires when its worker stops renewing
* sender:<job>     string  token of the one sender that may post for this job; expires
* once:<key>       string  seen before; expires
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import cast

from bot.redis_server import Server, millis, text
from bot.wire import unpack_event
from workflows.model import Claim, Event


@dataclass(frozen=True)
class Working:
    """A move under way: when it began and last gave a sign (epoch seconds), what it does."""

    since: float
    beat: float
    said: str


class Outbox:
    """Sent at least once: a mark stays until what it stands for is struck off by `posted`."""

    def __init__(self, server: Server, prefix: str, claim_seconds: float) -> None:
        self.claim_seconds = claim_seconds
        self._server = server
        self._prefix = prefix
        self._leased: dict[str, str] = {}  # job id -> the mark that `unposted` handed out

    def close(self) -> None:
        """Let go of the connections; the next question would open new ones."""
        self._server.close()

    def unposted(self, limit: int = 20, lease_seconds: float = 30.0) -> tuple[str, ...]:
        """Jobs with something to tell, the longest waiting first; come back after one lease."""
        taken = self._server.run("unposted", self._marks, limit, millis(lease_seconds))
        words = [text(word) for word in taken]
        leased = dict(zip(words[::2], words[1::2], strict=True))
        self._leased.update(leased)
        return tuple(leased)

    def posted(self, job_id: str) -> bool:
        """Strike the job off; False, and it stays, if it was marked anew since `unposted`."""
        leased = self._leased.pop(job_id, "")
        return bool(self._server.run("posted", self._marks, job_id, leased, ""))

    def put_off(self, job_id: str, seconds: float) -> None:
        """Look again in `seconds`, or at once if the job is marked anew."""
        leased = self._leased.pop(job_id, "")
        self._server.run("posted", self._marks, job_id, leased, millis(seconds))

    def mark_unposted(self, job_id: str) -> None:
        """Have the job drawn again although its record did not change."""
        self._server.run("mark", self._marks, job_id, new_token())

    def events(
        self, job_id: str, after: str = "0-0", limit: int = 100
    ) -> tuple[tuple[str, Event], ...]:
        """Stream id and event, oldest first, without the one at `after`."""
        key = self._key("events", job_id)
        found = self._server.ask(lambda client: client.xrange(key, f"({after}", "+", limit))
        entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", found)
        return tuple((text(entry), _event(fields)) for entry, fields in entries)

    def story(self, job_id: str) -> list[Event]:
        """All events of a job, oldest first; kept for good."""
        found: list[Event] = []
        after = "0-0"
        while page := self.events(job_id, after):
            found += (event for _, event in page)
            after = page[-1][0]
        return found

    def posts(self, job_id: str) -> dict[str, str]:
        """All that `note_post` has noted for the job."""
        key = self._key("posts", job_id)
        found = self._server.ask(lambda client: client.hgetall(key))
        return {text(name): text(value) for name, value in found.items()}

    def note_post(self, job_id: str, **fields: str) -> None:
        """Remember where messages stand; kept as long as the job."""
        pairs = [word for pair in fields.items() for word in pair]
        keys = (self._key("posts", job_id), self._key("job", job_id))
        self._server.run("note_post", keys, *pairs)

    def link(self, job_id: str) -> str:
        """Where the job's message stands, or "" while it has none."""
        return self.posts(job_id).get("link", "")

    def sender_lock(self, job_id: str, token: str, seconds: float) -> bool:
        """Be the only sender for this job; asked again by its owner, it is prolonged."""
        return self._take(self._key("sender", job_id), token, seconds)

    def sender_unlock(self, job_id: str, token: str) -> None:
        self._server.run("give_back", (self._key("sender", job_id),), token)

    def once(self, key: str, seconds: float) -> bool:
        """True for the first call with this key within `seconds`."""
        return self._take(self._key("once", key), new_token(), seconds)

    def working(self, job_id: str) -> Working | None:
        """The move under way; None where nobody says that one is."""
        key = self._key("working", job_id)
        found = self._server.ask(lambda client: client.hmget(key, "since", "beat", "said"))
        since, beat, said = cast("list[bytes | None]", found)
        if since is None or beat is None or said is None:
            return None
        return Working(since=int(since) / 1000, beat=int(beat) / 1000, said=text(said))

    def note_working(self, claim: Claim, said: str) -> bool:
        """A sign of life from the claim's owner; False if the claim is no longer ours."""
        job_id = claim.job.id
        keys = (self._key("job", job_id), self._key("working", job_id), *self._marks)
        kept = millis(self.claim_seconds)
        run = self._server.run("note_working", keys, job_id, claim.token, said, kept, new_token())
        return bool(run)

    @property
    def _marks(self) -> tuple[str, str]:
        return self._key("unposted"), self._key("marks")

    def _key(self, *parts: str) -> str:
        return ":".join((self._prefix, *parts))

    def _take(self, key: str, token: str, seconds: float) -> bool:
        return bool(self._server.run("take", (key,), token, millis(seconds)))


def _event(fields: dict[bytes, bytes]) -> Event:
    (written,) = fields.values()
    return unpack_event(json.loads(written))


def new_token() -> str:
    return uuid.uuid4().hex
