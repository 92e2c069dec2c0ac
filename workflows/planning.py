"""What `plan` says: each step looked at, nothing changed."""

from __future__ import annotations

from dataclasses import replace

from workflows.errors import JobError, NotYet, Unavailable
from workflows.model import Facts
from workflows.step import Approval, Context, Step, Workflow


def plan_lines(workflow: Workflow, context: Context) -> tuple[str, ...]:
    """One line per step: already so, what it would do, or what stands in its way."""
    known: dict[str, Facts] = {}  # later steps build upon what the earlier ones saw
    context = replace(context, known=known)
    return tuple(_line(step, context, known) for step in workflow.steps)


def _line(step: Step | Approval, context: Context, known: dict[str, Facts]) -> str:
    if isinstance(step, Approval):
        return f"{step.title} An approver other than the requester decides."
    context.say(step.title)
    return f"{step.title}: {_outlook(step, context, known)}"


def _outlook(step: Step, context: Context, known: dict[str, Facts]) -> str:
    try:
        before = known[step.name] = step.check(context)
        try:
            found = step.verify(context, before).text
            return found if step.looks else f"already so, {found}"
        except NotYet:
            return step.would(context, before)
    except Unavailable:
        raise
    except JobError as trouble:
        return f"in the way: {trouble}. {trouble.hint}".rstrip()
