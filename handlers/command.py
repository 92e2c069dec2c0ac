"""/logmigrate: read the words, ask the service, answer in the ack. Before the ack only Redis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack

from handlers.errors import answer_to
from handlers.messages import progress
from handlers.parse import (
    Cancel,
    Help,
    List,
    Plan,
    Request,
    RollBack,
    Start,
    Status,
    Unknown,
    nearest,
    parse,
)
from handlers.text import code, date, fit, lines_of, person, safe
from workflows.errors import UnknownJob
from workflows.model import Job, JobState
from workflows.service import Service

Seen = Callable[[str], bool]  # whether this gesture's trigger id came before

NEWEST = 20  # jobs that `list` names

HELP = """\
*/logmigrate* moves the log collection of an app to another account. Nothing is deleted before an \
approver agrees.
`/logmigrate plan APP`  what each step would do; changes nothing
`/logmigrate start APP`  move it; a message appears here and tells how far it is
`/logmigrate status APP|JOB`  how far it is
`/logmigrate list`  the newest jobs
`/logmigrate cancel APP|JOB`  go no further
`/logmigrate rollback APP|JOB`  take back what the job changed"""


def listener(service: Service, seen: Seen) -> Callable[..., None]:
    def logmigrate(ack: Ack, command: Mapping[str, Any]) -> None:
        ack(text=answer(service, seen, command), response_type="ephemeral")

    return logmigrate


def unknown_command(ack: Ack, command: Mapping[str, Any]) -> None:
    name = code(str(command.get("command", "")))
    ack(text=f"logmigrate does not know {name}. Try `/logmigrate help`.", response_type="ephemeral")


def answer(service: Service, seen: Seen, command: Mapping[str, Any]) -> str:
    """What the person who typed the command reads. Never raises."""
    text = str(command.get("text") or "")
    request = parse(text, service.apps)
    try:
        if isinstance(request, Start | Plan | Cancel | RollBack) and seen(command["trigger_id"]):
            return "This command came twice; it is carried out once."
        return _ask(service, request, command["user_id"], command["channel_id"])
    except Exception as error:  # noqa: BLE001 - whoever typed must read an answer
        return _trouble(service, request, error)


def _ask(service: Service, request: Request, by: str, channel: str) -> str:
    match request:
        case Start(app):
            job = service.start(app, by, channel)
            return (
                f"Queued as {safe(job.id)}: {safe(app)} is going to be moved. The thread is below."
            )
        case Plan(app):
            job = service.plan(app, by, channel)
            return f"Queued as {safe(job.id)}: a plan for {safe(app)}, which changes nothing."
        case Status(ref):
            return _line(service, service.status(ref))
        case List():
            return _jobs(service)
        case Cancel(ref):
            return _cancelled(service.cancel(ref, by))
        case RollBack(ref):
            job = service.roll_back(ref, by)
            return f"{safe(job.id)} rolls back; its thread tells what is taken back."
        case Unknown(why, meant):
            return _not_understood(why, meant)
        case Help():
            return _help(service)


def _line(service: Service, job: Job) -> str:
    """One job in a line: how far, whose, since when, where."""
    words = f"{code(job.id)} {safe(job.app)} ({job.kind}): {safe(progress(job, service.workflow))}"
    why = f"\n{' '.join(lines_of(job.reason))}" if job.reason else ""
    link = service.link(job.id)
    where = f", <{link}|thread>" if link.startswith("http") else ""
    return f"{words}, asked by {person(job.requested_by)} {date(job.created)}{where}{why}"


def _jobs(service: Service) -> str:
    jobs = service.jobs()
    if not jobs:
        return "Nothing was started yet. `/logmigrate help` tells how."
    more = [f"… {len(jobs) - NEWEST} older ones"] if len(jobs) > NEWEST else []
    return fit([*(_line(service, job) for job in jobs[:NEWEST]), *more])


def _cancelled(job: Job) -> str:
    if job.state is JobState.STOPPED:
        return f"{safe(job.id)} goes no further. Its message offers Retry and Roll back."
    return f"{safe(job.id)} is cancelled. It had changed nothing."


def _not_understood(why: str, meant: str) -> str:
    tail = f"Did you mean {code(meant)}?" if meant else "`/logmigrate help` lists what there is."
    return f"{' '.join(lines_of(why))} {tail}"


def _help(service: Service) -> str:
    apps = ", ".join(sorted(service.apps)) or "none is configured"
    return f"{HELP}\nApps: {safe(apps)}"


def _trouble(service: Service, request: Request, error: Exception) -> str:
    text = answer_to(error, f"answering {request}")
    if isinstance(error, UnknownJob) and isinstance(request, Status | Cancel | RollBack):
        meant = nearest(request.ref, service.apps)
        return f"{text} Did you mean {safe(meant)}?" if meant and meant != request.ref else text
    return text
