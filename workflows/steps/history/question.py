"""Before anything is copied: what, from where to where, what it costs; looked at again at the click."""

from __future__ import annotations

from workflows.errors import StepFailed
from workflows.model import Evidence, Plan
from workflows.step import Context
from workflows.steps.history.past import known
from workflows.steps.history.window import described

IF_DECLINED = "Roll back ends the job; nothing was copied."
COSTS = "lines that are copied stay in the target: no line can be taken out of a logstore"


def plan(context: Context) -> Plan:
    """What is agreed to: the window, the seam, and who copies."""
    return Plan(described(context, known(context)))


def green(context: Context) -> Evidence:
    """Both logstores are there, and the roles are those that were shown."""
    app, past = context.app, known(context)
    for sls, side, name in (
        (context.source, "source", app.source.logstore),
        (context.target, "target", app.target.logstore),
    ):
        if sls.logstore(name) is None:
            raise StepFailed(f"the {side}'s logstore {name} is gone", "Roll back.")
    if bool(app.roles.source) is not past.by_service:
        raise StepFailed(
            f"apps.{app.name}.history was changed since", "Roll back, and ask for the history anew."
        )
    by = "the service, with both roles, and then the copier" if past.by_service else "the copier"
    return Evidence(f"both logstores are there; {by} would copy", substance=(by,))
