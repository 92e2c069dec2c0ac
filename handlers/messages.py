"""The one live message of a job: what it is, how far it is, and what it waits for."""

from __future__ import annotations

from typing import Protocol

from handlers.adrift import drifted
from handlers.blocks import (
    RETRY,
    ROLL_BACK,
    Block,
    Message,
    actions,
    context,
    message,
    section,
    sections,
)
from handlers.hosts import host_lines, listed
from handlers.requests import Start, as_typed
from handlers.rows import rows
from handlers.text import code, date, lines_of, person, safe, told
from workflows.model import (
    DUAL,
    LOCKING,
    SETTLED,
    STOP_FIRST,
    Job,
    JobKind,
    JobState,
    Record,
    RecordState,
)
from workflows.step import Step, Workflow
from workflows.window import COST, ends_at


class Working(Protocol):
    """A worker's sign of life; `since` and `beat` are seconds since the epoch."""

    @property
    def since(self) -> float: ...
    @property
    def beat(self) -> float: ...
    @property
    def said(self) -> str: ...


STATES = {
    JobState.QUEUED: "⏳ *Queued*",
    JobState.RUNNING: "▶ *Running*",
    JobState.WAITING: "✋ *Waiting for approval*",
    JobState.STOPPED: "🛑 *Stopped*",
    JobState.UNDOING: "↩ *Rolling back*",
    JobState.SUCCEEDED: "✅ *Moved*",
    JobState.UNDONE: "↩ *Rolled back*",
}

MOVING = frozenset({JobState.QUEUED, JobState.RUNNING, JobState.UNDOING})


def root(job: Job, workflow: Workflow, working: Working | None = None) -> Message:
    """The whole job as it is now; drawn again after each change."""
    at = current(job)
    blocks = [section("\n".join([f"*{safe(title(job))}*", _state(job), *_scope(job)]))]
    blocks += [] if job.kind is JobKind.PLAN else rows(job, workflow, at)
    blocks += _awaited(job, at)
    blocks += _found(job, at)
    if working and job.state in MOVING:
        blocks.append(context(_still(working)))
    blocks += _both_collect(job)
    blocks += drifted(job)
    blocks += _stopped(job, workflow)
    blocks += _way_back(job, workflow)
    blocks.append(context(_foot(job)))
    return message(f"{safe(title(job))}: {_plainly(job, workflow)}", blocks)


def title(job: Job) -> str:
    if job.kind is JobKind.PLAN:
        return f"Plan for {job.app}"
    if job.kind is JobKind.DIAGNOSE:
        return f"{job.app}: why hosts are silent"
    if job.kind is JobKind.HISTORY:
        return f"{job.app}: copying the lines of before its move"
    return f"{job.app}: moving log collection to the target account"


def _scope(job: Job) -> list[str]:
    """Hosts that the job leaves out, and those that it alone is about."""
    left_out = [f"Without {listed(job.without)}"] if job.without else []
    return left_out + ([f"About {listed(job.only)}"] if job.only else [])


def current(job: Job) -> Record | None:
    """The record the job is at: being taken back, at work, asked, or next."""
    if job.going_back:
        return next((r for r in job.records if r.state is RecordState.UNDOING), None)
    if job.kind is JobKind.PLAN or job.state is JobState.UNDOING:
        return None
    return next((r for r in job.records if r.state not in SETTLED), None)


def progress(job: Job, workflow: Workflow) -> str:
    """The state in words: "running, step 3 of 9: Create logstore and index"."""
    at = current(job)
    if at is None or job.state not in {JobState.RUNNING, JobState.WAITING, JobState.STOPPED}:
        return str(job.state)
    number = job.records.index(at) + 1
    return f"{job.state}, step {number} of {len(job.records)}: {workflow.row(job, at.name).title}"


def _plainly(job: Job, workflow: Workflow) -> str:
    words = safe(progress(job, workflow))
    return f"{words}\n{told(job.reason)}" if job.reason else words


def _state(job: Job) -> str:
    if job.kind is JobKind.PLAN and job.state is JobState.SUCCEEDED:
        does_it = code(as_typed(Start(job.app, job.without, job.route == STOP_FIRST)))
        return f"✅ *Ready, in the thread.* Nothing was changed. {does_it} does it."
    if job.kind is JobKind.HISTORY and job.state is JobState.SUCCEEDED:
        return "✅ *Copied, and proven*"
    if job.kind is JobKind.DIAGNOSE and job.state is JobState.SUCCEEDED:
        return "✅ *Done*"
    if job.kind is JobKind.MOVE and job.state is JobState.SUCCEEDED:
        # By its id: the app's newest job may be another by the time somebody reads this.
        return f"{STATES[job.state]}. {code(f'/logmigrate rollback {job.id}')} takes it back."
    if job.state is JobState.UNDOING and job.reason:
        what = f"↩ *Going back to where {collecting(job)}*" if job.back_to else STATES[job.state]
        return f"{what}: {' '.join(lines_of(job.reason))}"
    if job.state is JobState.UNDONE and not job.turned_back:
        return "↩ *Cancelled* before anything was changed"
    at = current(job)
    if at is None or job.state is not JobState.RUNNING:
        return STATES[job.state]
    return f"{STATES[job.state]}, step {job.records.index(at) + 1} of {len(job.records)}"


def collecting(job: Job) -> str:
    """What it goes back to by itself."""
    return "both sides collect" if job.route == DUAL else "the source collects"


def _awaited(job: Job, at: Record | None) -> list[Block]:
    """What the step at work waits for, and its hosts; of a stopped one the hosts only."""
    if job.state is JobState.WAITING:
        asker = person(job.requested_by)
        return [section(f"An approver other than {asker} decides: the question is in the thread.")]
    if at is None or job.state not in {*MOVING, JobState.STOPPED}:
        return []
    words = [] if job.state is JobState.STOPPED else _waiting(at)
    lines = [*words, *host_lines(at.hosts)]
    return sections(lines, most=3) if lines else []


def _found(job: Job, at: Record | None) -> list[Block]:
    """What a diagnosis has found, from the last of its steps that has an answer."""
    if job.kind is not JobKind.DIAGNOSE or (at and at.hosts and job.state is not JobState.WAITING):
        return []
    answers = [record for record in job.records if record.state in SETTLED and record.hosts]
    if not answers:
        return []
    return sections([*lines_of(answers[-1].note), *host_lines(answers[-1].hosts)], most=5)


def _waiting(at: Record) -> list[str]:
    if at.attempts:
        return [
            f"No answer from a service, asked {at.attempts} times; it is asked again by itself."
        ]
    if at.state is RecordState.AGREED:
        return [f"{person(at.by)} approved; looking once more before going on."]
    return lines_of(f"Waiting: {at.note}") if at.note else []


def _still(working: Working) -> str:
    words = f"still working, {max(working.beat - working.since, 0):.0f} s"
    return ": ".join([words, *lines_of(working.said)[:1]])


def _both_collect(job: Job) -> list[Block]:
    """Until when, before the source is stopped; and what that costs so far, where it is known."""
    if not (end := ends_at(job)):
        return []
    cost = f" Paid twice so far: about {safe(job.asked[COST])}." if job.asked.get(COST) else ""
    return [context(f"⏳ Both sides collect until {date(end)} at most.{cost}")]


def _stopped(job: Job, workflow: Workflow) -> list[Block]:
    if job.state is not JobState.STOPPED:
        return []
    words = section("\n".join([*lines_of(job.reason), *lines_of(job.hint)]))
    retry = RETRY.block(job.id)
    if job.turned_back or job.kind not in LOCKING:
        return [words, actions(retry)]
    return [words, actions(retry, ROLL_BACK.asking(_taking_back(job, workflow)).block(job.id))]


def _way_back(job: Job, workflow: Workflow) -> list[Block]:
    """What the command costs that takes back a finished migration: it asks nothing any more."""
    if job.kind is not JobKind.MOVE or job.state is not JobState.SUCCEEDED:
        return []
    costs = _costs(job, workflow)
    return [context(f"Taking it back costs: {safe(costs)}.")] if costs else []


def _taking_back(job: Job, workflow: Workflow) -> str:
    """What rolling back takes back and what it costs, for the question after the click."""
    costs = _costs(job, workflow)
    return f"{ROLL_BACK.question} It costs: {costs}." if costs else ROLL_BACK.question


def _costs(job: Job, workflow: Workflow) -> str:
    """Of the steps that were begun."""
    begun = [workflow.row(job, r.name) for r in job.records if r.state is not RecordState.PENDING]
    return "; ".join(row.undo_costs for row in begun if isinstance(row, Step) and row.undo_costs)


def _foot(job: Job) -> str:
    return f"job {code(job.id)}, asked by {person(job.requested_by)} {date(job.created)}"
