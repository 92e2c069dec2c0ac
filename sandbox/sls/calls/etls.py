"""ETL jobs as `/etls` has them: those of the new kind, whose scripts are SPL."""

from __future__ import annotations

from typing import Any

from sandbox.sls.call import Call, Reply, as_json
from sandbox.sls.calls import jobs
from sandbox.sls.etl_plan import Plan, checked, plan_of
from sandbox.sls.jobs import Job

_KEYS: dict[str, type] = {"displayName": str, "configuration": dict}
_MORE: dict[str, type] = {"description": str}
_FILTERS = frozenset({"logstore", "offset", "size"})


def create(call: Call) -> Reply:
    """CreateETL; it starts at once."""
    body, plan = _read(call, _KEYS | {"name": str}, _MORE)
    return jobs.add(call, body, plan)


def get(call: Call) -> Reply:
    """GetETL."""
    return as_json(_shape(jobs.job_of(call)))


def update(call: Call) -> Reply:
    """UpdateETL, a full replace; a run under way goes on by what it was started with."""
    job = jobs.changeable(call)
    body, plan = _read(call, _KEYS, _MORE | {"name": str})
    return jobs.change(call, job, body, plan)


def list_(call: Call) -> Reply:
    """ListETLs."""
    return jobs.listed(call, _FILTERS, _shape)


def _shape(job: Job) -> dict[str, Any]:
    return jobs.told(job, ("name", "displayName", "description", "configuration"))


def _read(
    call: Call, needed: dict[str, type], more: dict[str, type]
) -> tuple[dict[str, Any], Plan]:
    body = checked(jobs.given(call), "job", needed, more)
    return body, plan_of(body["configuration"], spl=True)
