"""Detach the source; later delete its configs; take either back."""

from __future__ import annotations

from workflows.collection.compare import lost
from workflows.collection.derive import restorable
from workflows.collection.forms import Form
from workflows.errors import NotYet, StepFailed
from workflows.model import Evidence, Facts, Plan
from workflows.step import Context
from workflows.steps import counting, reverse
from workflows.steps.agreed import listed, noticed, still_as_agreed, target_collects
from workflows.steps.alone import all_idle, still_all_heard, still_heard
from workflows.steps.behind import closed
from workflows.steps.config import source_configs
from workflows.steps.delivery import delivered, key
from workflows.steps.proof import still_equal
from workflows.steps.roster import left_out, still_nobody_else

NAMED = 20  # hosts in the line that people agree to


def look(context: Context) -> Facts:
    """`before`: when, and the machine groups that each of the source's configs is applied to."""
    source_configs(context)
    groups = {
        one.source: sorted(context.source.groups_of(one.source)) for one in context.collections
    }
    every = sorted({group for names in groups.values() for group in names})
    return {"at": context.clock.now(), "groups": every, "by_config": groups}


def plan(context: Context) -> Plan:
    goes_on = f"project {context.app.target.project} goes on collecting"
    found = [one for row in ("source", "hosts") for one in noticed(context.known.get(row, {}))]
    return Plan((*removals(context), goes_on, *found))


def removals(context: Context) -> list[str]:
    """What is taken off which machine group, and whose lines the source gets no more."""
    lines = [
        f"remove config {one.source} from machine group {group}"
        for one in context.collections
        for group in sorted(context.source.groups_of(one.source))
    ]
    project = context.app.source.project
    return [*lines, f"project {project} then receives nothing from {_hosts(context)}"]


def _hosts(context: Context) -> str:
    names = [host.name for host in context.roster]
    more = f" and {len(names) - NAMED:,} more hosts" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}{left_out(context)}"


def safe_to_stop(context: Context) -> Evidence:
    """For the approval: both sides are equal, and no host would be left without collection."""
    _nothing_changed(context)
    return still_equal(context)


def _nothing_changed(context: Context) -> None:
    still_nobody_else(context)
    still_as_agreed(context)
    target_collects(context)


def detach(context: Context, before: Facts) -> None:
    """Proves again before the first removal: a retry may come days after the approval.

    Once one is removed the counts differ; all else is looked at again before the others are.
    """
    groups = reverse.bindings(context, before)
    left = {name: set(was) & set(context.source.groups_of(name)) for name, was in groups.items()}
    if any(left.values()):
        _nothing_changed(context)
    if all(left[name] == set(was) for name, was in groups.items()):
        still_equal(context)
    for name, was in groups.items():
        for group in was:
            context.ours()
            context.source.remove(name, group)


def only_target(context: Context, before: Facts) -> Evidence:
    """Unbound, gone from every host, and since then only the target receives."""
    # Hosts are listened to first, while the source's side is away too; a plan of a source that was
    # detached before has nothing to watch.
    idle = context.since > 0 and all_idle(context, still_heard(context, before)[1])
    for one in context.collections:
        if left := context.source.groups_of(one.source):
            raise NotYet(f"config {one.source} is still applied to {', '.join(left)}")
    # It may have been stopped once before, and be collected again since.
    errand = f"detach:{before.get('at', 0):.0f}"
    results = delivered(context, _keys(context), errand, wanted=False)
    return Evidence(only_target_receives(context, idle=idle).text, results)


def _keys(context: Context) -> list[str]:
    return [key(context.app.source.project, one.source) for one in context.collections]


def only_target_receives(context: Context, *, idle: bool = False) -> Evidence:
    """In the newest settled minutes the target has lines, or all are `idle`, and the source has none."""
    minutes, end = context.waits.minutes, closed(context)
    start = end - minutes * context.waits.minute
    source, target = (
        counting.of_source(context, start, end),
        counting.of_target(context, start, end),
    )
    if source:
        still_as_agreed(context, gone_is_fine=True)  # names who else feeds it
        raise NotYet(f"the source had {source} lines in the last {minutes} closed minutes")
    if not target and idle:
        return Evidence(f"in the last {minutes} closed minutes no host wrote a line")
    if not target:
        raise NotYet(f"no line in the target in the last {minutes} closed minutes")
    return Evidence(
        f"in the last {minutes} closed minutes the target had {target} lines, the source none"
    )


def would(context: Context, before: Facts) -> str:
    parts = [
        f"remove config {name} from {', '.join(groups) or 'no group'}"
        for name, groups in reverse.bindings(context, before).items()
    ]
    return f"{', '.join(parts)}, watch the source fall silent"


def attach_again(context: Context, before: Facts) -> str:
    """A hand-over in reverse: the source collects again, and has what it missed."""
    return reverse.attach_again(context, before)


def _named(context: Context) -> str:
    return ", ".join(one.source for one in context.collections)


def last_words(context: Context) -> Plan:
    source = context.app.source
    lines = [f"delete config {o.source} of project {source.project}" for o in context.collections]
    tail = f"logstore {source.logstore} and its lines stay until their time to live ends"
    return Plan((*lines, tail))


def applied_nowhere(context: Context) -> Evidence:
    """For the approval: nothing collects through the source's configs, and the target hears all hosts."""
    _applied_nowhere(context)
    still_as_agreed(context)
    target_collects(context)
    still_all_heard(context)
    return only_target_receives(context)


def _applied_nowhere(context: Context) -> None:
    for one in context.collections:
        if groups := context.source.groups_of(one.source):
            text = f"config {one.source} is applied to {', '.join(groups)} again"
            raise StepFailed(text, "Find out who applied it; Retry looks again.")


def snapshot(context: Context) -> Facts:
    """`before`: the source's configs as they were, kept to make them again."""
    return {
        "configs": [
            {
                "source": one.source,
                "form": one.form,
                "config": context.source.config(one.source, one.form),
            }
            for one in context.collections
        ]
    }


def _snapshots(context: Context, before: Facts) -> list[Facts]:
    """Jobs of before there were several configs have just the one, and that is a classic one."""
    if "configs" in before:
        found: list[Facts] = before["configs"]
        return found
    return [{"source": o.source, "form": Form.CLASSIC, **before} for o in context.collections[:1]]


def delete(context: Context, before: Facts) -> None:
    """Each only if it is what was agreed; a retry may come days after the approval."""
    _applied_nowhere(context)
    still_as_agreed(context, gone_is_fine=True)
    target_collects(context)
    for row in _snapshots(context, before):
        context.ours()
        context.source.delete_config(row["source"], Form(row["form"]))


def deleted(context: Context, before: Facts) -> Evidence:
    project, names = context.app.source.project, []
    for row in _snapshots(context, before):
        names.append(row["source"])
        if context.source.config(row["source"], Form(row["form"])) is not None:
            raise NotYet(f"config {row['source']} is still there")
    are = "is" if len(names) == 1 else "are"
    return Evidence(f"config {', '.join(names)} of project {project} {are} gone")


def would_delete(context: Context, before: Facts) -> str:
    return f"delete config {_named(context)} of project {context.app.source.project}"


def recreate(context: Context, before: Facts) -> str:
    """In the form it had; one that was not there before is not made."""
    rows = _snapshots(context, before)
    again = [row for row in rows if row["config"] is not None]
    for row in again:
        _recreate(context, row["source"], Form(row["form"]), row["config"])
    if not again:
        return f"config {', '.join(row['source'] for row in rows)} was not there before"
    were = "was made again from its snapshot"
    if len(again) > 1:
        were = "were made again from their snapshots"
    return f"config {', '.join(row['source'] for row in again)} {were}"


def _recreate(context: Context, name: str, form: Form, was: Facts) -> None:
    """What somebody made under its name meanwhile is neither written over nor taken for it.

    The one that was never deleted is as old as it was; it stays as it is, edited or not.
    """
    if context.source.config(name, form) is None:
        context.ours()
        context.source.create_config(restorable(was))
    found, thing = context.source.config(name, form), f"config {name}"
    if found is None:
        raise NotYet(f"{thing} is not there yet", "Has one of the other form its name?")
    never_deleted = found.get("createTime") == was.get("createTime")
    if not never_deleted and (other := lost(restorable(was), found)):
        text = f"{thing} of project {context.app.source.project} is not the one that was deleted"
        hint = f"Make it as it was, or delete it and {thing} is made again as it was; then Retry."
        raise StepFailed(f"{text}: {listed(other)}", hint)
