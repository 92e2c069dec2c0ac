"""What the target shall have, made of what was found in the source: raw JSON in, raw JSON out."""

from __future__ import annotations

from workflows.collection.cannot import CannotCarry
from workflows.collection.carry_config import config_body, restorable
from workflows.collection.carry_group import group_body
from workflows.collection.carry_store import FULL_TEXT, MOST_SHARDS, index_body, logstore_body
from workflows.collection.found import Found, Wanted
from workflows.collection.names import Names, target_name
from workflows.model import Facts

__all__ = ["FULL_TEXT", "MOST_SHARDS", "CannotCarry", "Names", "restorable", "wanted"]


def wanted(found: Found, names: Names, *, logstore_is_there: bool = False) -> Wanted:
    """Raises CannotCarry with the object, the field and the way out. Changes nothing of `found`.

    `logstore_is_there`: the target has a logstore of that name, so what cannot be carried to a new
    one (a KMS key) is left to it, and shown as a difference where it differs.
    """
    return Wanted(
        logstore_body(found.logstore, names.logstore, found.shards, is_there=logstore_is_there),
        index_body(found.index),
        group_body(found, names),
        _configs(found, names),
    )


def _configs(found: Found, names: Names) -> dict[str, Facts]:
    taken: dict[str, str] = {}
    bodies = {}
    for config in found.configs:
        name = target_name(names.config_template, config.name, names.app)
        if name in taken:
            raise _twice(config.name, taken[name], name, names)
        taken[name] = config.name
        bodies[config.name] = config_body(config, found, name, names)
    return bodies


def _twice(one: str, other: str, name: str, names: Names) -> CannotCarry:
    said = f"it and config {other} would both be called {name} in the target"
    hint = f"Roll back, put {{config}} into apps.{names.app}.target.config, and start again."
    return CannotCarry(f"config {one}", "configName", said, hint)
