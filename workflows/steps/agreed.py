"""What the first row found and derived, as the job keeps it: what all later rows act on."""

from __future__ import annotations

from dataclasses import replace

from workflows.collection import facts_of
from workflows.collection.compare import Difference, differences, lost
from workflows.collection.derive import Names
from workflows.collection.derive import wanted as derive
from workflows.collection.found import Collection, Found, Wanted
from workflows.errors import Blocked, StepFailed
from workflows.lint import Finding, Level
from workflows.model import Facts
from workflows.step import Context
from workflows.steps.discovery import discover

NOTICED = 20  # findings that are shown


def derived(context: Context, found: Found) -> Wanted:
    """Raises CannotCarry, which names the object and the field."""
    app = context.app
    names = Names(
        app=app.name,
        project=app.target.project,
        logstore=app.target.logstore,
        machine_group=app.target.machine_group,
        config_template=app.target.config,
        custom_id=app.custom_id,
        region=context.target.project().region,
    )
    there = context.target.logstore(names.logstore) is not None
    return derive(found, names, logstore_is_there=there)


def wanted(context: Context) -> Wanted:
    """Bodies to create; derived anew for a job that was begun before there was a first row."""
    if facts := _kept(context, "wanted"):
        return Wanted(**facts)
    return derived(context, discover(context))


def found(context: Context) -> Found | None:
    """None for a job that was begun before there was a first row."""
    facts = _kept(context, "found")
    return Found.of(facts) if facts else None


def _kept(context: Context, what: str) -> Facts:
    kept: Facts = context.known.get("source", {}).get(what, {})
    return kept


def collections(context: Context) -> tuple[Collection, ...]:
    """The configs on their way; for a diagnosis, of no move, those that feed the logstore now."""
    if known := context.collections:
        return known
    feeding = context.source.configs(context.app.source.logstore)
    return tuple(replace(context.named(name), form=form) for name, form in feeding)


def still_as_agreed(context: Context, *, gone_is_fine: bool = False) -> None:
    """The target's configs were made of these: raises StepFailed where one was edited or came since."""
    agreed = found(context)
    for config in agreed.configs if agreed else ():
        now = context.source.config(config.name, config.form)
        if now is None and gone_is_fine:
            continue
        if now is None:
            raise StepFailed(
                f"config {config.name} of project {context.app.source.project} is gone",
                "Somebody deleted it. Roll back, and find out who.",
            )
        if edited := differences(config.body, now):
            raise StepFailed(
                f"config {config.name} of project {context.app.source.project} was edited since it "
                f"was looked at: {listed(edited)}",
                "Make it as it was and Retry; or Roll back and start again with what it is now.",
            )
    if agreed:
        _no_other_feeds(context, {config.name for config in agreed.configs})


def _no_other_feeds(context: Context, ours: set[str]) -> None:
    """What only another config collects would be in the source alone, and be lost with it."""
    project, logstore = context.app.source.project, context.app.source.logstore
    for name, form in context.source.configs(logstore):
        body = None if name in ours else context.source.config(name, form)
        feeds = body is not None and logstore in facts_of.logstores(body)
        if feeds and context.source.groups_of(name):  # without a group nobody collects by it
            raise StepFailed(
                f"config {name} of project {project} feeds logstore {logstore} too since it was "
                "looked at, and is not moved",
                f"Take config {name} off its machine groups or let it feed another logstore, then "
                "Retry; or Roll back and start again: then it is moved too.",
            )


def target_collects(context: Context) -> None:
    """Once the source is stopped it is all there is: raises StepFailed where it is not as it was made.

    Counts alone would tell it only minutes later.
    """
    group, bodies = context.app.target.machine_group, _kept(context, "wanted").get("configs", {})
    _hosts_belong_to_it(context, group)
    for one in context.collections:
        thing = f"config {one.target} of project {context.app.target.project}"
        if group not in context.target.groups_of(one.target):
            text = f"{thing} is not applied to {group} any more, so nobody would collect"
            raise StepFailed(text, f"Apply it to {group} again, then Retry; or Roll back.")
        now = context.target.config(one.target, one.form)
        if now and one.source in bodies and (edited := lost(bodies[one.source], now)):
            text = f"{thing} was edited since it was made: {listed(edited)}"
            raise StepFailed(text, "Make it as it was and Retry; or Roll back.")


def _hosts_belong_to_it(context: Context, group: str) -> None:
    made, now = _kept(context, "wanted").get("group"), context.target.machine_group(group)
    if made and now and (edited := lost(made, now)):
        text = f"machine group {group} was edited since it was made: {listed(edited)}"
        raise StepFailed(text, "Make it as it was and Retry; or Roll back.")


def noticed(before: Facts) -> tuple[str, ...]:
    """Warnings and notes of a row, the warnings first."""
    findings = [
        Finding(**{**one, "level": Level(one["level"])}) for one in before.get("findings", ())
    ]
    findings.sort(key=lambda finding: finding.level is Level.NOTE)
    more = len(findings) - NOTICED
    return (*map(str, findings[:NOTICED]), *((f"and {more} more",) if more > 0 else ()))


def same(thing: str, wanted: Facts, found: Facts, way_out: str) -> None:
    """Raises Blocked with all that differs between what is wanted and what the target has."""
    _refuse(thing, differences(wanted, found), way_out)


def as_made(thing: str, wanted: Facts, found: Facts, way_out: str) -> None:
    """The same for what we made: what only the service knows of, it has put there by itself."""
    _refuse(thing, lost(wanted, found), way_out)


def _refuse(thing: str, where: tuple[Difference, ...], way_out: str) -> None:
    if where:
        raise Blocked(f"{thing} exists in the target with another {listed(where)}", way_out)


def is_ours(made: Facts | None, found: Facts) -> bool:
    """Whether a thing is still what we made, where that was kept: else it came from others."""
    return not made or not lost(made, found)


def listed(differences: tuple[Difference, ...], most: int = 10) -> str:
    """`a: 1 is wanted, there is 2`; further ones on lines of their own, and how many more there are."""
    more = len(differences) - most
    lines = [*map(str, differences[:most]), *([f"and {more} more"] if more > 0 else [])]
    return "\n".join(lines)
