"""The card of an approval: what is asked, on which evidence, of whom; later who decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handlers.blocks import (
    APPROVE,
    DECLINE,
    Block,
    Message,
    actions,
    context,
    message,
    section,
    sections,
)
from handlers.hosts import host_lines
from handlers.text import date, lines_of, person, safe
from workflows.model import Event, EventKind, Job
from workflows.step import Approval, Step, Workflow

NAMED = 10  # approvers that a card calls by name

VERDICTS = {
    EventKind.APPROVED: "✔ Approved by {who} {when}",
    EventKind.DECLINED: "🛑 Declined by {who} {when}",
    EventKind.EXPIRED: "Nobody answered in time; closed {when}",
    EventKind.VOID: "Approved by {who}, but no longer valid {when}: {text}",
    EventKind.CANCELLED: "No longer asked: {who} cancelled the job {when}",
    EventKind.TURNED: "No longer asked: {who} rolled back {when}",
    EventKind.STOPPED: "No longer asked: the job stopped {when}",
    EventKind.ASKED: "No longer asked: a newer card stands below",
}


def card(event: Event, job: Job, workflow: Workflow, approvers: Iterable[str] = ()) -> Message:
    """The question of an ASKED event, with its buttons. `approvers` are called by name."""
    value = f"{event.job}:{event.step}:{event.shown}"
    buttons = actions(APPROVE.block(value), DECLINE.block(value))
    who = _who(job, approvers)
    below = "\n".join([*_age(event, job), who])
    return message(
        f"{_title(event, workflow)} {who}", [*_body(event, workflow), context(below), buttons]
    )


def decided(asked: Event, decision: Event, job: Job, workflow: Workflow) -> Message:
    """The same card without buttons: who decided, and when."""
    verdict = VERDICTS[decision.kind].format(
        who=person(decision.who) if decision.who else "logmigrate",
        when=date(decision.at),
        text=decision.text,
    )
    said = "\n".join(lines_of(verdict + _stale(asked, decision, job)))
    return message(f"{_title(asked, workflow)} {said}", [*_body(asked, workflow), context(said)])


def verdicts(events: Sequence[tuple[str, Event]]) -> dict[str, Event]:
    """Ids of the ASKED events that no longer wait for a person, with what ended them."""
    newest: dict[str, str] = {}
    ended: dict[str, Event] = {}
    for event_id, event in events:
        for step in _closed_by(event, newest, ended):
            ended[newest[step]] = event
        if event.kind is EventKind.ASKED:
            newest[event.step] = event_id
    return ended


def _closed_by(event: Event, newest: dict[str, str], ended: dict[str, Event]) -> list[str]:
    """Steps whose newest card this event closes, or says something newer about."""
    if event.kind in {EventKind.APPROVED, EventKind.DECLINED, EventKind.EXPIRED, EventKind.VOID}:
        return [event.step] if event.step in newest else []
    still_open = [step for step, asked in newest.items() if asked not in ended]
    if event.kind is EventKind.ASKED:
        return [step for step in still_open if step == event.step]
    return still_open if event.kind in VERDICTS else []


def _fresh(asked: Event, job: Job) -> float:
    """Seconds for which a card's evidence counts as fresh; 0 for cards of older versions."""
    kept = (record.before.get("fresh", 0.0) for record in job.records if record.name == asked.step)
    return next(kept, 0.0)


def _age(asked: Event, job: Job) -> list[str]:
    """Until when the evidence is fresh; a card may hang for a day."""
    if not (fresh := _fresh(asked, job)):
        return []
    until = f"fresh until {date(asked.at + fresh)}"
    return [f"Evidence of {date(asked.at)}, {until}; it is proven again at the click."]


def _stale(asked: Event, decision: Event, job: Job) -> str:
    """Where a consent came late: how old was what it rests on."""
    age, fresh = decision.at - asked.at, _fresh(asked, job)
    if decision.kind is not EventKind.APPROVED or not 0 < fresh < age:
        return ""
    return f"; the evidence was stale, {age / 60:,.0f} min old, and is proven again before the act"


def costs(workflow: Workflow, approval: str) -> list[str]:
    """What taking back would cost of the steps between this approval and the next."""
    asked = workflow[approval]
    rows = next(rows for rows in workflow.tables if asked in rows)
    found = []
    for row in rows[rows.index(asked) + 1 :]:
        if isinstance(row, Approval):
            break
        if row.undo_costs or row.no_undo_because:
            found.append(f"{row.title}: {row.undo_costs or _never(row)}")
    return found


def _never(row: Step) -> str:
    return f"it cannot be taken back, {row.no_undo_because}"


def _body(event: Event, workflow: Workflow) -> list[Block]:
    blocks = [section(f"*{_title(event, workflow)}*")]
    blocks += sections(
        (f"{n}. {text}" for n, part in enumerate(event.lines, 1) for text in lines_of(part))
    )
    evidence = [*lines_of(event.text), *host_lines(event.hosts)]
    blocks += sections(["*Evidence*", *evidence], most=5) if evidence else []
    price = [text for cost in costs(workflow, event.step) for text in lines_of(cost)]
    return blocks + (sections(["*What taking it back costs*", *price], most=3) if price else [])


def _title(event: Event, workflow: Workflow) -> str:
    return safe(workflow[event.step].title)


def called(job: Job, approvers: Iterable[str]) -> str:
    """The people who may decide, by name; "" where nobody is configured."""
    others = sorted(set(approvers) - {job.requested_by})
    names = ", ".join(person(user) for user in others[:NAMED])
    return names + (f" and {len(others) - NAMED} more" if len(others) > NAMED else "")


def _who(job: Job, approvers: Iterable[str]) -> str:
    names = called(job, approvers)
    may = f": {names}" if names else ""
    return f"Job {safe(job.id)}: someone other than {person(job.requested_by)} decides{may}."
