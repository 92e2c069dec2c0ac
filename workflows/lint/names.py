"""Names in the target, as the service takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflows.collection.found import Found, There, Wanted
from workflows.collection.reach import text
from workflows.lint import Finding, Level

_SIGNS = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?", re.ASCII)
_CAPITALS = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?", re.ASCII | re.IGNORECASE)
_ANOTHER = "Roll back, choose another target.{} for the app, and start again."
_CONFIG = (
    "Roll back, give target.config of the app another template, such as {app}-{config} or a short "
    "name, and start again."
)


def names(found: Found, there: There, wanted: Wanted) -> Iterator[Finding]:
    """Lengths and characters. Source: CreateConfig, CreateMachineGroup, CreateLogstore.

    The service is laxer than its documentation: a name that it took already is none to refuse.
    """
    configs = {source: text(body, "configName") for source, body in wanted.configs.items()}
    for source, name in sorted(configs.items()):
        if name != source and name not in there.configs:
            yield from _name(f"config {source}", "configName", name, (2, 128), _CONFIG)
    group, logstore = text(wanted.group, "groupName"), text(wanted.logstore, "logstoreName")
    if there.group is None and group not in found.groups:
        hint = _ANOTHER.format("machine_group")
        yield from _name(f"machine group {group}", "groupName", group, (3, 128), hint)
    if there.logstore is None and logstore != text(found.logstore, "logstoreName"):
        hint = _ANOTHER.format("logstore")
        yield from _name(f"logstore {logstore}", "logstoreName", logstore, (3, 63), hint)


def _name(thing: str, path: str, name: str, sizes: tuple[int, int], hint: str) -> Iterator[Finding]:
    least, most = sizes
    if not least <= len(name) <= most:
        said = f"the target's name {name!r} has {len(name)} characters: {least} to {most} are taken"
        yield Finding(Level.ERROR, thing, path, said, hint)
    elif not _CAPITALS.fullmatch(name):
        said = (
            f"the target's name {name!r} is not taken: small letters, digits, - and _, with a "
            "letter or digit at both ends"
        )
        yield Finding(Level.ERROR, thing, path, said, hint)
    elif not _SIGNS.fullmatch(name):
        said = f"the target's name {name!r} has capital letters, which the documentation forbids"
        yield Finding(Level.WARNING, thing, path, said, hint)
