"""The nouns: a Job is one run of the workflow, and each of its steps leaves a Record."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from workflows.errors import Refused

Facts = dict[str, Any]  # JSON: what a check saw, kept so that undo can put it back


def quoted(text: str) -> str:
    """What a host or a service said, with nothing in it that could pass for a mark of ours (<@U…>).

    Nor does it move a terminal's cursor or turn the text about: what is not printable is spelt out.
    """
    bare = text.replace("<", "‹").replace(">", "›")
    return bare if bare.isprintable() else "".join(map(_spelt, bare))


def _spelt(sign: str) -> str:
    return sign if sign.isprintable() or sign in "\n\t" else sign.encode("unicode_escape").decode()


DUAL = "dual"  # both sides collect for a while
STOP_FIRST = "stop-first"  # the source ends before the target begins: lines are lost or repeated


class JobKind(StrEnum):
    MOVE = "move"
    PLAN = "plan"  # looks, changes nothing, needs no lock
    DIAGNOSE = "diagnosis"  # finds out why hosts are silent; what it may put right it asks for
    HISTORY = "history"  # copies the lines of before the move


LOCKING = frozenset({JobKind.MOVE, JobKind.HISTORY})  # one of these at a time holds its app


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting for approval"
    STOPPED = "stopped"
    UNDOING = "rolling back"
    SUCCEEDED = "succeeded"
    UNDONE = "rolled back"


ENDED = frozenset({JobState.SUCCEEDED, JobState.UNDONE})

ALLOWED = {
    JobState.QUEUED: {JobState.RUNNING, JobState.STOPPED, JobState.UNDOING},
    JobState.RUNNING: {JobState.WAITING, JobState.STOPPED, JobState.UNDOING, JobState.SUCCEEDED},
    JobState.WAITING: {JobState.RUNNING, JobState.STOPPED, JobState.UNDOING},
    JobState.STOPPED: {JobState.RUNNING, JobState.UNDOING},
    JobState.UNDOING: {JobState.STOPPED, JobState.UNDONE},  # stopped also where it ends half-way
    JobState.SUCCEEDED: {JobState.UNDOING},  # a finished migration may still be taken back
    JobState.UNDONE: set(),
}


class RecordState(StrEnum):
    PENDING = "pending"
    ALREADY = "already so"  # true before we came; not ours to undo
    DOING = "doing"  # saved before the first change, so a crash leaves a trace
    PROVING = "being proven"  # do returned; verify does not hold yet
    ASKED = "asked"  # approvals only: the card is out
    AGREED = "agreed"  # approvals only: clicked; plan and evidence are looked at again
    DONE = "done"
    UNDOING = "being taken back"
    UNDONE = "undone"


OURS = frozenset({RecordState.DOING, RecordState.PROVING, RecordState.DONE, RecordState.UNDOING})
SETTLED = frozenset({RecordState.ALREADY, RecordState.DONE})


@dataclass(frozen=True)
class HostResult:
    """What one host answered; `said` is its output, or the sentence that names the trouble."""

    host: str
    ok: bool
    changed: bool = False
    said: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """Why a step counts as done: one sentence, and the hosts where they matter.

    An approval's also has figures, as JSON: `facts` are kept with it for the card's files and the
    report; `substance` are the sentences that must read the same at the click.
    """

    text: str
    hosts: tuple[HostResult, ...] = ()
    facts: Facts = field(default_factory=dict)
    substance: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The lines a person agrees to, and their name."""

    lines: tuple[str, ...]

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.lines).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Record:
    """What one step or approval has come to."""

    name: str
    state: RecordState = RecordState.PENDING
    before: Facts = field(default_factory=dict)
    note: str = ""  # evidence, what is awaited, or what was taken back
    hosts: tuple[HostResult, ...] = ()
    since: float = 0.0  # when the present state began, seconds since the epoch
    attempts: int = 0  # looks in a row that met a service that did not answer
    away: float = 0.0  # when it first did not, seconds since the epoch
    shown: str = ""  # approvals: digest of the newest card, its plan and evidence
    reminded: bool = False  # approvals: whether people were asked once more
    by: str = ""  # approvals: who decided

    @property
    def agreed(self) -> str:
        """Digest of the plan on an approval's card; one of before plans were kept is named by it."""
        if self.before.get("shown") != self.shown:
            return self.shown
        return Plan(tuple(self.before["plan"])).digest

    def waits_since(self, now: float) -> float:
        """When its waiting began, without the time in which a service was away."""
        gone = now - self.away if self.away else 0.0
        return self.since + gone if self.since else now


@dataclass(frozen=True)
class Drift:
    """What is no longer as it was agreed; open until it is so again."""

    key: str  # one finding's name, the same at every look
    text: str
    hint: str = ""
    host: str = ""  # the one it is about
    since: float = 0.0  # when it was first seen, seconds since the epoch
    quiet: bool = False  # not told yet, since it may pass by itself


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run for one app; changed only through `moved` and `noted`, saved only by the store."""

    id: str
    app: str
    requested_by: str
    channel: str
    created: float
    records: tuple[Record, ...]
    kind: JobKind = JobKind.MOVE
    state: JobState = JobState.QUEUED
    reason: str = ""  # why it stopped, or who turned it back
    hint: str = ""
    version: int = 0
    names: Facts = field(default_factory=dict)  # App.names as they were at the start
    without: tuple[str, ...] = ()  # hosts that people left out, by name
    only: tuple[str, ...] = ()  # hosts that a diagnosis is about; empty: all
    drift: tuple[Drift, ...] = ()  # what the watch found and what is still so
    route: str = DUAL
    asked: Facts = field(default_factory=dict)  # what else was asked for: how far back a copy goes
    back_to: str = ""  # the row that taking back ends behind, to go on from there; "": all of it
    chain: str = ""  # the newest event's link
    written: tuple[tuple[str, str, str, int], ...] = ()  # at the service since the newest event

    def record(self, name: str) -> Record:
        return next(record for record in self.records if record.name == name)

    def moved(self, state: JobState, reason: str = "", hint: str = "") -> Job:
        if state is not self.state and state not in ALLOWED[self.state]:
            raise Refused(f"Job {self.id} is {self.state}; it cannot become {state}.")
        return replace(self, state=state, reason=reason, hint=hint)

    def noted(self, name: str, **changes: Any) -> Job:
        records = tuple(replace(r, **changes) if r.name == name else r for r in self.records)
        return replace(self, records=records)

    @property
    def going_back(self) -> bool:
        """Whether taking back has begun, of all or of a part."""
        return any(r.state in {RecordState.UNDOING, RecordState.UNDONE} for r in self.records)

    @property
    def turned_back(self) -> bool:
        """Whether all is being taken back; from then on there is no way forward."""
        return self.going_back and not self.back_to

    @property
    def agreed(self) -> dict[str, str]:
        """Digests of the plans that people agreed to, by approval."""
        done = (record for record in self.records if record.state is RecordState.DONE)
        return {record.name: record.agreed for record in done if record.shown}

    @property
    def touched(self) -> bool:
        """Whether anything of the world may be ours to take back."""
        return any(record.state in OURS for record in self.records)


class EventKind(StrEnum):
    STARTED = "started"
    PLANNED = "planned"  # lines: what each step would do
    ALREADY = "already"
    DONE = "done"
    AWAY = "away"  # a service does not answer; said once per outage
    ASKED = "asked"  # lines, shown, text: plan, its digest, evidence
    APPROVED = "approved"
    DECLINED = "declined"
    VOID = "void"  # what was approved is no longer so
    REMINDED = "reminded"
    EXPIRED = "expired"
    LEFT_OUT = "left out"
    STOPPED = "stopped"
    RETRIED = "retried"
    CANCELLED = "cancelled"
    TURNED = "turned"  # roll back begins
    TAKEN_BACK = "taken back"
    RED = "red"  # by itself back to the last green state; text: which evidence failed
    DEADLINE = "deadline"  # both sides collect for too long: people are asked what is to be
    EXTENDED = "extended"  # and somebody wants more time
    DRIFT = "drift"  # something is no longer as it was agreed
    SETTLED = "settled"  # and now it is again
    SUCCEEDED = "succeeded"
    UNDONE = "undone"


@dataclass(frozen=True)
class Event:
    """One line of a job's story, saved with the state it tells of; append-only."""

    at: float
    job: str
    kind: EventKind
    step: str = ""
    who: str = ""
    text: str = ""
    hint: str = ""
    lines: tuple[str, ...] = ()
    shown: str = ""
    hosts: tuple[HostResult, ...] = ()
    requests: tuple[str, ...] = ()  # what was written meanwhile, each with the service's request id
    facts: Facts = field(default_factory=dict)  # the evidence's figures, for files and the report
    link: str = ""  # SHA-256 over this event and the link before it, in hexadecimal


@dataclass(frozen=True)
class Claim:
    """The right of one worker to move one job, until the store's clock says otherwise."""

    job: Job
    token: str
