"""The app's hosts: who they are, that each can be reached, and that nobody was forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace

from workflows.apps import Host, HostsFrom
from workflows.errors import Blocked, JobError, StepFailed
from workflows.lint.agents import agents as too_old
from workflows.model import Evidence, Facts, HostResult, quoted
from workflows.ports import Machine
from workflows.step import Context
from workflows.steps.agreed import collections, noticed, wanted
from workflows.steps.beats import Beats, strangers
from workflows.steps.hosts import on_hosts
from workflows.steps.on_host.commands import HostFacts, Look


def look(context: Context) -> Facts:
    """`before`: the hosts, and by which ip and unique id the agent of each is known."""
    account = two_accounts(context)
    machines = collected(context)
    roster = _found(context, machines)
    listed = {"hosts": {"roster": [asdict(host) for host in roster]}}
    context = replace(context, known={**context.known, **listed})
    _left_out_is_known(context, roster)
    facts = seen(context, account, Blocked)
    expected = {name: _known_by(name, fact) for name, fact in facts.items()}
    if context.app.hosts_from is HostsFrom.BOTH:
        _all_collected(context, expected, machines)
    no_strangers(context, expected, machines, Blocked)
    versions = {name: fact.version for name, fact in facts.items()}
    findings = [asdict(finding) for finding in too_old(versions, wanted(context).configs)]
    found = {"roster": [asdict(host) for host in roster], "expected": expected}
    return {**found, "account": account, "versions": versions, "findings": findings}


def two_accounts(context: Context) -> str:
    """The target's account id. Raises Blocked where it is the source's too."""
    account = context.target.project().owner
    if account == context.source.project().owner:
        text = f"source and target are both account {account}"
        raise Blocked(text, "Check the access keys and projects of accounts.source and .target.")
    return account


def seen(
    context: Context,
    account: str,
    trouble: type[JobError] = StepFailed,
    only: Iterable[str] | None = None,
) -> dict[str, HostFacts]:
    """What the hosts hold of the identity, by host name; all of them if `only` names none."""
    app = context.app
    results = on_hosts(context, lambda host: Look(host, account, app.custom_id), trouble, only)
    return {name: HostFacts.parse(result.said) for name, result in results.items()}


def collected(context: Context) -> tuple[Machine, ...]:
    """Who heartbeats in the machine groups that the source's configs are applied to, each once."""
    every = (one for group in source_groups(context) for one in context.source.machines(group))
    oldest_first = sorted(every, key=lambda machine: machine.heartbeat)
    machines = {(machine.ip, machine.unique_id): machine for machine in oldest_first}
    now, fresh = context.clock.now(), context.waits.fresh
    return tuple(machine for machine in machines.values() if now - machine.heartbeat <= fresh)


def source_groups(context: Context) -> tuple[str, ...]:
    """The machine groups that the source's configs are applied to now."""
    every = (context.source.groups_of(one.source) for one in collections(context))
    return tuple(dict.fromkeys(group for groups in every for group in groups))


def _configs(context: Context) -> str:
    return ", ".join(one.source for one in collections(context))


def _found(context: Context, machines: tuple[Machine, ...]) -> tuple[Host, ...]:
    """The settings' list; or whom the machine group names, with what the settings say of them."""
    app = context.app
    if app.hosts_from is not HostsFrom.GROUP:
        return app.hosts
    if not machines:
        configs = _configs(context)
        raise Blocked(
            f"the source's machine group of config {configs} names no host with a fresh heartbeat",
            f"Is {configs} applied to a group? Else name the hosts in apps.{app.name}.hosts.",
        )
    ips = dict.fromkeys(machine.ip for machine in machines)
    known = {host.ip or host.name: host for host in app.hosts}
    return tuple(known.get(ip) or app.other(ip) for ip in ips)


def _left_out_is_known(context: Context, roster: tuple[Host, ...]) -> None:
    names = {host.name for host in roster}
    if strange := sorted(context.without - names):
        shown = ", ".join(sorted(names)[:20])
        raise Blocked(
            f"{', '.join(strange)} was to be left out and is none of the app's hosts",
            f"Its hosts: {shown}. Roll back, and start again.",
        )
    if not names - context.without:
        raise Blocked("every host was left out", "Roll back, and start again with fewer.")


def _known_by(name: str, facts: HostFacts) -> Facts:
    if not (facts.ip or facts.unique_id):
        raise Blocked(
            f"{name}: the agent's app_info.json names no ip",
            f"Is the agent installed and running on {name}, and is agent_dir right?",
        )
    return {"ip": facts.ip, "unique_id": facts.unique_id}


def _all_collected(
    context: Context, expected: Mapping[str, Facts], machines: tuple[Machine, ...]
) -> None:
    """Whoever is on the list has a fresh heartbeat in the source's group."""
    beats = Beats(machines)
    silent = [name for name, host in expected.items() if beats.of(host) is None]
    if silent:
        results = tuple(HostResult(n, ok=False, said=f"{expected[n]['ip']}: none") for n in silent)
        raise Blocked(
            f"{', '.join(silent[:20])} stands in apps.{context.app.name}.hosts and has no fresh "
            f"heartbeat in the source's machine group",
            f"/logmigrate diagnose {context.app.name} finds out why; or leave the host out.",
            results,
        )


def no_strangers(
    context: Context,
    expected: Mapping[str, Facts],
    machines: tuple[Machine, ...],
    trouble: type[JobError],
) -> None:
    """Whoever else the source's config collects from would be collected by nobody after *stop*."""
    others = strangers(machines, expected)
    if not others:
        return
    ips = ", ".join(quoted(machine.ip) for machine in others[:5])
    left_out = ", ".join(sorted(context.without))
    or_left = f"; was it left out ({left_out})? Then its agent has to end first" if left_out else ""
    raise trouble(
        f"config {_configs(context)} is collected from {ips} too, in the source's machine "
        f"group, and that is none of the app's hosts{or_left}",
        f"Roll back, add it to apps.{context.app.name}.hosts (or take it off that group), "
        "and start again.",
    )


def still_nobody_else(context: Context) -> None:
    """The same once more before the source is stopped: a host left out may have come back."""
    here = {name: host for name, host in agents(context).items() if name not in context.without}
    no_strangers(context, here, collected(context), StepFailed)


def moved(context: Context) -> list[str]:
    """Of hosts whose agents are at another address by now, one sentence each."""
    known = {k["unique_id"]: (name, k["ip"]) for name, k in agents(context).items()
             if name not in context.without and k.get("ip") and k.get("unique_id")}  # fmt: skip
    ips = {ip for _, ip in known.values()}
    return [
        f"{known[one.unique_id][0]}, which was {known[one.unique_id][1]}, is {quoted(one.ip)} now"
        for one in collected(context)
        if one.unique_id in known and one.ip not in ips
    ]


def agents(context: Context) -> Mapping[str, Facts]:
    """By which ip and unique id each host is known, as the first step saw it."""
    for row in ("hosts", "group"):  # where a job that an older version began has it
        if expected := context.known.get(row, {}).get("expected"):
            found: Mapping[str, Facts] = expected
            return found
    raise Blocked("it is not known yet which agents to expect", "Put right what stands before.")


def nothing(context: Context, before: Facts) -> None:
    """Looking changes nothing."""


def told(context: Context, before: Facts) -> Evidence:
    """Who the hosts are, and who was left out."""
    results = tuple(
        HostResult(name, ok=True, said=f"{known['ip']}, agent {before['versions'][name] or '?'}")
        for name, known in before["expected"].items()
    )
    whence = {
        HostsFrom.LIST: "the settings' list",
        HostsFrom.GROUP: "the source's machine group",
        HostsFrom.BOTH: "the settings' list, as in the source's machine group",
    }[context.app.hosts_from]
    said = "".join(f"\n{one}" for one in noticed(before))
    return Evidence(f"{len(results)} hosts, by {whence}{left_out(context)}{said}", results)


def left_out(context: Context) -> str:
    """`; left out: h7, h9`, or nothing."""
    names = ", ".join(sorted(context.without))
    return f"; left out: {names}" if names else ""


def nothing_to_undo(context: Context, before: Facts) -> str:
    return "looking changed nothing"


def would(context: Context, before: Facts) -> str:
    return "look at every host"
