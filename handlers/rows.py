"""The rows of a job in its live message: what is done, what is at work, what is still to come."""

from __future__ import annotations

from handlers.blocks import Block, sections
from handlers.text import safe
from workflows.model import Job, JobState, Record, RecordState
from workflows.step import Approval, Step, Workflow

MARKS = {
    RecordState.PENDING: "○",
    RecordState.ALREADY: "✔",
    RecordState.DOING: "▶",
    RecordState.PROVING: "▶",
    RecordState.ASKED: "✋",
    RecordState.AGREED: "▶",
    RecordState.DONE: "✔",
    RecordState.UNDOING: "↩",
    RecordState.UNDONE: "↩",
}


def rows(job: Job, workflow: Workflow, at: Record | None) -> list[Block]:
    """A line for each row of the job's kind; `at` is the record that the job has come to."""
    known = {row.name: row for row in workflow.of(job)}
    return sections((_row(job, record, known[record.name], at) for record in job.records), most=4)


def _row(job: Job, record: Record, row: Step | Approval, at: Record | None) -> str:
    mark = "✖" if job.state is JobState.STOPPED and record is at else MARKS[record.state]
    words = safe(row.title)
    if record.state is RecordState.ALREADY and not record.note:
        return f"– {words} (not needed)"  # nothing to ask, nor to do behind that
    already = " (already so)" if record.state is RecordState.ALREADY and not _looks(row) else ""
    return f"{mark} {f'*{words}*' if record is at else words}{already}"


def _looks(row: Step | Approval) -> bool:
    return isinstance(row, Step) and row.looks
