"""Jobs and steps as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from workflows.drift.sight import sentence
from workflows.model import Drift, Event, Job, Record
from workflows.step import Approval, Step, Workflow


def aligned(rows: Iterable[Sequence[str]]) -> str:
    """Columns two blanks apart, each as wide as its widest cell."""
    rows = [tuple(" ".join(cell.split()) for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def jobs_table(jobs: Sequence[Job]) -> str:
    if not jobs:
        return "no jobs"
    head = ("JOB", "APP", "KIND", "STATE", "CREATED", "BY", "AT")
    return aligned([head, *(_job_row(job) for job in jobs)])


def _job_row(job: Job) -> tuple[str, ...]:
    created = _time(job.created)
    return job.id, job.app, job.kind, job.state, created, job.requested_by, _place(job)


def _place(job: Job) -> str:
    """The step the job has come to, or why it stopped."""
    begun = [record for record in job.records if record.since]
    return job.reason or (f"{begun[-1].name}: {begun[-1].state}" if begun else "")


def story(job: Job, events: Sequence[Event]) -> str:
    """One job in full: its state, its records and everything that happened."""
    parts = [jobs_table([job]), aligned([_record_row(record) for record in job.records])]
    if job.hint:
        parts.insert(1, job.hint)
    if job.drift:
        parts.append(aligned([_drift_row(drift) for drift in job.drift]))
    if events:
        parts.append(aligned([_event_row(event) for event in events]))
    return "\n\n".join(parts)


def _record_row(record: Record) -> tuple[str, ...]:
    since = _time(record.since) if record.since else ""
    return record.name, record.state, since, record.by, record.note


def _event_row(event: Event) -> tuple[str, ...]:
    return _time(event.at), event.kind, event.step, event.who, event.text


def _drift_row(drift: Drift) -> tuple[str, ...]:
    return _time(drift.since), "not told yet" if drift.quiet else "open", sentence(drift)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def steps_table(workflow: Workflow) -> str:
    """The workflow as Markdown tables: the migration, each other kind of job, each other route."""
    others = (f"{kind.capitalize()}:\n\n{_table(rows)}" for kind, rows in workflow.also.items())
    routes = (_by_route(workflow, name) for name in workflow.routes)
    return "\n\n".join([_table(workflow.steps), *others, *routes])


def _by_route(workflow: Workflow, route: str) -> str:
    """The rows of the route that are not those of the migration."""
    other = [row for row in workflow.routes[route] if row not in workflow.steps]
    return f"By the route {route}, instead of the rows from *both* to *alone*:\n\n{_table(other)}"


def _table(steps: Iterable[Step | Approval]) -> str:
    rows = [f"| {n} | {_step_row(step)} |" for n, step in enumerate(steps, start=1)]
    return "\n".join(["| | step | what it does | taken back |", "| --- | --- | --- | --- |", *rows])


def _step_row(step: Step | Approval) -> str:
    if not isinstance(step, Step):
        return f"`{step.name}` | asks: {step.title} | –"
    back = f"no: {step.no_undo_because}" if step.undo is None else "yes"
    costs = f", but {step.undo_costs}" if step.undo_costs else ""
    return f"`{step.name}` | {step.title} | {back}{costs}"
