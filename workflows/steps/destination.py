"""The target's logstore, then its index, then the wait until the index counts what arrives."""

from __future__ import annotations

from workflows.errors import NotYet, StepFailed
from workflows.model import Evidence, Facts
from workflows.step import Context
from workflows.steps.agreed import as_made, derived, found, is_ours, wanted
from workflows.steps.keep import refuse_unasked

FOREVER_AGO = 0
MADE_BY_OTHERS = (
    "Somebody made it meanwhile, or the service keeps it otherwise. Make it equal and Retry; or Roll "
    "back, and start again to be asked."
)


def look(context: Context) -> Facts:
    """`before`: logstore and index of the target as they were, and what we would create."""
    refuse_unasked(context)
    name = context.app.target.logstore
    there = context.target.logstore(name)
    return {
        "logstore": there,
        "index": None if there is None else context.target.index(name),
        "create_logstore": _carried(context) if there is None else None,
        "create_index": wanted(context).index,
    }


def _carried(context: Context) -> Facts:
    """Derived anew: one that was there meanwhile need not have what cannot be carried over."""
    agreed = found(context)
    bodies = derived(context, agreed) if agreed else wanted(context)
    return bodies.logstore


def create(context: Context, before: Facts) -> None:
    name = context.app.target.logstore
    if context.target.logstore(name) is None:
        _create_logstore(context, name, before["create_logstore"])
    if context.target.index(name) is None:
        context.ours()
        context.target.create_index(name, before["create_index"])


def _create_logstore(context: Context, name: str, body: Facts | None) -> None:
    if body is None:
        text = f"logstore {name} of project {context.app.target.project} was there and is gone"
        raise StepFailed(text, "Roll back, and start again: then it is made anew.")
    context.ours()
    context.target.create_logstore(body)


def counting(context: Context, before: Facts) -> Evidence:
    """An index acts on lines that come after it, within `waits.index` seconds of its creation."""
    name = context.app.target.logstore
    logstore = context.target.logstore(name)
    if logstore is None:
        raise NotYet(f"logstore {name} is not there yet")
    if made := before["create_logstore"]:
        as_made(f"logstore {name}", made, logstore, MADE_BY_OTHERS)
    index = context.target.index(name)
    if index is None:
        raise NotYet(f"logstore {name} has no index yet")
    if before["index"] is None:
        as_made(f"index of {name}", before["create_index"], index, MADE_BY_OTHERS)
    now = int(context.clock.now())
    left = int(index.get("lastModifyTime", FOREVER_AGO)) + context.waits.index - now
    if left > 0:
        raise NotYet(f"the index of {name} counts in {left:.0f} s")
    context.target.count(name, now - context.waits.minute, now)
    return Evidence(f"logstore {name} is there and its index counts")


def would(context: Context, before: Facts) -> str:
    name = context.app.target.logstore
    if before["logstore"] is None:
        return f"create logstore {name} (ttl {before['create_logstore'].get('ttl')} days) and index"
    return f"create the index of logstore {name}" if before["index"] is None else "wait for index"


def delete_if_empty(context: Context, before: Facts) -> str:
    """Ours and empty: deleted. Ours with lines in it: kept, since they may be nowhere else."""
    name = context.app.target.logstore
    if before["logstore"] is not None:
        return _drop_index(context, before, name)
    there = context.target.logstore(name)
    if there is None:
        return f"logstore {name} is gone"
    if not is_ours(before["create_logstore"], there):
        return f"logstore {name} is kept: it is another than was made here"
    if context.target.holds_lines(name):
        return f"logstore {name} is kept: it holds lines; delete it by hand if they are unwanted"
    context.ours()
    context.target.delete_logstore(name)
    return f"logstore {name} was deleted, it was empty"


def _drop_index(context: Context, before: Facts, name: str) -> str:
    if before["index"] is None and context.target.index(name) is not None:
        context.ours()
        context.target.delete_index(name)
        return f"the index of {name} was deleted; the logstore was there before and stays"
    return f"logstore {name} was there before and stays"
