"""The rows of a diagnosis: examine, ask where something may be put right, put it right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from workflows.apps import Host, HostsFrom
from workflows.errors import Blocked, JobError, NotYet, StepFailed
from workflows.model import Evidence, Facts, HostResult, Plan
from workflows.ports import Command
from workflows.step import Context
from workflows.steps.examined import Finding, counted, examined
from workflows.steps.hosts import named
from workflows.steps.on_host.commands import AddIdentity
from workflows.steps.on_host.examine import Restart
from workflows.steps.roster import collected, source_groups
from workflows.steps.silence.causes import NOTHING, UNNOTICED, Fix

WAITS = frozenset({UNNOTICED.name, NOTHING.name})  # what a repaired host has until it is heard


def look(context: Context) -> Facts:
    """`before`: every host with its causes."""
    hosts = _asked_about(context)
    strange = _strangers(context)
    findings = examined(context, hosts)
    told = (one.as_it_is if one.host.name in strange else one for one in findings)
    return {"found": [[asdict(one.host), one.facts()] for one in told]}


def _asked_about(context: Context) -> tuple[Host, ...]:
    """The hosts that were named, or all: of the settings, and whom the source's group lists."""
    hosts = {host.name: host for host in context.roster}
    if context.app.hosts_from is not HostsFrom.LIST:
        known = {host.ip for host in hosts.values()}
        ips = [one.ip for one in collected(context) if one.ip not in known]
        hosts = {ip: context.app.other(ip) for ip in (*ips, *_addresses(context))} | hosts
    if strange := sorted(context.only - hosts.keys()):
        text = f"{context.app.name} has no host {', '.join(strange)}"
        raise Blocked(text, f"Its hosts: {', '.join(sorted(hosts)[:20])}.")
    return tuple(host for name, host in hosts.items() if name in (context.only or hosts))


def _addresses(context: Context) -> list[str]:
    """A host that is asked about by its address may be silent, and so on no list."""
    return sorted(name for name in context.only if name.replace(".", "").isdecimal())


def _strangers(context: Context) -> set[str]:
    """Addresses that no list ever named: whose hosts they are, nobody knows."""
    strange = set(_addresses(context)) - {host.name for host in context.roster}
    if not strange:
        return strange
    source, target, ours = context.source, context.target, context.app.target.machine_group
    machines = [one for group in source_groups(context) for one in source.machines(group)]
    if target.machine_group(ours) is not None:
        machines += target.machines(ours)
    return strange - {machine.ip for machine in machines}


def nothing(context: Context, before: Facts) -> None:
    """Looking changes nothing."""


def found(context: Context, before: Facts) -> Evidence:
    """Every host's cause, what shows it, and what to do; those in trouble first."""
    findings = _findings(before)
    return Evidence(_account(findings), _results(findings))


def _findings(before: Facts) -> tuple[Finding, ...]:
    return tuple(Finding.of(Host(**host), facts) for host, facts in before["found"])


def _account(findings: Sequence[Finding]) -> str:
    ill = [finding for finding in findings if finding.causes]
    if not ill:
        return f"{len(findings)} of {len(findings)} hosts have a heartbeat, and nothing is wrong"
    return f"{len(ill)} of {len(findings)} hosts: {counted(ill)}"


def _results(findings: Sequence[Finding]) -> tuple[HostResult, ...]:
    return tuple(finding.result for finding in sorted(findings, key=lambda one: not one.causes))


def would_look(context: Context, before: Facts) -> str:
    return f"say of {len(before['found'])} hosts why they are silent"


def fixable(context: Context) -> bool:
    return bool(_to_fix(context))


def _to_fix(context: Context) -> tuple[Finding, ...]:
    before = context.known.get("examine", {})
    return tuple(one for one in _findings(before) if one.fixes) if before else ()


def plan(context: Context) -> Plan:
    """A line for each change on each host."""
    account = context.target.project().owner
    lines = (
        f"{finding.host.name}: {_deed(context, finding.host, fix, account)}"
        for finding in _to_fix(context)
        for fix in finding.fixes
    )
    return Plan(tuple(lines))


def _deed(context: Context, host: Host, fix: Fix, account: str) -> str:
    if fix is Fix.RESTART:
        return "restart the agent by its service script, or start it where it is stopped"
    add = f"make {host.conf_dir}/users/{account} and the line {context.app.custom_id} in "
    return f"{add}{host.conf_dir}/user_defined_id, where absent; others' lines stay as they are"


def safe(context: Context) -> Evidence:
    """Our ids belong on a host only while the migration's machine group is there."""
    fixes = _to_fix(context)
    group = context.app.target.machine_group
    ids = any(Fix.IDENTITY in finding.fixes for finding in fixes)
    if ids and context.target.machine_group(group) is None:
        raise StepFailed(
            f"machine group {group} is gone, so the hosts are not to carry its id",
            f"/logmigrate diagnose {context.app.name} looks anew.",
        )
    if ids:
        _not_taken_back(context)
    return Evidence(counted(fixes))


def _not_taken_back(context: Context) -> None:
    """A roll back has passed by some hosts already, and would not take our ids off them again."""
    if job := context.taken_back():
        raise StepFailed(
            f"job {job} rolls {context.app.name} back, so the hosts are not to carry its ids",
            f"/logmigrate diagnose {context.app.name} looks anew, once it was started again.",
        )


def still_needed(context: Context) -> Facts:
    """`before`: of what was agreed to, what each host needs even now; a host may have healed."""
    agreed = {finding.host.name: finding for finding in _to_fix(context)}
    now = examined(context, tuple(finding.host for finding in agreed.values()))
    needed = ((one.host, [f for f in one.fixes if f in agreed[one.host.name].fixes]) for one in now)
    return {"fixes": [[asdict(host), fixes] for host, fixes in needed if fixes]}


def fix(context: Context, before: Facts) -> None:
    """The ids first, then the restarts; a host that refuses does not hold up the others."""
    account, app = context.target.project().owner, context.app
    failed: list[HostResult] = []
    for kind in (Fix.IDENTITY, Fix.RESTART):
        commands: dict[str, Command] = {}
        for host in _hosts(before, kind):
            add = AddIdentity(host, app.name, account, app.custom_id)
            commands[host.name] = Restart(host) if kind is Fix.RESTART else add
        if commands and kind is Fix.IDENTITY:
            _not_taken_back(context)
        failed += _done(context, commands, kind)
    if failed:
        text = f"{len(failed)} hosts could not be put right: {named(tuple(failed))}"
        hint = f"Retry; /logmigrate diagnose {app.name} looks anew."
        raise StepFailed(text, hint, tuple(failed))


def _hosts(before: Facts, kind: Fix | None = None) -> tuple[Host, ...]:
    """Of the hosts agreed to, those with that fix, or all."""
    return tuple(Host(**host) for host, fixes in before["fixes"] if kind in {None, *fixes})


def _done(context: Context, commands: dict[str, Command], kind: Fix) -> list[HostResult]:
    """The hosts that refused."""
    if not commands:
        return []
    context.ours()
    context.say(f"{kind}: {len(commands)} hosts")
    results = context.hosts.run(commands, kind.name.lower())
    context.hosts.forget(kind.name.lower())
    return [result for result in results if not result.ok]


def healed(context: Context, before: Facts) -> Evidence:
    """Each has a heartbeat, or has only causes left that no fix of ours is for."""
    hosts = _hosts(before)
    if not hosts:
        return Evidence("nothing is left to put right")
    findings = examined(context, hosts)
    results = _results(findings)
    if waiting := [one for one in findings if _may_heal(one)]:
        hint = "Retry looks again; the evidence says what to do by hand."
        raise NotYet(f"{len(waiting)} of {len(hosts)} hosts: {counted(waiting)}", hint, results)
    well = sum(not finding.causes for finding in findings)
    left = counted(findings)
    return Evidence(f"{well} of {len(hosts)} hosts are well{left and f'; left: {left}'}", results)


def _may_heal(finding: Finding) -> bool:
    return bool(finding.fixes) or any(cause.name in WAITS for cause in finding.causes)


def would_fix(context: Context, before: Facts) -> str:
    return f"put {len(before['fixes'])} hosts right"


def explain(context: Context, error: JobError) -> JobError:
    """The same error with the causes of the hosts that are not ok.

    A trouble of its own stands in the hint, so that it never hides the error.
    """
    silent = {result.host for result in error.hosts if not result.ok}
    hosts = tuple(host for host in context.roster if host.name in silent)
    try:
        findings = examined(context, hosts)
    except JobError as trouble:
        hint = f"{error.hint} Their causes could not be looked for: {trouble}.".lstrip()
        return type(error)(str(error), hint, error.hosts)
    if not findings:
        return error
    causes = {finding.host.name: finding.result for finding in findings if finding.causes}
    results = tuple(causes.get(result.host, result) for result in error.hosts)
    again = f"/logmigrate diagnose {context.app.name} looks anew{_offers(findings)}."
    hint = f"{_way_out(findings)} {again}"
    return type(error)(f"{error}; {counted(findings) or 'they are heard by now'}", hint, results)


def _way_out(findings: Sequence[Finding]) -> str:
    """What to do about it, where it is the same everywhere."""
    remedies = {finding.causes[0].remedy for finding in findings if finding.causes}
    return remedies.pop() if len(remedies) == 1 else "The hosts' table says what to do on each."


def _offers(findings: Sequence[Finding]) -> str:
    return " and offers to put it right" if any(finding.fixes for finding in findings) else ""
