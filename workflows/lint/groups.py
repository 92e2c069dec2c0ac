"""Machine groups: somebody must collect, and the same hosts for every config of the app."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.collection.found import Config, Found
from workflows.collection.reach import part, text, texts
from workflows.lint import Finding, Level

_APPLY = (
    "Apply it to a machine group in the source, or delete it there if it is old, then Retry; or Roll "
    "back, name the others in the app's source.config, and start again."
)
_SAME = "Apply all configs of the app to the same hosts in the source, then Retry."


def applied(found: Found) -> Iterator[Finding]:
    for config in found.configs:
        if not config.groups:
            said = "is applied to no machine group: no host collects by it"
            yield Finding(Level.ERROR, f"config {config.name}", "", said, _APPLY)
    yield from _alike(found, [config for config in found.configs if config.groups])


def _alike(found: Found, configs: list[Config]) -> Iterator[Finding]:
    """One group of the target will have them all; so their hosts must be the same."""
    for config in configs[1:]:
        first = configs[0]
        if _hosts(found, config) != _hosts(found, first):
            said = (
                f"is applied to {', '.join(sorted(config.groups))}, config {first.name} to "
                f"{', '.join(sorted(first.groups))}, with other hosts: the one group in the "
                "target would collect too much"
            )
            yield Finding(Level.ERROR, f"config {config.name}", "", said, _SAME)


def _hosts(found: Found, config: Config) -> frozenset[tuple[str, str]]:
    """By what the groups know their hosts: addresses or custom ids."""
    return frozenset(host for name in config.groups for host in _members(found, name))


def _members(found: Found, name: str) -> list[tuple[str, str]]:
    body = part(found.groups, name)
    kind = text(body, "machineIdentifyType")
    listed = [(kind, one.strip()) for one in texts(body, "machineList")]
    return listed or [("group", name)]
