"""Tags of a project and of what is in it."""

from __future__ import annotations

from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json
from sandbox.sls.requests import read_json
from sandbox.sls.state import Project

MOST = 20
LONGEST = 128
_OF_TAG = frozenset({"resourceType", "resourceId", "tags"})
_OF_UNTAG = _OF_TAG | {"all"}
TYPES = ("project", "logstore", "machinegroup", "logtailconfig")


def tag(call: Call) -> Reply:
    """TagResources: up to 20 tags on one resource; a key it has already gets the new value."""
    body = _known(call, _OF_TAG)
    tags, project, owner = _tags(body.get("tags")), call.project, _one(call, body)
    together = project.tags.get(owner, {}) | tags
    if len(together) > MOST:
        raise errors.parameter(f"a resource has at most {MOST} tags")
    project.tags[owner] = together
    return EMPTY


def untag(call: Call) -> Reply:
    """UntagResources by key, or `all`; a key that is not there is no error."""
    body, project = _known(call, _OF_UNTAG), call.project
    owner, keys = _one(call, body), body.get("tags", [])
    if not isinstance(body.get("all", False), bool) or not _texts(keys):
        raise errors.parameter("tags must be a list of keys, and all true or false")
    if body.get("all", False):
        keys = list(project.tags.get(owner, {}))
    for key in keys:
        project.tags.get(owner, {}).pop(key, None)
    return EMPTY


def list_(call: Call) -> Reply:
    """ListTagResources of one project, by resource ids, by tags, or both."""
    return _listed(call, [call.project])


def list_projects(call: Call) -> Reply:
    """ListTagResources without a project in the Host: the caller's own projects."""
    if call.request.query.get("resourceType") != "project":
        raise errors.parameter("resourceType must be project where the Host names no project")
    region = call.request.host.region
    own = (p for p in call.state.projects.values() if p.account.id == call.account.id)
    return _listed(call, [project for project in own if region in ("", project.region)])


def forget(project: Project, kind: str, name: str) -> None:
    """Drop the tags of what is deleted."""
    project.tags.pop((kind, f"{project.name}#{name}"), None)


def _listed(call: Call, projects: list[Project]) -> Reply:
    kind, query = _type(call.request.query.get("resourceType")), call.request.query
    ids, wanted = _parsed(query.get("resourceId")), _parsed(query.get("tags"))
    if not _texts(ids) or not (ids or wanted):
        raise errors.parameter("give resourceId, a list of ids, or tags, or both")
    asked = _filters(wanted)
    rows = [
        _row(owner, key, value)
        for project in projects
        for owner, tags in sorted(project.tags.items())
        if owner[0] == kind and (not ids or owner[1] in ids) and _fits(tags, asked)
        for key, value in sorted(tags.items())
    ]
    # One page holds all: 20 tags each on the few resources of a sandbox.
    return as_json({"nextToken": "", "tagResources": rows})


def _known(call: Call, keys: frozenset[str]) -> dict[str, Any]:
    body = call.request.json_body()
    if unknown := body.keys() - keys:
        raise errors.parameter(f"unknown key {', '.join(sorted(unknown))}")
    return body


def _row(owner: tuple[str, str], key: str, value: str) -> dict[str, str]:
    kind, name = owner
    return {"resourceType": kind, "resourceId": name, "tagKey": key, "tagValue": value}


def _fits(tags: dict[str, str], asked: dict[str, str | None]) -> bool:
    return all(key in tags and value in (None, tags[key]) for key, value in asked.items())


def _one(call: Call, body: dict[str, Any]) -> tuple[str, str]:
    kind, ids = _type(body.get("resourceType")), body.get("resourceId")
    if not isinstance(ids, list) or not _texts(ids) or len(ids) != 1:
        raise errors.parameter("resourceId must be a list of one id")
    _check_there(call.project, kind, ids[0])
    return kind, ids[0]


def _check_there(project: Project, kind: str, resource: str) -> None:
    owner, _, name = resource.partition("#")
    if owner != project.name or (kind == "project") == bool(name):
        raise errors.parameter(f"resourceId {resource!r} must be <project>, or <project>#<name>")
    if kind == "logstore":
        project.logstore(name)
    elif kind == "machinegroup":
        project.group(name)
    elif kind == "logtailconfig":
        project.config(name)


def _type(kind: Any) -> str:
    if kind == "dashboard":
        raise errors.not_implemented("tags of dashboards")
    if kind not in TYPES:
        raise errors.parameter(f"resourceType {kind!r} must be one of {', '.join(TYPES)}")
    return str(kind)


def _tags(given: Any) -> dict[str, str]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST:
        raise errors.parameter(f"tags must be a list of 1 to {MOST}")
    found = {}
    for one in given:
        if not isinstance(one, dict) or one.keys() != {"key", "value"}:
            raise errors.parameter("each of tags must have a key and a value")
        key, value = one["key"], one["value"]
        if not _text(key) or key.startswith(("acs:", "aliyun")) or not _text(value):
            raise errors.parameter(f"tag {key!r} with value {value!r} is invalid")
        found[key] = value
    return found


def _text(value: Any) -> bool:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST:
        return False
    return "http://" not in value and "https://" not in value


def _texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(one, str) for one in values)


def _filters(wanted: Any) -> dict[str, str | None]:
    if not isinstance(wanted, list) or len(wanted) > MOST:
        raise errors.parameter(f"tags must be a list of up to {MOST}")
    if not all(isinstance(one, dict) and isinstance(one.get("key"), str) for one in wanted):
        raise errors.parameter("each of tags must have a key")
    return {one["key"]: one.get("value") for one in wanted}


def _parsed(text: str | None) -> Any:
    if not text:
        return []
    try:
        return read_json(text)
    except ValueError as error:
        raise errors.parameter(f"{text!r} must be a JSON list") from error
