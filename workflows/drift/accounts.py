"""What was agreed in both accounts: configs, where they are applied, machine groups, logstores."""

from __future__ import annotations

from collections.abc import Collection as Several
from collections.abc import Iterator

from workflows.collection.found import Collection
from workflows.drift.agreed import ahead, before, found, stands, wanted
from workflows.drift.things import changed
from workflows.model import Drift, Facts, Job
from workflows.step import Context

PUT_BACK = "Find out who did it, and put it back; or Roll back."
BOTH = "While it is so, lines may go into both accounts. Take it off, or Roll back."
ALONE = "Make it again if the source is to go on collecting until *stop*."


def source(job: Job, context: Context) -> Iterator[Drift]:
    """Keys begin with `source/`. What B does with its own once its config is deleted is B's affair."""
    if not stands(job, "source"):
        return
    for one in context.collections:
        yield from _config_of_source(job, context, one)
    if ahead(job, "delete"):
        yield from _groups_of_source(job, context)
        name, was = context.app.source.logstore, found(job)
        yield from changed(
            f"source/logstore {name}", _of_source(context, f"logstore {name}"),
            was.get("logstore"), context.source.logstore(name), PUT_BACK,
        )  # fmt: skip
        yield from changed(
            f"source/index {name}", _of_source(context, f"the index of logstore {name}"),
            was.get("index"), context.source.index(name), PUT_BACK,
        )  # fmt: skip


def _of_source(context: Context, thing: str) -> str:
    return f"{thing} of project {context.app.source.project}"


def _config_of_source(job: Job, context: Context, one: Collection) -> Iterator[Drift]:
    key, thing = f"source/config {one.source}", _of_source(context, f"config {one.source}")
    body = context.source.config(one.source, one.form)
    if stands(job, "delete"):
        if body is not None:
            yield Drift(f"{key} again", f"{thing} was made again", BOTH)
        return
    if not ahead(job, "delete"):
        return
    was = _body_of(job, one)
    yield from changed(key, thing, was, body, ALONE if body is None else PUT_BACK)
    if body is None:
        return
    if was and was.get("createTime") != body.get("createTime"):
        why = "was deleted and made again: its agents began anew, and it is younger than it was"
        yield Drift(f"{key} anew", f"{thing} {why}", "Roll back, and start again.")
    yield from _applied_by_source(job, context, one, key, thing)


def _body_of(job: Job, one: Collection) -> Facts | None:
    configs = found(job).get("configs", ())
    bodies: dict[str, Facts] = {config["name"]: config["body"] for config in configs}
    return bodies.get(one.source)


def _applied_by_source(
    job: Job, context: Context, one: Collection, key: str, thing: str
) -> Iterator[Drift]:
    groups = context.source.groups_of(one.source)
    if stands(job, "stop") or stands(job, "unbind"):
        for group in groups:
            yield Drift(f"{key} on {group} again", f"{thing} is applied to {group} again", BOTH)
    elif ahead(job, "stop") and ahead(job, "unbind") and one.groups:
        yield from _applied(key, thing, one.groups, groups)


def _applied(key: str, thing: str, was: Several[str], now: Several[str]) -> Iterator[Drift]:
    for group in sorted(set(was) - set(now)):
        text = f"{thing} is no longer applied to machine group {group}"
        yield Drift(f"{key} off {group}", text, PUT_BACK)
    for group in sorted(set(now) - set(was)):
        text = f"{thing} is applied to machine group {group} too"
        yield Drift(f"{key} on {group}", text, f"Find out who did it, and take it off {group}.")


def _groups_of_source(job: Job, context: Context) -> Iterator[Drift]:
    for name, body in found(job).get("groups", {}).items():
        yield from changed(
            f"source/group {name}", _of_source(context, f"machine group {name}"),
            body, context.source.machine_group(name), PUT_BACK,
        )  # fmt: skip


def target(job: Job, context: Context) -> Iterator[Drift]:
    """Keys begin with `target/`."""
    if stands(job, "group"):
        name = context.app.target.machine_group
        yield from changed(
            f"target/group {name}", _of_target(context, f"machine group {name}"),
            wanted(job).get("group"), context.target.machine_group(name), PUT_BACK, made=True,
        )  # fmt: skip
    if stands(job, "destination"):
        yield from _destination(job, context)
    if stands(job, "both"):
        for one in context.collections:
            yield from _config_of_target(job, context, one)


def _of_target(context: Context, thing: str) -> str:
    return f"{thing} of project {context.app.target.project}"


def _destination(job: Job, context: Context) -> Iterator[Drift]:
    """What was there before the job came is agreed as it was, whatever the source has."""
    name, was = context.app.target.logstore, before(job, "destination")
    logstore = was.get("logstore") or was.get("create_logstore")
    index = was.get("index") or was.get("create_index")
    yield from changed(
        f"target/logstore {name}", _of_target(context, f"logstore {name}"),
        logstore, context.target.logstore(name), PUT_BACK, made=not was.get("logstore"),
    )  # fmt: skip
    yield from changed(
        f"target/index {name}", _of_target(context, f"the index of logstore {name}"),
        index, context.target.index(name), PUT_BACK, made=not was.get("index"),
    )  # fmt: skip


def _config_of_target(job: Job, context: Context, one: Collection) -> Iterator[Drift]:
    key, thing = f"target/config {one.target}", _of_target(context, f"config {one.target}")
    was = wanted(job).get("configs", {}).get(one.source) or before(job, "both").get("create")
    body = context.target.config(one.target, one.form)
    yield from changed(key, thing, was, body, PUT_BACK, made=True)
    if body is not None:
        group = (context.app.target.machine_group,)
        yield from _applied(key, thing, group, context.target.groups_of(one.target))
