"""What classic and pipeline configs share: one name space per project, times, bindings."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply
from sandbox.sls.calls import tags
from sandbox.sls.settings import CrossReads

# The documentation wants lower case; the vendor's own suite creates capitals, so they pass.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,126}[A-Za-z0-9]")
# Sent by clients that copy what they read; the server sets its own.
_READ_ONLY = frozenset({"createTime", "lastModifyTime", "modifyTime"})


class Form(Enum):
    """The two forms of a config, each by the path of its calls."""

    CLASSIC = "/configs"
    PIPELINE = "/pipelineconfigs"


def add(call: Call, body: dict[str, Any]) -> Reply:
    """Keep a new config of either form; both forms share names and quota."""
    name, project = body["configName"], call.project
    if name in project.configs:
        raise errors.config_exists(name, call.state.unsettled.config_exists)
    if len(project.configs) >= call.state.limits.configs:
        raise errors.quota("configs", call.state.limits.configs)
    now = int(call.now)
    project.configs[name] = body | {"createTime": now, "lastModifyTime": now}
    project.bindable_at[f"config {name}"] = call.bindable_from
    return EMPTY


def found(call: Call, form: Form) -> dict[str, Any]:
    """The config of the path; one of the other form is refused as the server's switch says."""
    body = call.config
    if _form(body) is form:
        return body
    name = body["configName"]
    if call.state.cross_reads is CrossReads.NOT_FOUND:
        raise errors.config_missing(name)
    raise errors.config_form(name, _form(body).value)


def replace(call: Call, former: dict[str, Any], body: dict[str, Any]) -> Reply:
    """Put `body` in place of `former`; only createTime stays."""
    name = former["configName"]
    if body["configName"] != name:
        raise errors.name_mismatch(name, body["configName"])
    times = {"createTime": former["createTime"], "lastModifyTime": int(call.now)}
    call.project.configs[name] = body | times
    return EMPTY


def drop(call: Call, body: dict[str, Any]) -> Reply:
    """Forget a config; every machine group loses it."""
    name = body["configName"]
    del call.project.configs[name], call.project.bindable_at[f"config {name}"]
    tags.forget(call.project, "logtailconfig", name)
    for group in call.project.groups.values():
        if name in group.configs:
            group.configs.remove(name)
    return EMPTY


def listed(call: Call, form: Form, logstore_of: Callable[[dict[str, Any]], str]) -> Reply:
    """The names of one form: configName filters by a part of them, logstoreName by the whole."""
    part = call.request.query.get("configName", "")
    logstore = call.request.query.get("logstoreName")
    names = [
        name
        for name, body in call.project.configs.items()
        if _form(body) is form and part in name and logstore in (None, logstore_of(body))
    ]
    return call.listed("configs", sorted(names))


def checked_names(body: dict[str, Any], keys: frozenset[str]) -> dict[str, Any]:
    """The body without what only the server sets; raises on unknown keys and a bad name."""
    given = {key: value for key, value in body.items() if key not in _READ_ONLY}
    if unknown := given.keys() - keys:
        raise errors.config_invalid(f"unknown key {', '.join(sorted(unknown))}")
    name = given.get("configName")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise errors.config_invalid(f"configName {name!r} is invalid")
    return given


def _form(body: dict[str, Any]) -> Form:
    return Form.PIPELINE if "flushers" in body else Form.CLASSIC
