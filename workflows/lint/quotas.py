"""How much of a thing a project may hold. Source: the limits page, and CreateConfig's own.

The service raises a quota for who asks by ticket, and nothing tells how far: never an error.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from workflows.collection.found import There, Wanted
from workflows.collection.reach import text
from workflows.lint import Finding, Level

_SURE, _ALL = 100, 200  # two pages of the documentation differ


def quotas(there: There, wanted: Wanted) -> Iterator[Finding]:
    configs = {text(body, "configName") for body in wanted.configs.values()}
    yield from _room("configs", there.config_names, configs)
    yield from _room("machine groups", there.group_names, {text(wanted.group, "groupName")})
    logstore = text(wanted.logstore, "logstoreName")
    yield from _room("logstores", there.logstore_names, {logstore}, sure=_ALL)


def _room(
    kind: str, known: Collection[str], more: set[str], *, sure: int = _SURE
) -> Iterator[Finding]:
    """Only what is to be created counts."""
    after = len({*known, *more})
    if not more - set(known) or after <= sure:
        return
    most = f"{_ALL}" if after > _ALL or sure == _ALL else f"{_SURE} to {_ALL}"
    text = (
        f"the target's project would hold {after} {kind}; {most} are its quota unless it was raised"
    )
    hint = "Delete what nobody uses, have the quota raised, or choose another target.project."
    yield Finding(Level.WARNING, "target's project", kind, text, hint)
