"""What a button that people press makes of a job: stopped, tried again, turned back. Pure."""

from __future__ import annotations

from dataclasses import replace

from workflows.model import OURS, Job, JobState, Record, RecordState
from workflows.step import Workflow


def halted(job: Job, reason: str, hint: str = "") -> Job:
    """Stopped, with an open question withdrawn so that a retry asks anew."""
    for record in job.records:
        if record.state in {RecordState.ASKED, RecordState.AGREED}:
            job = job.noted(record.name, state=RecordState.PENDING, shown="", by="", since=0.0)
    return job.moved(JobState.STOPPED, reason, hint or "Retry goes on, Roll back takes back.")


def retried(job: Job, now: float) -> Job:
    """Forwards, or backwards once it was turned back."""
    records = tuple(_afresh(record, now) for record in job.records)
    state = JobState.UNDOING if job.going_back else JobState.RUNNING
    return replace(job, records=records).moved(state)


def _afresh(record: Record, now: float) -> Record:
    """The record as a retry finds it: patience anew, and what was being proven is done again."""
    again = RecordState.DOING if record.state is RecordState.PROVING else record.state
    kept = {RecordState.DONE: record.since, RecordState.ALREADY: record.since}
    since = kept.get(record.state, 0.0 if record.state is RecordState.PENDING else now)
    return replace(record, state=again, attempts=0, away=0.0, since=since)


def turned(job: Job, workflow: Workflow, now: float) -> Job:
    """All of it; the last step begun is marked at once, so that a retry never goes forwards again."""
    job = replace(job, back_to="")
    rows = workflow.of(job)
    ours = [row.name for row in rows if job.record(row.name).state in OURS]
    if not ours:
        return job
    begun = {"state": RecordState.UNDOING, "since": now}
    return job.noted(ours[-1], attempts=0, away=0.0, note="", hosts=(), **begun)
