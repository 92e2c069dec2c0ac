"""A move from its start to its end, as the store keeps it, and its report."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tests.fakes import FakeStore
from workflows.logmigrate import LOGMIGRATE
from workflows.model import Event, EventKind, HostResult, Job, JobState, Record, RecordState
from workflows.proof.comparison import Comparison, HostCount, Minute
from workflows.report.build import report

AT = 1_790_000_000.0
TITLES = {row.name: row.title for row in LOGMIGRATE.steps}
SETTLING = {EventKind.DONE: RecordState.DONE, EventKind.APPROVED: RecordState.DONE}


def a_job() -> Job:
    return Job(
        id="7Q2K",
        app="app-b",
        requested_by="U1",
        channel="C1",
        created=AT,
        records=tuple(Record(row.name, before={"was": "s3cret"}) for row in LOGMIGRATE.steps),
        names={"source.project": "shop-b-logs", "target.project": "shop-a-logs"},
        without=("h9",),
    )


def compared(minutes: int = 3, lost: int = 0) -> dict[str, Any]:
    """Evidence of a comparison; the target lacks `lost` lines of the first minute."""
    start = int(AT) // 60 * 60
    every = tuple(
        Minute(start + 60 * n, 100, 100 - (0 if n else lost), bool(n) or not lost)
        for n in range(minutes)
    )
    hosts = (HostCount("h1", 100 * minutes, 100 * minutes - lost, not lost, 2, start, start),)
    found = Comparison("pull", start, start + 60 * minutes, every, hosts, overlap=7, doubled=2)
    verdict = "different" if lost else "equal"
    return {"verdict": verdict, "why": "", "comparison": found.facts, "hosts": ["h1"], "idle": []}


class Story:
    """Events saved one by one through a store."""

    def __init__(self, job: Job | None = None) -> None:
        self.store = FakeStore()
        new = job or a_job()
        self.id = new.id
        self.store.create(new, Event(AT, new.id, EventKind.STARTED, who=new.requested_by))

    @property
    def job(self) -> Job:
        return self.store.load(self.id)

    @property
    def events(self) -> list[Event]:
        return self.store.told[self.id]

    def tells(self, kind: EventKind, step: str = "", after: float = 1.0, **more: Any) -> None:
        """The next event, `after` seconds later, with the state that it tells of."""
        job = self.job
        if state := SETTLING.get(kind):
            job = job.noted(step, state=state, note=more.get("text", ""))
        if kind is EventKind.SUCCEEDED:
            job = job.moved(JobState.RUNNING).moved(JobState.SUCCEEDED)
        at = self.events[-1].at + after
        self.store.amend(job, Event(at, self.id, kind, step, **more))

    def report(self, program: str = "logmigrate 1") -> dict[str, Any]:
        """As a program reads it."""
        found = report(self.job, self.events, TITLES, AT + 9999, program)
        return json.loads(json.dumps(found))


def a_move() -> Story:
    """From start to end, with a stop, two approvals and what was written meanwhile."""
    story, hosts = Story(), (HostResult("h1", ok=True, changed=True, said="both ids", seconds=0.5),)
    story.tells(EventKind.DONE, "hosts", 2, text="1 of 1 hosts answer", hosts=hosts)
    denied = replace(hosts[0], ok=False, said="permission denied <b>&")
    story.tells(EventKind.STOPPED, "identity", 10, text="h1: denied", hosts=(denied,), hint="Retry")
    story.tells(EventKind.RETRIED, "", 300, who="U1")
    story.tells(EventKind.DONE, "identity", 5, text="1 of 1", hosts=hosts)
    story.tells(EventKind.DONE, "both", 20, requests=("target POST /configs R1",))
    story.tells(EventKind.DONE, "proof", 1800, text="equal", facts=compared())
    lines = ("remove config app-b", "shop-b-logs then receives nothing")
    asked = {"lines": lines, "shown": "0a1b2c", "text": "equal: 3 minutes", "facts": compared()}
    story.tells(EventKind.ASKED, "stop?", 4, **asked)
    story.tells(EventKind.APPROVED, "stop?", 600, who="U2")
    story.tells(EventKind.DONE, "stop", 30, requests=("source DELETE /x R2", "source DELETE /y R3"))
    story.tells(EventKind.SUCCEEDED, "", 1)
    return story
