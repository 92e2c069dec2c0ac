"""Jobs as `/jobs` has them: ETL jobs here, with what `/etls` shares, and alerts beside them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json
from sandbox.sls.calls import alerts
from sandbox.sls.etl_plan import Plan, checked, plan_of
from sandbox.sls.jobs import Job

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}[a-z0-9]")
_READ_ONLY = frozenset({"createTime", "lastModifiedTime", "scheduleId", "status"})
_NEEDED: dict[str, type] = {
    "name": str,
    "displayName": str,
    "type": str,
    "configuration": dict,
    "schedule": dict,
}
_MORE: dict[str, type] = {"description": str}
_FILTERS = frozenset({"jobType", "logstore", "offset", "size"})


def create(call: Call) -> Reply:
    """CreateJob; an ETL job starts at once."""
    if (body := given(call)).get("type") == alerts.TYPE:
        return alerts.create(call, body)
    body, plan = _read(call)
    return add(call, body, plan)


def get(call: Call) -> Reply:
    """GetJob."""
    if _is_alert(call):
        return alerts.get(call)
    return as_json(_shape(job_of(call)))


def update(call: Call) -> Reply:
    """UpdateJob, a full replace; a run under way goes on by what it was started with."""
    if _is_alert(call) and "action" not in call.request.query:
        return alerts.update(call)
    job = changeable(call)
    body, plan = _read(call)
    return change(call, job, body, plan)


def delete(call: Call) -> Reply:
    """DeleteJob, in any status; its consumer group goes with it."""
    if _is_alert(call):
        return alerts.delete(call)
    job, project = job_of(call), call.project
    del project.jobs[job.name]
    if job.plan.logstore in project.logstores:
        project.logstores[job.plan.logstore].consumer_groups.pop(job.group, None)
    return EMPTY


def start(call: Call) -> Reply:
    """Go on where the last run was stopped."""
    return _begin(call, "START", fresh=False)


def stop(call: Call) -> Reply:
    """End the run; its place is kept."""
    job = job_of(call)
    job.check("STOP")
    job.stop(call.now + call.state.clock.real(call.state.delays.job_stop))
    return EMPTY


def restart(call: Call) -> Reply:
    """Change the job as an update does, and run it from scratch: its lines come again."""
    job = job_of(call)
    job.check("RESTART")
    body, plan = _read(call)
    change(call, job, body, plan)
    return _begin(call, "RESTART", fresh=True)


def list_(call: Call) -> Reply:
    """ListJobs of one type; without a jobType those that copy."""
    kind = call.request.query.get("jobType", "ETL")
    if kind == alerts.TYPE:
        return alerts.list_(call)
    if kind != "ETL":
        raise errors.not_implemented(f"jobs of type {kind}")
    return listed(call, _FILTERS, _shape)


def job_of(call: Call) -> Job:
    """The job of the path; raises JobNotExist."""
    found = call.project.jobs.get(call.names["job"])
    if found is None:
        raise errors.job_missing(call.names["job"], call.state.etl.missing_status)
    return found


def changeable(call: Call) -> Job:
    """The job of the path for a plain PUT; refused while an operation is under way."""
    if "action" in call.request.query:
        action = call.request.query["action"]
        raise errors.not_implemented(f"PUT {call.request.path}?action={action}")
    job = job_of(call)
    job.check_settled()
    return job


def add(call: Call, body: dict[str, Any], plan: Plan) -> Reply:
    """Keep a new job and start it."""
    name, project, now = body["name"], call.project, call.now
    if not _NAME.fullmatch(name):
        raise errors.parameter(f"job name {name!r} is invalid")
    if name in project.jobs or name in project.alerts:
        raise errors.job_exists(name)
    _check(call, plan)
    until = now + call.state.clock.real(call.state.delays.job_start)
    project.jobs[name] = Job(name, body, plan, secrets.token_hex(16), now, now, until)
    return EMPTY


def change(call: Call, job: Job, body: dict[str, Any], plan: Plan) -> Reply:
    """Put another body in place of a job's own; its source and window stay."""
    if body.get("name", job.name) != job.name:
        raise errors.name_mismatch(job.name, body["name"])
    if plan.fixed != job.plan.fixed:
        raise errors.parameter("logstore, fromTime and toTime of a job cannot be changed")
    _check(call, plan)
    job.body, job.plan, job.modified = body | {"name": job.name}, plan, call.now
    return EMPTY


def listed(call: Call, filters: frozenset[str], shape: Callable[[Job], dict[str, Any]]) -> Reply:
    """One page of jobs, those that read `logstore` if that is asked."""
    call.known_filters("jobs", *filters)
    found, wanted = call.project.jobs, call.request.query.get("logstore")
    names = [name for name in sorted(found) if wanted in (None, found[name].plan.logstore)]
    page, total = call.request.page(names)
    results = [shape(found[name]) for name in page]
    return as_json({"count": len(page), "total": total, "results": results})


def told(job: Job, keys: tuple[str, ...]) -> dict[str, Any]:
    """What a client sent under these keys, and what the server knows beside it."""
    sent = {key: job.body[key] for key in keys if key in job.body}
    return sent | {
        "createTime": int(job.created),
        "lastModifiedTime": int(job.modified),
        "scheduleId": job.schedule_id,
        "status": job.status,
    }


def given(call: Call) -> dict[str, Any]:
    """The body without what only the server sets and without what is null."""
    body = call.request.json_body()
    return {k: v for k, v in body.items() if k not in _READ_ONLY and v is not None}


def _is_alert(call: Call) -> bool:
    return call.names["job"] in call.project.alerts and call.request.path.startswith("/jobs/")


def _shape(job: Job) -> dict[str, Any]:
    keys = ("name", "displayName", "description", "configuration")
    return told(job, keys) | {"type": "ETL", "schedule": {"type": "Resident"}}


def _read(call: Call) -> tuple[dict[str, Any], Plan]:
    body = checked(given(call), "job", _NEEDED, _MORE)
    if body["type"] != "ETL":
        raise errors.not_implemented(f"jobs of type {body['type']}")
    if body["schedule"] != {"type": "Resident"}:
        raise errors.parameter('the schedule of an ETL job must be {"type": "Resident"}')
    return body, plan_of(body["configuration"], spl=False)


def _check(call: Call, plan: Plan) -> None:
    project = call.project
    for sink in plan.sinks:
        if (sink.project, sink.logstore) == (project.name, plan.logstore):
            raise errors.parameter(f"sink {sink.name} is the source itself")
    for role in plan.roles:
        call.require("ram:PassRole", role)


def _begin(call: Call, verb: str, *, fresh: bool) -> Reply:
    job = job_of(call)
    job.check(verb)
    until = call.now + call.state.clock.real(call.state.delays.job_start)
    job.start(until, fresh=fresh)
    return EMPTY
