"""What `plan` says: each step looked at, nothing changed."""

from __future__ import annotations

from workflows.errors import JobError, NotYet, Unavailable
from workflows.step import Approval, Context, Step, Workflow


def plan_lines(workflow: Workflow, context: Context) -> tuple[str, ...]:
    """One line per step: already so, what it would do, or what stands in its way."""
    return tuple(_line(step, context) for step in workflow.steps)


def _line(step: Step | Approval, context: Context) -> str:
    if isinstance(step, Approval):
        return f"{step.title} An approver other than the requester decides."
    context.say(step.title)
    return f"{step.title}: {_outlook(step, context)}"


def _outlook(step: Step, context: Context) -> str:
    try:
        before = step.check(context)
        try:
            return f"already so, {step.verify(context, before).text}"
        except NotYet:
            return step.would(context, before)
    except Unavailable:
        raise
    except JobError as trouble:
        return f"in the way: {trouble}. {trouble.hint}".rstrip()
