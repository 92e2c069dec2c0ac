"""What a job's records say must be so by now. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workflows.model import SETTLED, Facts, Job, JobKind, JobState, RecordState

DAY = 86400.0
AT_REST = frozenset({JobState.WAITING, JobState.STOPPED, JobState.SUCCEEDED})


def watched(jobs: Iterable[Job]) -> tuple[Job, ...]:
    """Each app's newest migration, where it rests and is not taken back; `jobs`, newest first."""
    newest: dict[str, Job] = {}
    for job in jobs:
        if job.kind is JobKind.MOVE:
            newest.setdefault(job.app, job)
    return tuple(job for job in newest.values() if job.state in AT_REST and not job.going_back)


def over(job: Job, now: float, days: float) -> bool:
    """Whether it was moved so long ago that what changes now is the owners' business."""
    ended = max((record.since for record in job.records), default=job.created)
    return job.state is JobState.SUCCEEDED and now - ended >= days * DAY


def stands(job: Job, row: str) -> bool:
    """Whether the row is done, or was so before it came to it."""
    return any(r.name == row and r.state in SETTLED for r in job.records)


def ahead(job: Job, row: str) -> bool:
    """Whether the row did not begin; in between, nothing is agreed of what it changes."""
    return all(r.state is RecordState.PENDING for r in job.records if r.name == row)


def before(job: Job, row: str) -> Facts:
    """What the row saw; {} where the job has no such row."""
    return next((record.before for record in job.records if record.name == row), {})


def found(job: Job) -> dict[str, Any]:
    """The source's collection as it was read first; {} for a job that older programs began."""
    return before(job, "source").get("found") or {}


def wanted(job: Job) -> dict[str, Any]:
    """The target's bodies; {} for a job that older programs began."""
    return before(job, "source").get("wanted") or {}
