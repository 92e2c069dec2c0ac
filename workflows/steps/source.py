"""The first row: what the source collects, what it becomes in the target, and what stands against it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace

from workflows.collection import facts_of
from workflows.collection.compare import differences
from workflows.collection.forms import Form, form_of
from workflows.collection.found import Found, There, Wanted
from workflows.errors import Blocked
from workflows.hints import by_settings
from workflows.lint import Finding, Level
from workflows.lint.everything import lint
from workflows.model import Evidence, Facts
from workflows.step import Context
from workflows.steps.agreed import derived, listed, noticed
from workflows.steps.discovery import discover, samples, there

NO_TIME = (
    "takes the time of reading as a line's time, which may differ on the two sides, so lines are "
    "compared by their content"
)
TOLD_BY_HOSTS = re.compile(r"[A-Za-z0-9_-]+")  # as on_host/commands.py looks for them


def look(context: Context) -> Facts:
    """`before`: the configs on their way, what was found, the bodies to create, what was noticed.

    Raises Blocked with every error; nothing was created then.
    """
    context.say("reading what the source collects")
    found = discover(context)
    wanted = derived(context, found)
    seen = there(context, found, wanted)
    lines, unread = samples(context)
    found = replace(found, unseen=(*found.unseen, *unread))
    findings = (
        *lint(found, seen, wanted, lines),
        *_of_settings(context, found),
        *_of_the_proof(found),
        *_taken(context, wanted, seen),
    )
    _refuse([finding for finding in findings if finding.level is Level.ERROR])
    return {
        "collections": _collections(found, wanted),
        "found": asdict(replace(found, beside=())),
        "wanted": asdict(wanted),
        "findings": [asdict(finding) for finding in findings],
    }


def _collections(found: Found, wanted: Wanted) -> list[Facts]:
    return [
        {
            "source": config.name,
            "target": wanted.configs[config.name]["configName"],
            "form": config.form,
            "groups": list(config.groups),
        }
        for config in found.configs
    ]


def _refuse(errors: Sequence[Finding]) -> None:
    if not errors:
        return
    said = [str(error).removeprefix(f"{Level.ERROR}: ") for error in errors]
    text = said[0] if len(said) == 1 else "\n".join([f"{len(said)} errors:", *said])
    raise Blocked(text, "\n".join(dict.fromkeys(error.hint for error in errors if error.hint)))


def _of_settings(context: Context, found: Found) -> Iterator[Finding]:
    """A machine group that the settings name is the one that is meant."""
    app, group = context.app, context.app.source.machine_group
    for config in found.configs:
        if group and config.groups and group not in config.groups:
            text = (
                f"is applied to {', '.join(config.groups)}, "
                f"and apps.{app.name}.source.machine_group says {group}"
            )
            hint = by_settings(f"correct apps.{app.name}.source.machine_group or leave it out")
            yield Finding(Level.ERROR, f"config {config.name}", "", text, hint)


def _of_the_proof(found: Found) -> Iterator[Finding]:
    """Without these a job would come to a stand only when both sides collect already."""
    if found.index is None:
        thing = f"logstore {found.logstore.get('logstoreName')}"
        text = (
            "there is none; lines are compared by reading them, and the target gets the full text"
        )
        yield Finding(Level.NOTE, thing, "index", text)
    for config in found.configs:
        if not TOLD_BY_HOSTS.fullmatch(config.name):
            text = "has signs in its name by which hosts cannot be asked for it"
            hint = "Make it again under a name of letters, digits, '-' and '_', then Retry."
            yield Finding(Level.ERROR, f"config {config.name}", "configName", text, hint)
    for config in found.configs:
        if not facts_of.own_time(config.body):
            yield Finding(Level.NOTE, f"config {config.name}", "", NO_TIME)


def _taken(context: Context, wanted: Wanted, there: There) -> Iterator[Finding]:
    """What others have under the names that are wanted is never written over."""
    app, project = context.app, context.app.target.project
    for body in wanted.configs.values():
        name, form = body["configName"], form_of(body)
        found, thing = there.configs.get(name), f"config {name}"
        hint = (
            f"Make it equal in project {project} and Retry; or Roll back, set "
            f"apps.{app.name}.target.config to a free name, with {{config}} in it, and start again."
        )
        if found is None and name in there.config_names:
            other = Form.CLASSIC if form is Form.PIPELINE else Form.PIPELINE
            text = f"exists in the target as a {other} config, and a {form} one is wanted"
            yield Finding(Level.ERROR, thing, "", text, hint)
        elif found and (where := differences(body, found.body)):
            text = f"exists in the target with another {listed(where)}"
            yield Finding(Level.ERROR, thing, "", text, hint)
    if there.group and (where := differences(wanted.group, there.group)):
        text = f"exists in the target with another {listed(where)}"
        hint = (
            f"Make it equal in project {project} and Retry; or Roll back, set "
            f"apps.{app.name}.target.machine_group to a free name, and start again."
        )
        thing = f"machine group {app.target.machine_group}"
        yield Finding(Level.ERROR, thing, "", text, hint)


def nothing(context: Context, before: Facts) -> None:
    """Looking changes nothing."""


def told(context: Context, before: Facts) -> Evidence:
    """Which configs there are; on lines of their own what was noticed, also who will see nothing."""
    found = Found.of(before["found"])
    return Evidence("\n".join((_configs(context, found), *noticed(before))))


def _configs(context: Context, found: Found) -> str:
    named = ", ".join(f"{one.name} ({one.form})" for one in found.configs)
    groups = sorted({group for one in found.configs for group in one.groups})
    count = "config" if len(found.configs) == 1 else f"{len(found.configs)} configs:"
    at = f", applied to {', '.join(groups)}" if groups else ", applied to no machine group"
    return f"{count} {named} of logstore {context.app.source.logstore}{at}"


def nothing_to_undo(context: Context, before: Facts) -> str:
    return "looking changed nothing"


def would(context: Context, before: Facts) -> str:
    return "read what the source collects, and check it"
