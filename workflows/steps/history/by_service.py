"""The lines before the seam, copied by a job of the service itself in the source's project."""

from __future__ import annotations

from math import inf

from workflows.errors import Blocked, NotYet, StepFailed
from workflows.model import Evidence, Facts
from workflows.ports import Copying
from workflows.step import Context
from workflows.steps.behind import clock
from workflows.steps.history.past import known
from workflows.steps.history.tail import Tail, read_on
from workflows.steps.history.window import Past

LOG = "internal-diagnostic_log"
NAME = 40  # signs of the app's name in the job's; together no more than 64
STARTING, RUNNING, STOPPING = "STARTING", "RUNNING", "STOPPING"
RESTARTING = "RESTARTING"
STOPPED, SUCCEEDED, FAILED = "STOPPED", "SUCCEEDED", "FAILED"
DAYS = 7 * 86_400.0  # seconds that it may take


def look(context: Context) -> Facts:
    """`before`: the job's name, and what the target's agents have brought up to now."""
    past = known(context)
    begun: Facts = {"tail": past.tail, "end": int(context.clock.now()) + 1}
    reading = context.known.get("copy", {}).get("reading") or begun
    tail, whole = read_on(context, Tail.of(reading["tail"]), int(reading["end"]), past.edge)
    if not whole:
        context.keep({"reading": {**reading, "tail": tail.facts}})
        raise NotYet("what the target's own agents brought meanwhile is being read")
    _no_older(context, past, tail)
    name = f"logmigrate-{context.app.name[:NAME]}-{int(context.asked['at'])}"
    return {"name": name, "tail": tail.facts}


def _no_older(context: Context, past: Past, tail: Tail) -> None:
    """What came since the seam was found may lie before it: there the service would double it."""
    known_first = Tail.of(past.tail).first
    if needed(past) and tail.lines and not 0 < known_first <= tail.first:
        text = (
            f"the target's agents have brought older lines meanwhile, from {clock(tail.first)} on"
        )
        raise Blocked(
            f"{text}: the seam is no longer where it was shown",
            f"Roll back, nothing was copied; and ask again: /logmigrate history {context.app.name}.",
        )


def needed(past: Past) -> bool:
    """Whether there is anything that the service can copy."""
    return past.by_service and past.start < past.seam


def copy(context: Context, before: Facts) -> None:
    """Found again by its name, so it is created once; one that somebody stopped goes on."""
    past = known(context)
    if not needed(past):
        return
    found = context.source.copying(before["name"])
    context.ours()
    if found is None and "made" in before:
        raise _gone(context, before["name"])
    if found is None:
        context.source.create_copying(body(context, past, before["name"]))
    elif found.status == STOPPED:
        context.source.start_copying(before["name"])
    context.jot({"made": context.clock.now()})


def body(context: Context, past: Past, name: str) -> Facts:
    """An ETL job that changes nothing: no script, one sink."""
    app = context.app
    sink = {
        "name": "target",
        "type": "AliyunLOG",
        "endpoint": app.roles.endpoint,
        "project": app.target.project,
        "logstore": app.target.logstore,
        "roleArn": app.roles.target,
        "accessKeyId": "",
        "accessKeySecret": "",
    }
    configuration = {
        "version": 2,
        "logstore": app.source.logstore,
        "fromTime": past.start,
        "toTime": past.seam,
        "script": "",
        "parameters": {},
        "roleArn": app.roles.source,
        "accessKeyId": "",
        "accessKeySecret": "",
        "sinks": [sink],
    }
    return {
        "name": name,
        "displayName": f"{app.name}: history",
        "description": f"Copies what was received up to {clock(past.seam)}; made by logmigrate.",
        "type": "ETL",
        "configuration": configuration,
        "schedule": {"type": "Resident"},
    }


def copied(context: Context, before: Facts) -> Evidence:
    """The job has come to its end; the lines themselves are compared later."""
    past = known(context)
    if not past.by_service:
        return Evidence("no roles are set, so the copier does all of it")
    if not needed(past):
        return Evidence(f"nothing lies before the seam at {clock(past.seam)}; the copier does all")
    found = context.source.copying(before["name"])
    if found is None:
        if context.clock.now() - before.get("made", inf) > context.waits.appear:
            raise _gone(context, before["name"])
        raise NotYet(f"copying job {before['name']} is not there yet")
    _stands(context, found)
    return Evidence(f"job {found.name} has copied {clock(past.start)} to {clock(past.seam)}")


def _gone(context: Context, name: str) -> StepFailed:
    """How much it had copied nobody knows any more; one made anew would copy that twice."""
    return StepFailed(
        f"somebody deleted copying job {name}",
        f"Roll back, and ask again with /logmigrate history {context.app.name}: what is copied "
        "already is found and not copied twice.",
    )


def _stands(context: Context, found: Copying) -> None:
    if found.status == SUCCEEDED:
        return
    if found.status == FAILED:
        raise StepFailed(
            f"copying job {found.name} has failed",
            f"The service writes why into logstore {LOG} of project {context.app.source.project}: "
            "most often a role that lacks a permission or its trust (docs/history.md). Put it "
            f"right, Roll back, and ask again with /logmigrate history {context.app.name}: what "
            "is copied already is found and not copied twice.",
        )
    if found.status == STOPPED:
        raise StepFailed(f"somebody stopped copying job {found.name}", "Retry starts it again.")
    raise NotYet(f"copying job {found.name} is {found.status.lower()}")


def delete(context: Context, before: Facts) -> str:
    """Stop it, wait until it has stopped, and delete it."""
    found = context.source.copying(before["name"])
    if found is None:
        return "there was no copying job"
    if found.status in {STARTING, RESTARTING, STOPPING}:
        raise NotYet(f"copying job {found.name} is {found.status.lower()}")
    if found.status == RUNNING:
        context.source.stop_copying(found.name)
        raise NotYet(f"copying job {found.name} is being stopped")
    context.source.delete_copying(found.name)
    return f"copying job {found.name} is deleted; what it copied stays in the target"


def would(context: Context, before: Facts) -> str:
    return "have the service copy what lies before the seam"
