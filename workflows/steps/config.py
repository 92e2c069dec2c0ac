"""The target's collection configs beside the source's, until every agent holds them; and away again."""

from __future__ import annotations

from workflows.collection.forms import Form, form_of
from workflows.collection.found import Collection
from workflows.errors import Blocked, NotYet, StepFailed
from workflows.model import Evidence, Facts
from workflows.step import Context
from workflows.steps import reverse
from workflows.steps.agreed import as_made, is_ours, same, still_as_agreed, wanted
from workflows.steps.delivery import delivered, key


def look(context: Context) -> Facts:
    """`before`: per config, the target's and its binding as they were, and the body we would create."""
    still_as_agreed(context)
    bodies = wanted(context).configs
    return {"configs": [_row(context, one, bodies[one.source]) for one in context.collections]}


def _row(context: Context, one: Collection, body: Facts) -> Facts:
    found = context.target.config(one.target, one.form)
    if found is not None:
        same(f"config {body['configName']}", body, found, _way_out(context))
    group = context.app.target.machine_group
    applied = found is not None and group in context.target.groups_of(one.target)
    ended = context.known.get("unbind", {}).get("by_config", {})  # by this job, right before
    source = ended.get(one.source) or sorted(context.source.groups_of(one.source))
    names = {"source": one.source, "target": one.target, "form": one.form}
    return {**names, "config": found, "applied": applied, "create": body, "source_groups": source}


def rows(context: Context, before: Facts) -> list[Facts]:
    """Each config's part of `before`; jobs of before there were several have one, a classic one."""
    if "configs" in before:
        found: list[Facts] = before["configs"]
        return found
    names = ({"source": o.source, "target": o.target} for o in context.collections[:1])
    return [{**one, "form": Form.CLASSIC, **before} for one in names]


def source_configs(context: Context) -> dict[str, Facts]:
    """Those of the source by name. Raises Blocked where one does not exist."""
    side = context.app.source
    found = {one.source: context.source.config(one.source, one.form) for one in context.collections}
    for name, body in found.items():
        if body is None:
            text = f"config {name} does not exist in project {side.project}"
            raise Blocked(text, f"Make config {name} again as it was, then Retry; or Roll back.")
    return {name: body for name, body in found.items() if body is not None}


def _way_out(context: Context) -> str:
    return (
        f"Make them equal and Retry; or Roll back, set apps.{context.app.name}.target.config "
        "to a free name, with {config} in it, and start again."
    )


def collect_too(context: Context, before: Facts) -> None:
    """Nothing of others is applied: what was there, or came to be meanwhile, is compared first."""
    group = context.app.target.machine_group
    for row in rows(context, before):
        _make(context, row["create"])
        context.ours()
        context.target.apply(row["target"], group)


def _make(context: Context, body: Facts) -> None:
    name, form = body["configName"], form_of(body)
    if context.target.config(name, form) is None:
        context.ours()
        context.target.create_config(body)
    _there(context, body)


def _there(context: Context, body: Facts) -> None:
    """Raises NotYet while it cannot be read, Blocked where it is another."""
    name, form = body["configName"], form_of(body)
    found = context.target.config(name, form)
    if found is None:
        other = Form.CLASSIC if form is Form.PIPELINE else Form.PIPELINE
        if context.target.config(name, other) is not None:
            text = f"config {name} exists in the target as a {other} config"
            raise Blocked(text, "Delete it there if nobody needs it and Retry; or Roll back.")
        raise NotYet(f"config {name} is not there yet")
    as_made(f"config {name}", body, found, _way_out(context))


def held_by_all(context: Context, before: Facts) -> Evidence:
    """Read back equal, bound both ways, and on the disk of every host."""
    group, made = context.app.target.machine_group, rows(context, before)
    for row in made:
        _there(context, row["create"])
        if group not in context.target.groups_of(row["target"]):
            raise NotYet(f"config {row['target']} is not applied to {group} yet")
    listed = context.target.configs_of(group)
    for row in made:
        if row["target"] not in listed:
            raise NotYet(f"machine group {group} does not list {row['target']} yet")
    keys = [key(context.app.target.project, row["target"]) for row in made]
    results = delivered(context, keys, "both", wanted=True)
    what = "config" if len(made) == 1 else f"{len(made)} configs"
    return Evidence(f"{len(results)} of {len(results)} hosts hold the target's {what}", results)


def would(context: Context, before: Facts) -> str:
    group, made = context.app.target.machine_group, rows(context, before)
    new = ", ".join(row["target"] for row in made if not row["config"])
    create = f"create config {new} with the force flag, " if new else ""
    what = "it" if len(made) == 1 else "them"
    every = "it" if len(made) == 1 else "them all"
    return f"{create}apply {what} to {group}, wait until every host holds {every}"


def withdraw(context: Context, before: Facts) -> str:
    """Unbind, delete what we made, and wait until no agent holds it.

    The identity goes after this: an agent that still holds a config without the account's id
    file would be refused and throw lines away.
    """
    made = rows(context, before)
    foreign = [row for row in made if _from_others(context, row)]
    ours = [row for row in made if not row["applied"] and row not in foreign]
    applied = [row["target"] for row in made if row["applied"]]
    kept = [f"config {', '.join(applied)} was applied before and stays"] if applied else []
    kept += [f"config {row['target']} is another than was made here and stays" for row in foreign]
    if not ours:
        return "; ".join(kept)
    more = reverse.ready_to_withdraw(context, before)
    for row in ours:
        if row["config"] is None:
            _nobody_elses(context, row["target"])
    for row in ours:
        _take_off(context, row)
    keys = [key(context.app.target.project, row["target"]) for row in ours]
    delivered(context, keys, "withdraw", wanted=False)
    gone = f"config {', '.join(row['target'] for row in ours)} was withdrawn from every host"
    return "; ".join([*more, gone, *kept])


def _from_others(context: Context, row: Facts) -> bool:
    """Made meanwhile by somebody else: it is not as we make it, and so we never applied it."""
    found = context.target.config(row["target"], Form(row["form"]))
    if row["config"] is not None or found is None or is_ours(row["create"], found):
        return False
    return context.app.target.machine_group not in context.target.groups_of(row["target"])


def _take_off(context: Context, row: Facts) -> None:
    context.ours()
    context.target.remove(row["target"], context.app.target.machine_group)
    if row["config"] is None:
        context.ours()
        context.target.delete_config(row["target"], Form(row["form"]))


def _nobody_elses(context: Context, config: str) -> None:
    groups = set(context.target.groups_of(config)) - {context.app.target.machine_group}
    if groups:
        raise StepFailed(
            f"config {config} is applied to {', '.join(sorted(groups))} too, by others",
            "Remove it from there, or give them a config of their own, then Retry.",
        )
