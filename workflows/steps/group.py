"""The target's machine group, and a fresh heartbeat of every host that is expected in it."""

from __future__ import annotations

from time import gmtime, strftime

from workflows.errors import NotYet, StepFailed
from workflows.model import Evidence, Facts, HostResult
from workflows.step import Context
from workflows.steps.agreed import as_made, is_ours, same, wanted
from workflows.steps.beats import Beats
from workflows.steps.hosts import named
from workflows.steps.roster import agents


def look(context: Context) -> Facts:
    """`before`: the group as it was."""
    found = context.target.machine_group(context.app.target.machine_group)
    body = wanted(context).group
    if found is not None:
        same(f"machine group {body['groupName']}", body, found, _way_out(context))
    return {"group": found, "create": body}


def _way_out(context: Context) -> str:
    return (
        f"Make it equal and Retry; or Roll back, set apps.{context.app.name}.target.machine_group "
        "to a free name, and start again."
    )


def create(context: Context, before: Facts) -> None:
    if context.target.machine_group(context.app.target.machine_group) is None:
        context.ours()
        context.target.create_machine_group(_body(context, before))


def _body(context: Context, before: Facts) -> Facts:
    """Jobs of before there was a first row have not kept it."""
    body: Facts = before.get("create") or wanted(context).group
    return body


def pilot_beating(context: Context, before: Facts) -> Evidence:
    """The first host's heartbeat: what was done there works, before the others are touched."""
    (result,) = _beating(context, 1)
    return Evidence(f"{result.host}, the first host: {result.said}", (result,))


def expected(context: Context) -> Facts:
    """`before`: nothing of its own; who is expected the first step has found."""
    return {}


def nothing(context: Context, before: Facts) -> None:
    """Waiting changes nothing."""


def all_beating(context: Context, before: Facts) -> Evidence:
    results = _beating(context, None)
    return Evidence(f"heartbeat OK on {len(results)} of {len(results)} hosts", results)


def _beating(context: Context, first: int | None) -> tuple[HostResult, ...]:
    """Every expected host, not every listed one: ListMachines is silent about the dead."""
    name = context.app.target.machine_group
    found = context.target.machine_group(name)
    if found is None:
        raise NotYet(f"machine group {name} is not there yet")
    as_made(f"machine group {name}", wanted(context).group, found, _way_out(context))
    beats = Beats(context.target.machines(name))
    known = agents(context)
    names = [host.name for host in context.roster][:first]
    results = tuple(_heartbeat(context, name, known[name], beats) for name in names)
    if silent := tuple(result for result in results if not result.ok):
        count = f"{len(results) - len(silent)} of {len(results)} hosts have a heartbeat"
        raise NotYet(f"{count}; {named(silent)}", _hint(context, silent), results)
    return results


def _heartbeat(context: Context, name: str, known: Facts, beats: Beats) -> HostResult:
    now, ip, newest = context.clock.now(), known["ip"], beats.of(known)
    if newest is None:
        since = _clock(context.since or now)
        return HostResult(name, ok=False, said=f"no heartbeat of {ip} in the group since {since}")
    age = max(0.0, now - newest)
    if age <= context.waits.fresh:
        return HostResult(name, ok=True, said=f"heartbeat of {ip} {age:.0f} s ago")
    return HostResult(name, ok=False, said=f"no heartbeat of {ip} since {_clock(newest)}")


def _clock(at: float) -> str:
    return strftime("%H:%M:%SZ", gmtime(at))


def _hint(context: Context, silent: tuple[HostResult, ...]) -> str:
    names = ", ".join(result.host for result in silent[:20])
    return (
        f"On {names}: is the agent running, and does it reach the target's region? "
        f"/logmigrate diagnose {context.app.name} finds out."
    )


def would(context: Context, before: Facts) -> str:
    made = "" if before["group"] else f"create machine group {context.app.target.machine_group}, "
    return f"{made}wait for the heartbeat of {context.roster[0].name}"


def would_wait(context: Context, before: Facts) -> str:
    return f"wait for the heartbeat of {', '.join(host.name for host in context.roster)}"


def nothing_to_undo(context: Context, before: Facts) -> str:
    return "waiting changed nothing"


def delete_ours(context: Context, before: Facts) -> str:
    name = context.app.target.machine_group
    if before["group"] is not None:
        return f"machine group {name} was there before and stays"
    found = context.target.machine_group(name)
    if found is None:
        return f"machine group {name} is gone"
    if not is_ours(before.get("create"), found):
        return f"machine group {name} stays: it is another than was made here"
    if others := context.target.configs_of(name):
        raise StepFailed(
            f"machine group {name} serves {', '.join(others)}, which is not ours",
            "Take these configs off the group, then Retry.",
        )
    context.ours()
    context.target.delete_machine_group(name)
    return f"machine group {name} was deleted"
