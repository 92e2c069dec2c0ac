"""/logmigrate: read the words, ask the service, answer in the ack. Before the ack only Redis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from slack_bolt import Ack

from handlers.adrift import counted
from handlers.errors import answer_to
from handlers.hosts import listed
from handlers.messages import progress
from handlers.parse import parse
from handlers.requests import (
    Cancel,
    Change,
    Diagnose,
    Help,
    History,
    LeaveOut,
    List,
    OnHosts,
    Plan,
    Request,
    RollBack,
    Start,
    Status,
    Unknown,
    as_typed,
)
from handlers.text import code, date, fit, lines_of, person, safe
from handlers.words import nearest
from workflows.errors import Refused, UnknownJob
from workflows.model import DUAL, STOP_FIRST, Job, JobState
from workflows.service import Service

Seen = Callable[[str], bool]  # whether this gesture's trigger id came before

NEWEST = 20  # jobs that `list` names
STRANGE = 3  # unknown hosts for which a nearest name is looked up; an answer may take no 3 s

HELP = """\
*/logmigrate* moves the log collection of an app to another account. Nothing is deleted before an \
approver agrees.
`/logmigrate plan APP`  what each step would do; changes nothing
`/logmigrate start APP`  move it; a message appears here and tells how far it is
`/logmigrate start APP --without h7,h9`  the same, but leave these hosts out
`/logmigrate start APP --stop-first`  stop the source before the target begins: what may be lost is \
forecast, and an approver has to accept it
`/logmigrate without APP|JOB h7,h9`  leave hosts out of a job that has stopped
`/logmigrate diagnose APP [h7,h9]`  find out why hosts are silent
`/logmigrate history APP --from 30d|12h|2026-10-01`  copy the lines of before its move
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
        if isinstance(request, Change) and seen(command["trigger_id"]):
            return "This command came twice; it is carried out once."
        return _ask(service, request, command["user_id"], command["channel_id"])
    except Exception as error:  # noqa: BLE001 - whoever typed must read an answer
        return _trouble(service, request, error)


def _ask(service: Service, request: Request, by: str, channel: str) -> str:
    match request:
        case Start() | Plan() | Diagnose():
            return _queued(service, request, by, channel)
        case History(app, since):
            job = service.history(app, by, channel, since)
            return (
                f"Queued as {safe(job.id)}: the lines of {safe(app)} from before its move. An "
                "approver decides, once it is known how many there are."
            )
        case LeaveOut(ref, hosts):
            job = service.leave_out(ref, hosts, by)
            return f"{safe(job.id)} goes on{_without(job.without)} once its Retry is pressed."
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


def _queued(service: Service, request: Start | Plan | Diagnose, by: str, channel: str) -> str:
    app, hosts = safe(request.app), request.hosts
    match request:
        case Start():
            job = service.start(request.app, by, channel, hosts, _route(request))
            how = ", and its source is stopped first" if request.stop_first else ""
            what = f"{app} is going to be moved{_without(hosts)}{how}. The thread is below."
        case Plan():
            job = service.plan(request.app, by, channel, hosts, _route(request))
            how = " that stops the source first" if request.stop_first else ""
            what = f"a plan{how} for {app}{_without(hosts)}, which changes nothing."
        case Diagnose():
            job = service.diagnose(request.app, by, channel, hosts)
            about = listed(hosts) if hosts else "every host"
            what = f"why {about} of {app} may be silent. What is found stands below."
    return f"Queued as {safe(job.id)}: {what}"


def _route(request: Start | Plan) -> str:
    return STOP_FIRST if request.stop_first else DUAL


def _without(hosts: Sequence[str]) -> str:
    return f" without {listed(hosts)}" if hosts else ""


def _line(service: Service, job: Job) -> str:
    """One job in a line: how far, whose, since when, where."""
    what = f"{code(job.id)} {safe(job.app)}{_without(job.without)} ({job.kind})"
    words = f"{what}: {safe(progress(job, service.workflow))}{counted(job)}"
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
    meant = ""
    if isinstance(error, UnknownJob) and isinstance(request, Status | Cancel | RollBack | LeaveOut):
        meant = _other(nearest(request.ref, service.apps), request.ref)
    elif isinstance(error, Refused) and isinstance(request, OnHosts):
        meant = _other(_with_known_hosts(service, request), as_typed(request))
    return f"{text} Did you mean {safe(meant)}?" if meant else text


def _other(meant: str, said: str) -> str:
    return meant if meant != said else ""


def _with_known_hosts(service: Service, request: OnHosts) -> str:
    """The same command with the nearest known names of hosts; not for a whole list of strange ones."""
    app = service.apps.get(request.ref if isinstance(request, LeaveOut) else request.app)
    known = {host.name for host in app.hosts} if app else set()
    strange = [name for name in request.hosts if name not in known][:STRANGE]
    meant = {name: nearest(name, known) or name for name in strange}
    hosts = tuple(meant.get(name, name) for name in request.hosts)
    return as_typed(replace(request, hosts=hosts))
