"""Detach the source; later delete its config; take either back."""

from __future__ import annotations

from workflows.errors import NotYet, StepFailed
from workflows.model import Evidence, Facts, Plan
from workflows.step import Context
from workflows.steps.bodies import restorable
from workflows.steps.config import delivered, key, source_config
from workflows.steps.proof import newest, settled, still_equal
from workflows.steps.roster import left_out, still_nobody_else


def look(context: Context) -> Facts:
    """`before`: the machine groups that the source's config is applied to."""
    source_config(context)
    return {"groups": sorted(context.source.groups_of(context.app.source.config))}


def plan(context: Context) -> Plan:
    source = context.app.source
    groups = sorted(context.source.groups_of(source.config))
    lines = [f"remove config {source.config} from machine group {group}" for group in groups]
    tail = f"project {source.project} then receives nothing from {_hosts(context)}"
    return Plan((*lines, tail, f"project {context.app.target.project} goes on collecting"))


def _hosts(context: Context) -> str:
    return ", ".join(host.name for host in context.roster) + left_out(context)


def safe_to_stop(context: Context) -> Evidence:
    """For the approval: both sides are equal, and no host would be left without collection."""
    still_nobody_else(context)
    return still_equal(context)


def detach(context: Context, before: Facts) -> None:
    """Proves again before the first removal: a retry may come days after the approval."""
    left = context.source.groups_of(context.app.source.config)
    if set(before["groups"]) <= set(left):
        safe_to_stop(context)
    for group in before["groups"]:
        context.ours()
        context.source.remove(context.app.source.config, group)


def only_target(context: Context, before: Facts) -> Evidence:
    """Unbound, gone from every host, and since then only the target receives."""
    source = context.app.source
    if left := context.source.groups_of(source.config):
        raise NotYet(f"config {source.config} is still applied to {', '.join(left)}")
    results = delivered(context, key(source.project, source.config), "detach", wanted=False)
    return Evidence(only_target_receives(context).text, results)


def only_target_receives(context: Context) -> Evidence:
    """In the newest settled minutes the target has lines and the source has none."""
    minutes = newest(context, settled(context))
    source = sum(minute.source for minute in minutes)
    target = sum(minute.target for minute in minutes)
    if source:
        raise NotYet(f"the source had {source} lines in the last {len(minutes)} closed minutes")
    if not target:
        raise NotYet(f"no line in the target in the last {len(minutes)} closed minutes")
    return Evidence(
        f"in the last {len(minutes)} closed minutes the target had {target} lines, the source none"
    )


def would(context: Context, before: Facts) -> str:
    groups = ", ".join(before["groups"]) or "no group"
    return f"remove config {context.app.source.config} from {groups}, watch the source fall silent"


def attach_again(context: Context, before: Facts) -> str:
    """Back in the source before anything is taken from the target: held by all, and receiving."""
    config = context.app.source.config
    if not before["groups"]:
        return f"config {config} was applied to no group before"
    for group in before["groups"]:
        context.ours()
        context.source.apply(config, group)
    project = context.app.source.project
    delivered(context, key(project, config), "attach", wanted=True)
    _source_receives(context)
    return f"config {config} is applied to {', '.join(before['groups'])} again"


def _source_receives(context: Context) -> None:
    """An agent may hold a config and yet read nothing for it; silent where the app is."""
    minute = newest(context, settled(context))[-1]
    if minute.target and not minute.source:
        raise NotYet(f"the source has no line yet, while the target had {minute.target}")


def last_words(context: Context) -> Plan:
    source = context.app.source
    return Plan(
        (
            f"delete config {source.config} of project {source.project}",
            f"logstore {source.logstore} and its lines stay until their time to live ends",
        )
    )


def applied_nowhere(context: Context) -> Evidence:
    """For the approval: nothing collects through the source's config any more."""
    _applied_nowhere(context)
    return only_target_receives(context)


def _applied_nowhere(context: Context) -> None:
    config = context.app.source.config
    if groups := context.source.groups_of(config):
        text = f"config {config} is applied to {', '.join(groups)} again"
        raise StepFailed(text, "Find out who applied it; Retry looks again.")


def snapshot(context: Context) -> Facts:
    """`before`: the source's config as it was, kept to make it again."""
    return {"config": context.source.config(context.app.source.config)}


def delete(context: Context, before: Facts) -> None:
    _applied_nowhere(context)
    context.ours()
    context.source.delete_config(context.app.source.config)


def deleted(context: Context, before: Facts) -> Evidence:
    source = context.app.source
    if context.source.config(source.config) is not None:
        raise NotYet(f"config {source.config} is still there")
    return Evidence(f"config {source.config} of project {source.project} is gone")


def would_delete(context: Context, before: Facts) -> str:
    return f"delete config {context.app.source.config} of project {context.app.source.project}"


def recreate(context: Context, before: Facts) -> str:
    config = context.app.source.config
    if before["config"] is None:
        return f"config {config} was not there before"
    if context.source.config(config) is None:
        context.ours()
        context.source.create_config(restorable(before["config"]))
    return f"config {config} was made again from its snapshot"
