"""
What hosts answered to an errand of a job, and the batches in which workers share one, in Redis.

Keys, each behind the prefix; <errand> is the job's id and the errand's name, such as 7Q2/add:

* errand:<errand>   hash   host -> what it answered (closed like a snapshot), and to which command;
                           "" -> nothing, written before any host is asked
* batches:<errand>  hash   version of the job, call that cut them, count; and by number: the packed
                           commands, `<n> token` of who has it, `<n> heard`: hosts that answered
* open:<errand>     zset   number of a batch -> when its claim ends, ms; 0: nobody had it
* hands:<job>       zset   `<errand> token` of who is at a batch of the job -> when its claim ends
* due               zset   <errand>/<number> lies beside the jobs until its batch is done

All of them expire by themselves `keep_seconds` after the last write.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from bot.outbox import new_token
from bot.redis_server import Server, millis, text
from bot.wire import Cipher
from workflows.errors import ClaimLost
from workflows.model import HostResult, Job

AT_ONCE = 100  # results in one write or read

Args = tuple[str | int, ...]
Packed = Mapping[str, Any]  # a command as JSON values, by workflows.steps.on_host.packing


@dataclass(frozen=True)
class Errand:
    """One name within one job, begun at one version under one claim."""

    job: str
    name: str
    version: int = 0
    token: str = ""

    def __str__(self) -> str:
        return f"{self.job}/{self.name}"

    @classmethod
    def of(cls, batch_id: str) -> tuple[Errand, str]:
        """The errand that a member of `due` belongs to, and the batch's number."""
        errand, _, number = batch_id.rpartition("/")
        job, _, name = errand.partition("/")
        return cls(job, name), number


@dataclass(frozen=True)
class Answer:
    """What a host said, and `to`: the digest of the command it was asked."""

    to: str
    result: HostResult


@dataclass(frozen=True)
class Batch:
    """A part of an errand that one worker has: `commands` by host, of one app."""

    errand: Errand
    number: str
    token: str
    app: str
    commands: Mapping[str, Packed]


@dataclass(frozen=True)
class Standing:
    """How an errand's batches stand: `word` is taken, busy, over or gone."""

    word: str
    heard: int = 0  # hosts that answered, in all batches
    batch: Batch | None = None


class Errands:
    """Safe to share between threads; every call may raise StoreAway."""

    def __init__(
        self,
        server: Server,
        cipher: Cipher,
        claim_seconds: float = 8.0,
        prefix: str = "{logmigrate}",
        keep_seconds: float = 900.0,
    ) -> None:
        self.claim_seconds = claim_seconds
        self._server = server
        self._cipher = cipher
        self._prefix = prefix
        self._keep = millis(keep_seconds)

    def token(self, job: Job) -> str:
        """Of whoever has the job. Raises ClaimLost if nobody has, or if the job moved on."""
        version, token = self._hmget(self._key("job", job.id), ("version", "token"))
        if token is None or version is None or int(version) != job.version:
            raise ClaimLost(f"asking hosts for job {job.id}: the job moved on")
        return text(token)

    def begin(self, errand: Errand) -> None:
        """Make sure of the claim, and of room for the answers. Raises ClaimLost."""
        if not self._write(errand, ["", ""]):
            raise ClaimLost(f"beginning {errand}: the job moved on")

    def at_work(self, errand: Errand) -> int:
        """How many workers are at batches of other errands, which the job has left behind."""
        hands = (self._key("hands", errand.job),)
        return int(self._server.run("at_work", hands, str(errand), int(self._server.in_grace)))

    def keep(self, errand: Errand, answers: Sequence[Answer]) -> bool:
        """False, and nothing is kept, where the job moved on or somebody else has it."""
        parts = [self._pairs(part) for part in _parts(answers)]
        return all(self._write(errand, pairs) for pairs in parts or [["", ""]])

    def kept(self, errand: Errand, asked: Mapping[str, str]) -> dict[str, HostResult]:
        """What is known of these hosts; `asked` has the digest of each one's command."""
        answers = [(host, self._opened(closed)) for host, closed in self._closed(errand, asked)]
        return {
            host: answer.result
            for host, answer in answers
            if answer is not None and answer.to == asked[host]
        }

    def cut(self, errand: Errand, app: str, parts: Iterable[Mapping[str, Packed]]) -> str:
        """Lay the parts out for all workers; the call's name. Raises ClaimLost."""
        call = new_token()
        packed = [json.dumps({"app": app, "commands": part}) for part in parts]
        args: Args = (str(errand), call, errand.version, errand.token, self._keep, *packed)
        if not self._server.run("cut", self._keys(errand)[:4], *args):
            raise ClaimLost(f"sharing {errand}: the job moved on")
        return call

    def take(
        self, errand: Errand, met: str = "", call: str = "", *, look: bool = False
    ) -> Standing:
        """Claim a batch that nobody has; with `look` only say how they stand.

        Whoever cut them names the `call`, and takes none once the job is no longer his.
        """
        token = "" if look else new_token()
        claim, grace = millis(self.claim_seconds), int(self._server.in_grace)
        args: Args = (str(errand), met, token, claim, grace, self._keep, call, errand.token)
        word, *more = self._server.run("take_batch", self._keys(errand), *args)
        if text(word) != "taken":
            return Standing(text(word), int(more[0]) if more else 0)
        heard, number, packed = more
        batch = Batch(errand, text(number), token, **json.loads(packed))
        return Standing("taken", int(heard), batch)

    def keep_batch(self, batch: Batch, heard: int, answers: Sequence[Answer]) -> int | None:
        """Keep answers and prolong the claim; hosts heard in all batches, None: no longer ours."""
        told = 0
        for part in _parts(answers) or ((),):
            own = (str(batch.errand), batch.number, batch.token)
            args: Args = (*own, millis(self.claim_seconds), heard, self._keep, *self._pairs(part))
            told = int(self._server.run("keep_batch", self._keys(batch.errand), *args))
            if told < 0:
                return None
        return told

    def end_batch(self, batch: Batch) -> None:
        """It is done; nothing happens where it is no longer ours."""
        keys = self._keys(batch.errand)[1:]
        self._server.run("end_batch", keys, str(batch.errand), batch.number, batch.token)

    def leave_batch(self, batch: Batch) -> None:
        """Whoever had it starts no more hosts; done it is not."""
        hands = self._key("hands", batch.errand.job)
        hand = f"{batch.errand} {batch.token}"
        self._server.ask(lambda client: client.zrem(hands, hand))

    def forget(self, errand: Errand) -> None:
        """Drop all that is kept of it, unless somebody else has the job now."""
        self._server.run("forget", self._keys(errand)[:5], str(errand), errand.token)

    def _closed(self, errand: Errand, hosts: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        key = self._key("errand", str(errand))
        for part in _parts(tuple(hosts)):
            yield from zip(part, self._hmget(key, part), strict=True)

    def _hmget(self, key: str, fields: Sequence[str]) -> list[bytes | None]:
        found = self._server.ask(lambda client: client.hmget(key, list(fields)))
        return cast("list[bytes | None]", found)

    def _write(self, errand: Errand, pairs: Sequence[str]) -> bool:
        keys = (self._key("job", errand.job), self._key("errand", str(errand)))
        args: Args = (errand.version, errand.token, self._keep, *pairs)
        return bool(self._server.run("keep", keys, *args))

    def _pairs(self, answers: Iterable[Answer]) -> list[str]:
        return [
            word
            for answer in answers
            for word in (answer.result.host, self._cipher.close(asdict(answer)))
        ]

    def _opened(self, closed: bytes | None) -> Answer | None:
        facts = self._cipher.opened(text(closed)) if closed else None
        return Answer(facts["to"], HostResult(**facts["result"])) if facts else None

    def _keys(self, errand: Errand) -> tuple[str, ...]:
        own = [self._key(kind, str(errand)) for kind in ("batches", "open", "errand")]
        hands = self._key("hands", errand.job)
        return self._key("job", errand.job), self._key("due"), *own, hands

    def _key(self, *parts: str) -> str:
        return ":".join((self._prefix, *parts))


def _parts(every: Sequence[Any]) -> tuple[Sequence[Any], ...]:
    return tuple(every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))
