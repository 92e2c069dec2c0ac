"""The thread below a job's message: one line for each thing that happened."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from handlers.blocks import EXTEND, ROLL_BACK, Block, Message, actions, message, sections
from handlers.cards import called
from handlers.hosts import host_lines
from handlers.messages import collecting
from handlers.text import code, lines_of, person
from workflows.chain import SHORT
from workflows.model import Event, EventKind, Job, JobKind
from workflows.operations.document import folded
from workflows.step import Workflow

# Told elsewhere: the live message says who started, the card says what is asked and who approved.
SILENT = frozenset({EventKind.STARTED, EventKind.ASKED, EventKind.APPROVED})

# {asker} notifies the requester where the job has ended or needs a person.
SENTENCES = {
    EventKind.PLANNED: "What each step would do; nothing was changed. {plan}",
    EventKind.ALREADY: "✔ {step}: already so, {text}",
    EventKind.DONE: "✔ {step}: {text}",
    EventKind.AWAY: "… {step}: {text}. Asked again by itself.",
    EventKind.VOID: "✋ {step} The approval of {who} no longer counts: {text}.",
    EventKind.REMINDED: "⏰ “{step}” still waits for {approvers}; it expires in {text}.",
    EventKind.EXPIRED: "🛑 {text}. ({asker})",
    EventKind.DECLINED: "🛑 {who} declined “{step}” ({asker})",
    EventKind.LEFT_OUT: "{who} leaves out {text}; that holds from the next Retry on.",
    EventKind.STOPPED: "🛑 {step}: {text}. ({asker})",
    EventKind.RETRIED: "▶ {who} retries.",
    EventKind.CANCELLED: "🛑 {who} cancelled the job.",
    EventKind.TURNED: "↩ {who} rolls back.",
    EventKind.RED: "🔴 {step}: {text}. Going back by itself to where {back}. ({asker})",
    EventKind.DEADLINE: "⏰ {app}: {text}. ({asker}, {approvers})",
    EventKind.EXTENDED: "{who} lets both sides collect until {text}.",
    EventKind.TAKEN_BACK: "↩ {step}: {text}",
    EventKind.DRIFT: "⚠ No longer as agreed: {text}. ({asker})",
    EventKind.SETTLED: "✔ Settled: {text}.",
    EventKind.SUCCEEDED: "✅ {app} is moved to the target account ({asker})",
    EventKind.UNDONE: "↩ {app} is rolled back ({asker})",
}

ENDS = frozenset({EventKind.SUCCEEDED, EventKind.UNDONE})
REPORTED = frozenset({JobKind.MOVE, JobKind.HISTORY})


def line(
    event: Event, job: Job, workflow: Workflow, approvers: Collection[str] = ()
) -> Message | None:
    """What the thread says of it, or None where another message says it."""
    if event.kind in SILENT:
        return None
    head = lines_of(_sentence(event, job, workflow, approvers))
    told = [*head, *_numbered(event.lines), *host_lines(event.hosts), *lines_of(event.hint)]
    told += _report(event, job)
    return message(head[0], [*sections(told), *_buttons(event)])


def _buttons(event: Event) -> list[Block]:
    """Of the one question that no card asks: it needs no second person."""
    if event.kind is not EventKind.DEADLINE:
        return []
    return [actions(EXTEND.block(event.job), ROLL_BACK.block(event.job))]


def _report(event: Event, job: Job) -> list[str]:
    """What a report can be held against: it stands here, where nobody edits it."""
    if event.kind not in ENDS or job.kind not in REPORTED or not event.link:
        return []
    return [f"Report: {code(f'logmigrate report {job.id}')}, head {code(event.link[:SHORT])}"]


def title(event: Event, job: Job, workflow: Workflow) -> str:
    """The title of the event's step; its bare name if an older version wrote it."""
    every = (*workflow.tables, workflow.of(job))  # its own last: two routes may share a name
    known = {row.name: row.title for rows in every for row in rows}
    return known.get(event.step, event.step) or "The job"


def _sentence(event: Event, job: Job, workflow: Workflow, approvers: Collection[str]) -> str:
    if event.kind is EventKind.UNDONE and not job.turned_back:
        return f"↩ Cancelled before anything was changed ({person(job.requested_by)})"
    if event.kind is EventKind.SUCCEEDED and job.kind is JobKind.DIAGNOSE:
        return f"✅ The diagnosis of {job.app} has ended ({person(job.requested_by)})"
    if event.kind is EventKind.SUCCEEDED and job.kind is JobKind.HISTORY:
        return f"✅ The lines of before the move of {job.app} are in the target account ({person(job.requested_by)})"
    if event.kind is EventKind.TURNED and not event.who:
        return f"↩ {event.text}: it is rolled back by itself. ({person(job.requested_by)})"
    words = SENTENCES[event.kind].format(
        step=title(event, job, workflow),
        text=event.text.rstrip(". "),
        who=person(event.who),
        asker=person(job.requested_by),
        app=job.app,
        approvers=called(job, approvers) or "an approver",
        back=collecting(job),
        plan=f"Plan {code(event.shown)}" if event.shown else "",
    )
    return re.sub(" {2,}", " ", words).rstrip(": ")


def _numbered(lines: Sequence[str]) -> list[str]:
    """Each with its number; what a part says in further lines stands below it."""
    found = []
    for number, part in enumerate(lines, 1):
        first, *rest = lines_of(folded(part)) or [""]
        found += [f"{number}. {first}", *(f"• {text}" for text in rest)]
    return found
