"""The machines of a machine group: who reports to it, and who is meant to."""

from __future__ import annotations

import math
from typing import Any

from sandbox.sls import errors
from sandbox.sls.call import EMPTY, Call, Reply, as_json
from sandbox.sls.calls.machine_groups import check_list
from sandbox.sls.door import Beat


def list_(call: Call) -> Reply:
    """ListMachines: only machines heard of lately; a silent one is absent, not marked."""
    unsettled = call.state.unsettled
    window = call.state.clock.real(call.state.delays.heartbeat_fresh)
    since = -math.inf if unsettled.stale_machines else call.now - window
    found = {
        beat.unique_id: _shape(beat, heard, unsettled.id_separator)
        for beat, heard in call.group.machines(since, unsettled)
    }
    names, total = call.request.page(list(found))
    page = [found[name] for name in names]
    return as_json({"count": len(page), "total": total, "machines": page})


def update(call: Call) -> Reply:
    """UpdateMachineGroupMachine: `action` add or delete, a list of machines as the body."""
    group, given = call.group, call.request.json_value()
    check_list(given)
    action, former = call.request.query.get("action"), group.body["machineList"]
    if action == "add":
        listed = [*former, *(one for one in dict.fromkeys(given) if one not in former)]
    elif action == "delete":
        listed = [one for one in former if one not in given]
    else:
        raise errors.parameter(f"action {action!r} must be add or delete")
    group.body |= {"machineList": listed, "lastModifyTime": int(call.now)}
    return EMPTY


def _shape(beat: Beat, heard: float, separator: str) -> dict[str, Any]:
    return {
        "ip": beat.ip,
        "machine-uniqueid": beat.unique_id,
        "userdefined-id": separator.join(beat.ids),
        "lastHeartbeatTime": int(heard),
        "host-id": beat.host_id,
    }
