"""Machine groups, and which configs are applied to them."""

from __future__ import annotations

import re
from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json
from sandbox.sls.calls import tags
from sandbox.sls.state import MachineGroup

OK = 200
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{1,126}[a-z0-9]")
_KEYS = frozenset(
    {"groupName", "groupType", "machineIdentifyType", "machineList", "groupAttribute"}
)
_READ_ONLY = frozenset({"createTime", "lastModifyTime"})
# A real answer carries all five; a create needs none of them.
_ATTRIBUTES = {"externalName": "", "groupTopic": "", "osType": "", "region": "", "policy": ""}


def create(call: Call) -> Reply:
    """CreateMachineGroup."""
    body, project = _checked(call.request.json_body()), call.project
    name = body["groupName"]
    if name in project.groups:
        raise errors.group_exists(name)
    if len(project.groups) >= call.state.limits.machine_groups:
        raise errors.quota("machine groups", call.state.limits.machine_groups)
    now = int(call.now)
    project.groups[name] = MachineGroup(body | {"createTime": now, "lastModifyTime": now})
    project.bindable_at[f"group {name}"] = call.bindable_from
    return EMPTY


def get(call: Call) -> Reply:
    """GetMachineGroup."""
    body = call.group.body
    if call.state.unsettled.all_group_attributes:
        return as_json(body)
    known = {key: body["groupAttribute"][key] for key in ("externalName", "groupTopic")}
    return as_json(body | {"groupAttribute": known})


def update(call: Call) -> Reply:
    """UpdateMachineGroup, a full replace; applied configs and heartbeats stay."""
    group, body = call.group, _checked(call.request.json_body())
    name = group.body["groupName"]
    if body["groupName"] != name:
        raise errors.name_mismatch(name, body["groupName"])
    times = {"createTime": group.body["createTime"], "lastModifyTime": int(call.now)}
    group.body = body | times
    return EMPTY


def delete(call: Call) -> Reply:
    """DeleteMachineGroup; its configs are unbound with it."""
    name = call.group.body["groupName"]
    del call.project.groups[name], call.project.bindable_at[f"group {name}"]
    tags.forget(call.project, "machinegroup", name)
    return EMPTY


def list_(call: Call) -> Reply:
    """ListMachineGroup; groupName filters by a part of the name."""
    part = call.request.query.get("groupName", "")
    return call.listed("machinegroups", sorted(n for n in call.project.groups if part in n))


def apply(call: Call) -> Reply:
    """ApplyConfigToMachineGroup; doing it again changes nothing. What is too new is not known."""
    group, name = call.group, call.config["configName"]
    known = call.project.bindable_at
    if call.now < known[f"config {name}"]:
        raise errors.config_missing(name)
    if call.now < known[f"group {group.body['groupName']}"]:
        raise errors.group_missing(group.body["groupName"])
    if name not in group.configs:
        group.configs.append(name)
    return EMPTY


def remove(call: Call) -> Reply:
    """RemoveConfigFromMachineGroup; a pair that was never applied is as the server's switch says."""
    group, name = call.group, call.config["configName"]
    if name in group.configs:
        group.configs.remove(name)
    elif call.state.unsettled.remove_unapplied != OK:
        raise errors.config_missing(name)
    return EMPTY


def applied_configs(call: Call) -> Reply:
    """GetAppliedConfigs of a machine group."""
    names = sorted(call.group.configs)
    return as_json({"count": len(names), "configs": names})


def applied_groups(call: Call) -> Reply:
    """GetAppliedMachineGroups of a config."""
    config = call.config["configName"]
    names = sorted(n for n, group in call.project.groups.items() if config in group.configs)
    return as_json({"count": len(names), "machinegroups": names})


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in body.items() if key not in _READ_ONLY}
    if unknown := given.keys() - _KEYS:
        raise errors.group_invalid(f"unknown key {', '.join(sorted(unknown))}")
    name, attributes = given.get("groupName"), given.get("groupAttribute", {})
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise errors.group_invalid(f"groupName {name!r} is invalid")
    if given.get("machineIdentifyType") not in ("ip", "userdefined"):
        raise errors.group_invalid("machineIdentifyType must be ip or userdefined")
    if not isinstance(attributes, dict) or attributes.keys() - _ATTRIBUTES.keys():
        raise errors.group_invalid(f"groupAttribute may have {', '.join(_ATTRIBUTES)}")
    if not all(isinstance(one, str) for one in (given.get("groupType", ""), *attributes.values())):
        raise errors.group_invalid("groupType and what is in groupAttribute must be strings")
    check_list(given.get("machineList"))
    return {"groupType": ""} | given | {"groupAttribute": _ATTRIBUTES | attributes}


def check_list(listed: Any) -> None:
    """Refuse a machineList that is no list of strings."""
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise errors.group_invalid("machineList must be a list of strings")
