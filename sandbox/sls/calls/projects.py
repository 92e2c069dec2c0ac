"""Projects: get, create, delete, list."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json
from sandbox.sls.state import Project

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


def get(call: Call) -> Reply:
    """GetProject; `owner` is the id of the main account."""
    return as_json(_shape(call.project))


def create(call: Call) -> Reply:
    """CreateProject in the region of the endpoint, or of the account on a bare address."""
    host, body = call.request.host, call.request.json_body()
    name, description = body.get("projectName"), body.get("description", "")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or host.project not in ("", name):
        raise errors.parameter(f"project name {name!r} is invalid or not the one of the Host")
    if not isinstance(description, str):
        raise errors.parameter("description must be a string")
    if name in call.state.projects:
        raise errors.project_exists(name)
    region = host.region or call.account.region
    call.state.projects[name] = Project(name, call.account, region, description, call.now)
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
    wanted, region = call.request.query.get("projectName", ""), call.request.host.region
    found = {
        project.name: _shape(project)
        for project in call.state.projects.values()
        if project.account.id == call.account.id
        and wanted in project.name
        and region in ("", project.region)
    }
    names, total = call.request.page(sorted(found))
    page = [found[name] for name in names]
    return as_json({"count": len(page), "total": total, "projects": page})


def _shape(project: Project) -> dict[str, Any]:
    return {
        "projectName": project.name,
        "description": project.description,
        "owner": project.account.id,
        "region": project.region,
        "status": "Normal",
        "resourceGroupId": "",
        "dataRedundancyType": "LRS",
        "createTime": _written(project.created),
        "lastModifyTime": _written(project.modified or project.created),
    }


def _written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
