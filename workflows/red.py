"""Back by itself to the last green state, and what is to be done anew from there. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workflows.model import DUAL, OURS, SETTLED, Job, JobState, Record, RecordState
from workflows.step import Approval, Step, Workflow

WAY_OUT = "Retry proves again and then asks again; Roll back takes back all."


def behind(job: Job, workflow: Workflow, green: str) -> Iterator[Step | Approval]:
    """The rows behind `green`, the last one first; all of them where that is ""."""
    for row in reversed(workflow.of(job)):
        if row.name == green:
            return
        yield row


def changed(job: Job, workflow: Workflow, green: str) -> list[Step]:
    """Of these the steps that may have changed something, so that there is a way back."""
    rows = (row for row in behind(job, workflow, green) if isinstance(row, Step) and not row.looks)
    return [row for row in rows if job.record(row.name).state in OURS]


def uncovered(job: Job, workflow: Workflow) -> bool:
    """Whether nobody may collect now: the source has ended, and the target is not proven to begin."""
    rows = [row for row in workflow.of(job) if isinstance(row, Step) and row.uncovered]
    states = {job.record(row.name).state for row in rows}
    return bool(states & OURS) and not states <= SETTLED


def went_red(job: Job, workflow: Workflow, step: Step, why: str, now: float) -> Job:
    """On its way back behind the last green row; what only looked is as if it had not begun."""
    back, looked = changed(job, workflow, step.red_back_to), Record(step.name)
    if step.looks:
        job = replace(job, records=tuple(looked if r.name == step.name else r for r in job.records))
    begun = {"state": RecordState.UNDOING, "since": now, "note": "", "hosts": ()}
    job = job.noted(back[0].name, attempts=0, away=0.0, **begun)
    return replace(job.moved(JobState.UNDOING, why), back_to=step.red_back_to)


def arrived(job: Job, workflow: Workflow, now: float) -> Job:
    """At the last green state, where people decide: its proof and all behind it begin anew."""
    green, why = workflow.row(job, job.back_to), job.reason
    names = {job.back_to, *(row.name for row in behind(job, workflow, job.back_to))}
    records = tuple(Record(r.name) if r.name in names else r for r in job.records)
    again = "both sides collect" if job.route == DUAL else "the source collects"
    reason = f"{why.rstrip('.')}. Went back to “{green.title}”: {again} again"
    # Both have collected only since now, however long they did before.
    asked = {key: value for key, value in job.asked.items() if not key.startswith("dual_")}
    job = replace(job, records=records, back_to="", asked={**asked, "dual_from": now})
    return job.moved(JobState.STOPPED, reason, WAY_OUT)
