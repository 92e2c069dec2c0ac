"""The target's machine group, and a fresh heartbeat of every host that is expected in it."""

from __future__ import annotations

from workflows.errors import Blocked, NotYet, StepFailed
from workflows.model import Evidence, Facts, HostResult, quoted
from workflows.ports import Machine
from workflows.step import Context
from workflows.steps.bodies import difference, group_body
from workflows.steps.hosts import named
from workflows.steps.identity import seen


def look(context: Context) -> Facts:
    """`before`: the group as it was, and by which ip and unique id each host is known."""
    found = context.target.machine_group(context.app.target.machine_group)
    if found is not None:
        _same(context, found)
    hosts = seen(context, context.target.project().owner, Blocked)
    for name, facts in hosts.items():
        if not (facts.ip or facts.unique_id):
            raise Blocked(
                f"{name}: the agent's app_info.json names no ip",
                f"Is the agent installed and running on {name}, and is agent_dir right?",
            )
    expected = {n: {"ip": f.ip, "unique_id": f.unique_id} for n, f in hosts.items()}
    _no_strangers(context, expected)
    return {"group": found, "expected": expected}


def _no_strangers(context: Context, expected: Facts) -> None:
    """Whoever else the source's config collects from would be collected by nobody after *stop*."""
    app, now = context.app, context.clock.now()
    for group in context.source.groups_of(app.source.config):
        for machine in context.source.machines(group):
            known = any(_is(machine, host) for host in expected.values())
            if not known and now - machine.heartbeat <= context.waits.fresh:
                raise Blocked(
                    f"config {app.source.config} is collected from {quoted(machine.ip)} too, in "
                    f"the source's machine group {group}, and that is none of the app's hosts",
                    f"Roll back, add it to apps.{app.name}.hosts (or take it off that group), "
                    "and start again.",
                )


def _same(context: Context, found: Facts) -> None:
    wanted = group_body(context.app)
    keys = ("machineIdentifyType", "machineList")
    if where := difference({key: wanted[key] for key in keys}, found):
        name = context.app.target.machine_group
        raise Blocked(
            f"machine group {name} exists in the target with another {where}",
            f"Roll back, set apps.{context.app.name}.target.machine_group to a free name, "
            "and start again.",
        )


def create(context: Context, before: Facts) -> None:
    if context.target.machine_group(context.app.target.machine_group) is None:
        context.ours()
        context.target.create_machine_group(group_body(context.app))


def beating(context: Context, before: Facts) -> Evidence:
    """Every expected host, not every listed one: ListMachines is silent about the dead."""
    name = context.app.target.machine_group
    found = context.target.machine_group(name)
    if found is None:
        raise NotYet(f"machine group {name} is not there yet")
    _same(context, found)
    results = _heartbeats(context, before, context.target.machines(name))
    if silent := tuple(result for result in results if not result.ok):
        count = f"{len(results) - len(silent)} of {len(results)} hosts have a heartbeat"
        raise NotYet(f"{count}; {named(silent)}", _hint(silent), results)
    return Evidence(f"heartbeat OK on {len(results)} of {len(results)} hosts", results)


def _heartbeats(
    context: Context, before: Facts, machines: tuple[Machine, ...]
) -> tuple[HostResult, ...]:
    expected = before["expected"].items()
    return tuple(_heartbeat(context, name, known, machines) for name, known in expected)


def _heartbeat(
    context: Context, name: str, known: Facts, machines: tuple[Machine, ...]
) -> HostResult:
    beats = [machine.heartbeat for machine in machines if _is(machine, known)]
    if not beats:
        return HostResult(name, ok=False, said=f"no heartbeat of {known['ip']} in the group")
    age = max(0.0, context.clock.now() - max(beats))
    ok = age <= context.waits.fresh
    return HostResult(name, ok=ok, said=f"heartbeat of {known['ip']} {age:.0f} s ago")


def _is(machine: Machine, known: Facts) -> bool:
    if known["ip"] and machine.ip == known["ip"]:
        return True
    return bool(known["unique_id"]) and machine.unique_id == known["unique_id"]


def _hint(silent: tuple[HostResult, ...]) -> str:
    names = ", ".join(result.host for result in silent)
    return f"On {names}: is the agent running, and does it reach the target's region?"


def would(context: Context, before: Facts) -> str:
    made = "" if before["group"] else f"create machine group {context.app.target.machine_group}, "
    return f"{made}wait for the heartbeat of {', '.join(before['expected'])}"


def delete_ours(context: Context, before: Facts) -> str:
    name = context.app.target.machine_group
    if before["group"] is not None:
        return f"machine group {name} was there before and stays"
    if context.target.machine_group(name) is None:
        return f"machine group {name} is gone"
    if others := context.target.configs_of(name):
        raise StepFailed(
            f"machine group {name} serves {', '.join(others)}, which is not ours",
            "Take these configs off the group, then Retry.",
        )
    context.ours()
    context.target.delete_machine_group(name)
    return f"machine group {name} was deleted"
