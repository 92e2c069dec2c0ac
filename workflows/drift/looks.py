"""One look at all that a job agreed on; each part of it may be out of sight by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from workflows.drift import accounts, senders
from workflows.drift.sight import Change, away, compared
from workflows.errors import JobError, StoreAway
from workflows.model import Drift, Job
from workflows.step import Context

Part = Callable[[Job, Context], Iterator[Drift]]

HOSTS = "hosts/"
# By the start of the keys of its findings.
PARTS: Mapping[str, tuple[str, Part]] = {
    "source/": ("the source account", accounts.source),
    "target/": ("the target account", accounts.target),
    "beats/": ("the heartbeats in the target", senders.beats),
    "lines/": ("what the source still receives", senders.stragglers),
    HOSTS: ("the hosts", senders.hosts),
}


def drift(job: Job, context: Context, unlooked: Collection[str] = ()) -> Change:
    """What differs from what was agreed, and what of it is new or no more.

    `unlooked`: keys of PARTS that are left for another time.
    """
    context = replace(
        context,
        known={record.name: record.before for record in job.records},
        without=frozenset(job.without),
    )
    looked = [key for key in PARTS if key not in unlooked]
    renamed = _renamed(job, context)
    found = renamed or [drift for key in looked for drift in _seen(key, job, context)]
    now, outage = context.clock.now(), context.waits.outage
    return compared(job.drift, found, unlooked, now, outage)


def _seen(key: str, job: Job, context: Context) -> tuple[Drift, ...]:
    """All of a part's findings, or the one that says why it has none."""
    what, part = PARTS[key]
    try:
        return tuple(part(job, context))
    except StoreAway:
        raise
    except JobError as error:
        return (away(key, what, error, error.hint),)


def _renamed(job: Job, context: Context) -> list[Drift]:
    """Under other names there are other things: none of what was agreed could be looked at."""
    now = context.app.names
    changed = [key for key, name in job.names.items() if now.get(key) != name]
    if not changed:
        return []
    key = changed[0]
    why = f"apps.{job.app}.{key} is {now.get(key)!r} and was {job.names[key]!r} at the start"
    hint = "Put it back in the settings and restart the workers."
    return [away("", "what was agreed", why, hint)]
