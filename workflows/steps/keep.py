"""Where the target has a logstore or index that is another: people say whether it holds as it is."""

from __future__ import annotations

from workflows.collection.compare import differences
from workflows.errors import Blocked
from workflows.model import Evidence, Plan
from workflows.step import Context
from workflows.steps.agreed import wanted

NAME = "keep?"
IF_DECLINED = (
    "Make it equal by hand, then Retry asks anew; or Roll back, give the app a free name in "
    "target.logstore, and start again."
)


def plan(context: Context) -> Plan:
    """Each difference of what the target has, or nothing where there is none."""
    name, project = context.app.target.logstore, context.app.target.project
    logstore = context.target.logstore(name)
    if logstore is None:
        return Plan(())
    bodies, index = wanted(context), context.target.index(name)
    found = [f"logstore {name}: {one}" for one in differences(bodies.logstore, logstore)]
    if index is not None:
        found += [f"index of {name}: {one}" for one in differences(bodies.index, index)]
    tail = f"logstore {name} of project {project} stays as it is, and the app's lines go into it"
    return Plan((*found, tail)) if found else Plan(())


def needed(context: Context) -> bool:
    return bool(plan(context).lines)


def green(context: Context) -> Evidence:
    name = context.app.target.logstore
    holds = "holds lines" if context.target.holds_lines(name) else "is empty"
    return Evidence(f"logstore {name} was there before and {holds}; nothing of it is written over")


def refuse_unasked(context: Context) -> None:
    """What differs now must be what was agreed to: it may have been made or changed since."""
    differs = plan(context)
    if context.agreed is None or not differs.lines or _agreed(context, differs):
        return
    shown = "; ".join(differs.lines[:-1])
    raise Blocked(
        f"the target's logstore is not as it was when people were asked: {shown}",
        "Make it equal by hand and Retry; or Roll back, and start again to be asked.",
    )


def _agreed(context: Context, differs: Plan) -> bool:
    return context.agreed is not None and context.agreed.get(NAME) == differs.digest
