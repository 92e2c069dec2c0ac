"""Logstore and index: what of them fits the lines, and what does not."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.collection import facts_of
from workflows.collection.carry_store import left_behind
from workflows.collection.found import Found, There, Wanted
from workflows.collection.reach import part, text
from workflows.lint import Finding, Level
from workflows.lint.silent import listed

_TYPES = ("text", "long", "double", "json")
_CHOOSE = "Make them equal by hand or choose another target.logstore for the app."


def logstores(found: Found, there: There, wanted: Wanted) -> Iterator[Finding]:
    thing = f"logstore {text(wanted.logstore, 'logstoreName')}"
    source, target = found.logstore.get("ttl"), (there.logstore or wanted.logstore).get("ttl")
    if source != target:
        said = f"keeps lines for {target} days, the source's for {source}"
        yield Finding(Level.WARNING, thing, "ttl", said, _CHOOSE)
    if lost := left_behind(found.logstore):
        said = f"{listed(lost)} of the source's is not documented, so the target's does without"
        hint = f"Set it there by hand once {thing} is made, if it matters."
        yield Finding(Level.WARNING, thing, lost[0] if len(lost) == 1 else "", said, hint)
    shards = wanted.logstore.get("shardCount")
    if there.logstore is None and isinstance(shards, int) and shards < found.shards:
        said = f"will begin with {shards} shards; {found.shards} of the source's take lines"
        hint = "Split its shards before the cut-over if the source's are busy."
        yield Finding(Level.NOTE, thing, "shardCount", said, hint)


def indexes(found: Found) -> Iterator[Finding]:
    """Fields without an index are kept and shown; only searching by them finds nothing."""
    thing = f"index of logstore {text(found.logstore, 'logstoreName')}"
    keys = part(found.index, "keys")
    for name in sorted(map(str, keys)):
        kind = part(keys, name).get("type")
        if kind not in _TYPES:
            said = f"type {kind!r} is none of {', '.join(_TYPES)}"
            hint = "Correct the source's index, then Retry."
            yield Finding(Level.WARNING, thing, f"keys.{name}.type", said, hint)
    if keys:
        yield from _unindexed(found, thing)


def _unindexed(found: Found, thing: str) -> Iterator[Finding]:
    keys = part(found.index, "keys")
    for config in found.configs:
        made = [key for key in facts_of.keys(config.body) if key and key not in keys]
        if made:
            said = f"config {config.name} makes {', '.join(made)}, which it lacks"
            hint = "Nothing is to be done if nobody searches by them; the source lacks them too."
            yield Finding(Level.NOTE, thing, "keys", said, hint)
