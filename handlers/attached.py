"""The file below a plan: the operations with the app's own names and bodies, to be read and kept."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.blocks import Message, message, section
from handlers.requests import Plan, as_typed
from handlers.text import code, lines_of
from workflows.model import Event, EventKind, Job
from workflows.operations.document import document


@dataclass(frozen=True)
class File:
    """`name` ends in what it is; `title` is what the channel shows."""

    name: str
    title: str
    text: str


def attached(event: Event, job: Job) -> File | None:
    """What belongs below the event's line; None for all but a plan, and for an older version's."""
    if event.kind is not EventKind.PLANNED or not event.shown:
        return None
    title = f"Plan {event.shown} for {job.app}: the operations"
    name = f"plan-{job.app}-{event.shown}.md"
    return File(name, title, document(job, event.lines, event.shown))


def unattached(job: Job, why: str) -> Message:
    """What the thread says in the file's place; `why` is Slack's word."""
    again = code(as_typed(Plan(job.app, job.without)))
    head = f"The file with the operations could not be attached: {why}."
    way_out = (
        "The plan above holds without it. Give the Slack app what manifest.yaml asks for, "
        f"files:write above all, and install it again; then {again} brings it."
    )
    lines = lines_of(f"{head}\n{way_out}")
    return message(lines[0], [section("\n".join(lines))])
