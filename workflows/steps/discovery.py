"""Read what an app's collection is made of in the source, and what the target has already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from workflows.collection.forms import form_of
from workflows.collection.found import KINDS, PLURAL, Config, Found, Reader, There, Wanted
from workflows.errors import Blocked, Denied
from workflows.hints import by_settings
from workflows.model import Facts
from workflows.ports import Lines, Sls
from workflows.step import Context
from workflows.steps.feeding import feeding

Thing = TypeVar("Thing")
SAMPLES = 100  # lines of the source that a lint may look at
SAMPLED = 300  # seconds back from now


@dataclass
class Unseen:
    """What an account does not let us look at; a plan can do without, and says so."""

    said: list[str] = field(default_factory=list)

    def kindly(self, what: str, look: Callable[[], tuple[Thing, ...]]) -> tuple[Thing, ...]:
        """What the look finds; nothing where it is denied."""
        try:
            return look()
        except Denied as denied:
            self.said.append(f"{what}: {denied}")
            return ()


def discover(context: Context) -> Found:
    """The configs that feed the app's logstore, or exactly those of the settings, and all with them.

    Raises Blocked where they are not there, or are not all that feed it.
    """
    source, name = context.source, context.app.source.logstore
    project, logstore = source.project(), source.logstore(name)
    if logstore is None:
        text = f"logstore {name} does not exist in project {context.app.source.project}"
        raise Blocked(text, by_settings(f"correct apps.{context.app.name}.source.logstore"))
    unseen, configs = Unseen(), feeding(context)
    groups = {group: _group(context, group) for config in configs for group in config.groups}
    beside = unseen.kindly(
        "other configs of the same hosts",
        lambda: _others(source, groups, {config.name for config in configs}),
    )
    readers = (_readers(context, unseen, kind) for kind in KINDS)
    return Found(
        owner=project.owner,
        region=project.region,
        logstore=logstore,
        index=source.index(name),
        shards=source.shards(name),
        configs=configs,
        groups=groups,
        beside=beside,
        readers=tuple(reader for some in readers for reader in some),
        project=context.app.source.project,
        unseen=tuple(unseen.said),
    )


def _readers(context: Context, unseen: Unseen, kind: str) -> tuple[Reader, ...]:
    name = context.app.source.logstore
    return unseen.kindly(
        f"which {PLURAL[kind]} read logstore {name}",
        lambda: context.source.readers(name, kind),
    )


def _group(context: Context, name: str) -> Facts:
    body = context.source.machine_group(name)
    if body is None:
        text = f"machine group {name} of project {context.app.source.project} went away"
        raise Blocked(f"{text} while it was read", "Retry looks again.")
    return body


def _others(sls: Sls, groups: Iterable[str], ours: set[str]) -> tuple[Config, ...]:
    """Whatever else these groups have, by name."""
    at = {group: set(sls.configs_of(group)) - ours for group in groups}
    names = sorted(set().union(*at.values()))
    if not names:
        return ()
    forms = dict(sls.configs())
    found = ((name, forms[name], sls.config(name, forms[name])) for name in names if name in forms)
    return tuple(
        Config(name, form, body, tuple(group for group in at if name in at[group]))
        for name, form, body in found
        if body is not None
    )


def there(context: Context, found: Found, wanted: Wanted) -> There:
    """What the target has of what is `wanted` and beside it."""
    target, names, unseen = context.target, context.app.target, Unseen()
    project, logstore = target.project(), target.logstore(names.logstore)
    groups = unseen.kindly("machine groups of the target", target.machine_groups)
    configs = unseen.kindly("configs of the target", target.configs)
    return There(
        owner=project.owner,
        region=project.region,
        logstore=logstore,
        index=None if logstore is None else target.index(names.logstore),
        group=target.machine_group(names.machine_group),
        configs={config.name: config for config in _wanted(target, wanted.configs.values())},
        config_names=tuple(name for name, _ in configs),
        group_names=groups,
        logstore_names=unseen.kindly("logstores of the target", target.logstores),
        beside=unseen.kindly(
            "other configs of the target for the same hosts",
            lambda: _others(target, _shared(context, found, groups), _names(wanted)),
        ),
        project=names.project,
        unseen=tuple(unseen.said),  # last: what stands above says it
    )


def _wanted(target: Sls, bodies: Iterable[Facts]) -> Iterator[Config]:
    for wanted in bodies:
        name, form = wanted["configName"], form_of(wanted)
        if (body := target.config(name, form)) is not None:
            yield Config(name, form, body, tuple(sorted(target.groups_of(name))))


def _names(wanted: Wanted) -> set[str]:
    return {body["configName"] for body in wanted.configs.values()}


def _shared(context: Context, found: Found, groups: Iterable[str]) -> tuple[str, ...]:
    """Groups of the target that hosts of the source belong to, or will: by a word they go by."""
    words = {context.app.custom_id, *_identifiers(found.groups.values())}
    bodies = ((name, context.target.machine_group(name) or {}) for name in groups)
    return tuple(name for name, body in bodies if words & set(_identifiers((body,))))


def _identifiers(groups: Iterable[Mapping[str, object]]) -> Iterator[str]:
    for body in groups:
        listed = body.get("machineList")
        yield from (str(one) for one in listed) if isinstance(listed, list) else ()


def samples(context: Context) -> tuple[tuple[Lines, ...], tuple[str, ...]]:
    """Some lines that the source received lately; and what could not be looked at."""
    unseen = Unseen()
    return unseen.kindly("lines of the source", lambda: _newest(context)), tuple(unseen.said)


def _newest(context: Context) -> tuple[Lines, ...]:
    now, left = int(context.clock.now()), SAMPLES
    found: list[Lines] = []
    for lines in context.source.pull(context.app.source.logstore, now - SAMPLED, now):
        found.append(replace(lines, lines=lines.lines[:left]))
        left -= len(lines.lines)
        if left <= 0:
            break
    return tuple(found)
