"""Projects: get, create, delete, list."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json
from sandbox.sls.state import Project

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_KEYS = frozenset({"projectName", "description", "resourceGroupId", "dataRedundancyType"})
_REDUNDANCIES = ("LRS", "ZRS")
_FILTERS = frozenset({"projectName", "resourceGroupId", "offset", "size"})


def get(call: Call) -> Reply:
    """GetProject; `owner` is the id of the main account."""
    return as_json(_shape(call.project))


def create(call: Call) -> Reply:
    """CreateProject in the region of the endpoint, or of the account on a bare address."""
    host, body = call.request.host, _checked(call.request.json_body())
    name, projects = body["projectName"], call.state.projects
    if host.project not in ("", name):
        raise errors.parameter(f"project name {name!r} is not the one of the Host")
    if name in projects:
        raise errors.project_exists(name)
    most = call.state.limits.projects
    if sum(project.account.id == call.account.id for project in projects.values()) >= most:
        raise errors.project_quota(most)
    region = host.region or call.account.region
    made = Project(name, call.account, region, body.get("description", ""), call.now)
    made.resource_group = body.get("resourceGroupId", "")
    made.redundancy = body.get("dataRedundancyType", "LRS")
    projects[name] = made
    return EMPTY


def update(call: Call) -> Reply:
    """UpdateProject: the description, the one thing that may change."""
    body, project = call.request.json_body(), call.project
    if body.keys() != {"description"} or not isinstance(body["description"], str):
        raise errors.parameter("the body must have a description, a string, and nothing else")
    project.description, project.modified = body["description"], call.now
    return EMPTY


def delete(call: Call) -> Reply:
    """DeleteProject with all that is in it."""
    del call.state.projects[call.project.name]
    return EMPTY


def list_(call: Call) -> Reply:
    """ListProject: the caller's own projects in the region of the endpoint."""
    query, region = call.request.query, call.request.host.region
    if unknown := query.keys() - _FILTERS:
        raise errors.not_implemented(f"list of projects by {', '.join(sorted(unknown))}")
    found = {
        project.name: _shape(project)
        for project in call.state.projects.values()
        if project.account.id == call.account.id
        and query.get("projectName", "") in project.name
        and query.get("resourceGroupId", "") in ("", project.resource_group)
        and region in ("", project.region)
    }
    names, total = call.request.page(sorted(found))
    page = [found[name] for name in names]
    return as_json({"count": len(page), "total": total, "projects": page})


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    if unknown := body.keys() - _KEYS:
        raise errors.parameter(f"unknown key {', '.join(sorted(unknown))}")
    name = body.get("projectName")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise errors.parameter(f"project name {name!r} is invalid")
    for key in ("description", "resourceGroupId"):
        if not isinstance(body.get(key, ""), str):
            raise errors.parameter(f"{key} must be a string")
    if body.get("dataRedundancyType", "LRS") not in _REDUNDANCIES:
        raise errors.parameter(f"dataRedundancyType must be one of {', '.join(_REDUNDANCIES)}")
    return body


def _shape(project: Project) -> dict[str, Any]:
    return {
        "projectName": project.name,
        "description": project.description,
        "owner": project.account.id,
        "region": project.region,
        "status": "Normal",
        "resourceGroupId": project.resource_group,
        "dataRedundancyType": project.redundancy,
        "createTime": _written(project.created),
        "lastModifyTime": _written(project.modified or project.created),
    }


def _written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
