"""What comes next for a job, decided from its record alone."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.model import ENDED, OURS, SETTLED, Job, JobKind, JobState, RecordState
from workflows.red import behind
from workflows.step import Approval, Step, Workflow


@dataclass(frozen=True)
class Forward:
    step: Step


@dataclass(frozen=True)
class Back:
    step: Step


@dataclass(frozen=True)
class Ask:
    approval: Approval


@dataclass(frozen=True)
class Await:
    approval: Approval


@dataclass(frozen=True)
class Recheck:
    approval: Approval


@dataclass(frozen=True)
class Draw:
    """Write down what a migration would do."""


@dataclass(frozen=True)
class Arrive:
    """Back at the last green state."""


@dataclass(frozen=True)
class Finish:
    state: JobState


Move = Forward | Back | Ask | Await | Recheck | Draw | Arrive | Finish | None


def next_move(job: Job, workflow: Workflow) -> Move:
    """Decide from the record alone; with the two below, this is the whole state machine."""
    if job.state in ENDED or job.state is JobState.STOPPED:
        return None
    if job.state is JobState.UNDOING:
        return _next_back(job, workflow)
    return Draw() if job.kind is JobKind.PLAN else _next_forward(job, workflow)


def _next_forward(job: Job, workflow: Workflow) -> Move:
    for step in workflow.of(job):
        state = job.record(step.name).state
        if state in SETTLED:
            continue
        if isinstance(step, Step):
            return Forward(step)
        if state is RecordState.AGREED:
            return Recheck(step)
        return Await(step) if state is RecordState.ASKED else Ask(step)
    return Finish(JobState.SUCCEEDED)


def _next_back(job: Job, workflow: Workflow) -> Move:
    for step in behind(job, workflow, job.back_to):
        if isinstance(step, Step) and job.record(step.name).state in OURS:
            return Back(step)
    return Arrive() if job.back_to else Finish(JobState.UNDONE)


def name_of(move: Move) -> str:
    """The step or approval at work; "" for moves of the whole job."""
    match move:
        case Forward(step) | Back(step):
            return step.name
        case Ask(approval) | Await(approval) | Recheck(approval):
            return approval.name
    return ""
