"""Names in the target, as the service takes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from workflows.collection.found import Wanted
from workflows.collection.reach import text
from workflows.lint import Finding, Level

_SIGNS = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?", re.ASCII)
_CAPITALS = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?", re.ASCII | re.IGNORECASE)
_CONFIG = "Give target.config of the app another template, such as {app}-{config} or a short name."


def names(wanted: Wanted) -> Iterator[Finding]:
    """Lengths and characters. Source: CreateConfig, CreateMachineGroup, CreateLogstore."""
    configs = {source: text(body, "configName") for source, body in wanted.configs.items()}
    for source, name in sorted(configs.items()):
        yield from _name(f"config {source}", "configName", name, (2, 128), _CONFIG)
    yield from _once(configs)
    group, logstore = text(wanted.group, "groupName"), text(wanted.logstore, "logstoreName")
    hint = "Choose another target.machine_group for the app."
    yield from _name(f"machine group {group}", "groupName", group, (3, 128), hint)
    hint = "Choose another target.logstore for the app."
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


def _once(configs: dict[str, str]) -> Iterator[Finding]:
    for name, times in sorted(Counter(configs.values()).items()):
        if times > 1:
            same = ", ".join(sorted(source for source, target in configs.items() if target == name))
            said = f"configs {same} would have the same name in the target"
            hint = "Put {config} into target.config of the app."
            yield Finding(Level.ERROR, f"config {name}", "configName", said, hint)
