"""The files below a message: a plan's operations, and an approval's evidence, to be read and kept."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.blocks import Message, message, section
from handlers.pictures import described, picture
from handlers.requests import Plan, as_typed
from handlers.table import table
from handlers.text import code, lines_of
from workflows.evidence import missing
from workflows.model import Event, EventKind, Job
from workflows.operations.document import document
from workflows.proof.comparison import Comparison


@dataclass(frozen=True)
class File:
    """`name` ends in what it is; `title` is what the channel shows."""

    name: str
    title: str
    content: str | bytes
    alt: str = ""  # what a picture shows, for who does not see it


def attached(event: Event, job: Job) -> tuple[File, ...]:
    """What belongs below the event's message; nothing for an older version's."""
    if event.kind is EventKind.PLANNED and event.shown:
        return (_operations(event, job),)
    if event.kind is EventKind.ASKED and "comparison" in event.facts:
        return _evidence(event, job)
    return ()


def _operations(event: Event, job: Job) -> File:
    title = f"Plan {event.shown} for {job.app}: the operations"
    name = f"plan-{job.app}-{event.shown}.md"
    return File(name, title, document(job, event.lines, event.shown))


def _evidence(event: Event, job: Job) -> tuple[File, ...]:
    """The table first: whoever cannot be shown a picture has all figures there."""
    found = Comparison.of(event.facts["comparison"])
    name, title = f"evidence-{job.app}-{event.shown}", f"Evidence {event.shown} for {job.app}"
    rows = table(found, event.facts.get("idle", ()), missing(event.facts))
    curves = (picture(job.app, found), described(job.app, found))
    return (
        File(f"{name}.csv", f"{title}: host by host", rows),
        File(f"{name}.png", f"{title}: lines per minute", *curves),
    )


def unattached(event: Event, job: Job, why: str) -> Message:
    """What the thread says in the files' place; `why` is Slack's word."""
    rights = "Give the Slack app what manifest.yaml asks for, files:write above all, and install it"
    if event.kind is EventKind.PLANNED:
        again = code(as_typed(Plan(job.app, job.without)))
        head = f"The file with the operations could not be attached: {why}."
        way_out = f"The plan above holds without it. {rights} again; then {again} brings it."
    else:
        head = f"The files with the evidence could not be attached: {why}."
        way_out = f"The card above holds without them. {rights} again; then the next card has them."
    lines = lines_of(f"{head}\n{way_out}")
    return message(lines[0], [section("\n".join(lines))])
