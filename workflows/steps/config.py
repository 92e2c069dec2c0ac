"""The target's collection config beside the source's, until every agent holds it; and away again."""

from __future__ import annotations

from workflows.errors import Blocked, NotYet, StepFailed
from workflows.model import Evidence, Facts, HostResult
from workflows.step import Context
from workflows.steps.bodies import config_body, difference
from workflows.steps.hosts import named, on_hosts
from workflows.steps.on_host.commands import Delivered


def look(context: Context) -> Facts:
    """`before`: the target's config and binding as they were, and the body we would create."""
    body = config_body(source_config(context), context.app)
    name, group = context.app.target.config, context.app.target.machine_group
    found = context.target.config(name)
    if found is not None:
        _same(context, body, found)
    applied = found is not None and group in context.target.groups_of(name)
    source = sorted(context.source.groups_of(context.app.source.config))
    return {"config": found, "applied": applied, "create": body, "source_groups": source}


def source_config(context: Context) -> Facts:
    side = context.app.source
    found = context.source.config(side.config)
    if found is None:
        text = f"config {side.config} does not exist in project {side.project}"
        raise Blocked(text, f"Correct apps.{context.app.name}.source.config.")
    return found


def _same(context: Context, wanted: Facts, found: Facts) -> None:
    if where := difference(wanted, found):
        name = context.app.target.config
        raise Blocked(
            f"config {name} exists in the target with another {where}",
            f"Make them equal and Retry; or Roll back, set apps.{context.app.name}.target.config "
            "to a free name, and start again.",
        )


def collect_too(context: Context, before: Facts) -> None:
    target = context.app.target
    if context.target.config(target.config) is None:
        context.ours()
        context.target.create_config(before["create"])
    context.ours()
    context.target.apply(target.config, target.machine_group)


def held_by_all(context: Context, before: Facts) -> Evidence:
    """Read back equal, bound both ways, and on the disk of every host."""
    target = context.app.target
    found = context.target.config(target.config)
    if found is None:
        raise NotYet(f"config {target.config} is not there yet")
    _same(context, before["create"], found)
    if target.machine_group not in context.target.groups_of(target.config):
        raise NotYet(f"config {target.config} is not applied to {target.machine_group} yet")
    if target.config not in context.target.configs_of(target.machine_group):
        raise NotYet(f"machine group {target.machine_group} does not list {target.config} yet")
    results = delivered(context, key(target.project, target.config), "both", wanted=True)
    return Evidence(f"{len(results)} of {len(results)} hosts hold the target's config", results)


def key(project: str, config: str) -> str:
    """The name of a config on the host (help page on importing historical logs)."""
    return f"##1.0##{project}${config}"


def delivered(
    context: Context, config_key: str, errand: str, *, wanted: bool
) -> tuple[HostResult, ...]:
    """Whether every host holds the config, or none does; else NotYet with the table.

    Each use has an `errand` of its own: what a host held before the config was taken off it proves
    nothing about afterwards.
    """
    answers = on_hosts(context, Delivered, NotYet, errand=errand)
    results = tuple(
        _result(name, config_key in Delivered.parse(answer.said), wanted=wanted)
        for name, answer in answers.items()
    )
    if late := tuple(result for result in results if not result.ok):
        raise NotYet(f"{len(late)} of {len(results)} hosts: {named(late)}", "", results)
    return results


def _result(name: str, holds: bool, *, wanted: bool) -> HostResult:
    said = "holds the config" if holds else "does not hold the config"
    return HostResult(name, ok=holds is wanted, said=said)


def would(context: Context, before: Facts) -> str:
    target = context.app.target
    made = "" if before["config"] else f"create config {target.config} with the force flag, "
    return f"{made}apply it to {target.machine_group}, wait until every host holds it"


def withdraw(context: Context, before: Facts) -> str:
    """Unbind, delete what we made, and wait until no agent holds it.

    The identity goes after this: an agent that still holds the config without the account's id
    file would be refused and throw lines away.
    """
    target = context.app.target
    if before["applied"]:
        return f"config {target.config} was applied before and stays"
    _source_collects(context, before)
    if before["config"] is None:
        _nobody_elses(context)
    context.ours()
    context.target.remove(target.config, target.machine_group)
    if before["config"] is None:
        context.ours()
        context.target.delete_config(target.config)
    delivered(context, key(target.project, target.config), "withdraw", wanted=False)
    return f"config {target.config} was withdrawn from every host"


def _source_collects(context: Context, before: Facts) -> None:
    """Somebody may have detached the source by hand; then the target is all that collects."""
    config, groups = context.app.source.config, before["source_groups"]
    if groups and not context.source.groups_of(config):
        raise StepFailed(
            f"the source's config {config} is applied nowhere any more, "
            "so without the target's nobody would collect",
            f"Apply {config} to {', '.join(groups)} again, then Retry.",
        )


def _nobody_elses(context: Context) -> None:
    target = context.app.target
    groups = set(context.target.groups_of(target.config)) - {target.machine_group}
    if groups:
        raise StepFailed(
            f"config {target.config} is applied to {', '.join(sorted(groups))} too, by others",
            "Remove it from there, or give them a config of their own, then Retry.",
        )
