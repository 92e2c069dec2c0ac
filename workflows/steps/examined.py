"""Examining hosts: ask them all, know what the target expects, name each one's causes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from workflows.apps import Host
from workflows.model import Facts, HostResult
from workflows.step import Context
from workflows.steps.delivery import key
from workflows.steps.on_host.examine import Examine
from workflows.steps.silence.case import Wanted
from workflows.steps.silence.causes import BY_NAME, Cause, Fix, causes_of

ERRAND = "examine"
AT_ONCE = 1000  # hosts whose whole answers are held at a time


@dataclass(frozen=True)
class Finding:
    """One host and its causes, the most likely first; none for a host that is well."""

    host: Host
    causes: tuple[Cause, ...]

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """What may be put right, the ids before the restart that makes the agent read them."""
        wanted = {cause.fix for cause in self.causes}
        return tuple(fix for fix in (Fix.IDENTITY, Fix.RESTART) if fix in wanted)

    @property
    def result(self) -> HostResult:
        """The first cause with its remedy, and the names of the others."""
        if not self.causes:
            return HostResult(self.host.name, ok=True, said="heartbeat, and nothing wrong")
        first, *others = self.causes
        also = f" Also: {'; '.join(map(str, others))}." if others else ""
        return HostResult(self.host.name, ok=False, said=f"{first}. {first.remedy}{also}")

    @property
    def as_it_is(self) -> Finding:
        """The same with nothing to be put right."""
        return replace(self, causes=tuple(replace(one, fix=Fix.NONE) for one in self.causes))

    def facts(self) -> list[list[str]]:
        """As JSON, for the job's record."""
        return [[cause.name, cause.evidence, cause.fix] for cause in self.causes]

    @classmethod
    def of(cls, host: Host, facts: list[list[str]]) -> Finding:
        """From the job's record."""
        causes = (Cause(n, evidence, BY_NAME[n].remedy, Fix(fix)) for n, evidence, fix in facts)
        return cls(host, tuple(causes))


def examined(context: Context, hosts: Sequence[Host]) -> tuple[Finding, ...]:
    """A finding for each host, in order; all are asked side by side, and nothing is changed."""
    if not hosts:
        return ()
    wanted = wanted_of(context)
    found: list[Finding] = []
    for start in range(0, len(hosts), AT_ONCE):
        context.say(f"examining {len(hosts)} hosts, {len(found)} of them done")
        found += _examined(context, hosts[start : start + AT_ONCE], wanted)
    return tuple(found)


def _examined(context: Context, hosts: Sequence[Host], wanted: Wanted) -> Iterator[Finding]:
    asked = context.clock.now()
    results = context.hosts.run({host.name: Examine(host) for host in hosts}, ERRAND)
    context.hosts.forget(ERRAND)
    wanted = replace(wanted, asked=asked, heard=context.clock.now())
    for host, result in zip(hosts, results, strict=True):
        yield Finding(host, causes_of(host, result, wanted))


def wanted_of(context: Context) -> Wanted:
    """What the target expects of every host, and who has a heartbeat there."""
    app, now = context.app, context.clock.now()
    project, name = context.target.project(), app.target.machine_group
    group = context.target.machine_group(name)
    beats = context.target.machines(name) if group is not None else ()
    return Wanted(
        project.owner,
        app.custom_id,
        project.region,
        name,
        group,
        keys=_applied(context, group),
        beats=tuple(one for one in beats if now - one.heartbeat <= context.waits.fresh),
    )


def _applied(context: Context, group: Facts | None) -> tuple[str, ...]:
    """The keys of the target's configs that its group has."""
    target = context.app.target
    if group is None:
        return ()
    ours = {one.target for one in context.collections}
    has = context.target.configs_of(target.machine_group)
    # The group is the app's alone, so without names all that it has is the app's.
    return tuple(key(target.project, config) for config in has if config in ours or not ours)


def counted(findings: Iterable[Finding]) -> str:
    """`agent stopped on h3, h7; clock wrong on h9`, by the first cause of each."""
    by_cause: dict[str, list[str]] = {}
    for finding in findings:
        if finding.causes:
            by_cause.setdefault(finding.causes[0].name, []).append(finding.host.name)
    return "; ".join(f"{cause} on {_some(names)}" for cause, names in by_cause.items())


def _some(names: Sequence[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
