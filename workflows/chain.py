"""
Each event holds a fingerprint of itself and of all before it, so that an altered story shows. Pure.

A link is SHA-256 over the link before it and the event as JSON; the first one stands on what names
the job. What is empty in an event is left out of that JSON: a field that a later program adds
changes no older link. For the same reason an upgrade (bot/wire.py) may add to an event, and never
change what is in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from workflows.model import Event, Facts, Job

SHORT = 12  # characters of a link that people compare
NAMING = ("id", "app", "kind", "requested_by", "created")  # fields that no job ever changes


@dataclass(frozen=True)
class Flaw:
    """Where a story is not what was written; `number` counts from 1, 0 where it is no event."""

    number: int
    why: str


def linked(job: Job, events: Sequence[Event]) -> tuple[Job, tuple[Event, ...]]:
    """The events with their links, and the job with the last of them; before both are saved."""
    if not events:
        return job, ()
    chain, found = job.chain or seed(asdict(job)), []
    for event in events:
        chain = link(chain, told(event))
        found.append(replace(event, link=chain))
    return replace(job, chain=chain), tuple(found)


def told(event: Event) -> Facts:
    """The event as JSON, without what is empty; with its link once it has one."""
    fields = {name: value for name, value in vars(event).items() if value}
    fields |= {name: list(fields[name]) for name in ("lines", "requests") if name in fields}
    fields["kind"] = str(event.kind)
    if event.hosts:
        fields["hosts"] = [{k: v for k, v in vars(host).items() if v} for host in event.hosts]
    if event.facts:  # as they are read back: keys are strings then
        fields["facts"] = json.loads(json.dumps(event.facts))
    return fields


def seed(job: Mapping[str, Any]) -> str:
    """What the first link stands on. Raises KeyError where the job is not named."""
    return canonical([job[name] for name in NAMING])


def link(before: str, fact: Mapping[str, Any]) -> str:
    """Over the event as JSON, whatever link it has itself."""
    bare = {name: value for name, value in fact.items() if name != "link"}
    return hashlib.sha256(f"{before}\n{canonical(bare)}".encode()).hexdigest()


def canonical(fact: Any) -> str:
    """One spelling for what is the same JSON, in ASCII."""
    return json.dumps(fact, sort_keys=True, separators=(",", ":"))


def begun(events: Sequence[Mapping[str, Any]]) -> int:
    """The first event that has a link, from 1; 0 where none has: an older program wrote them."""
    return next((n for n, event in enumerate(events, 1) if event.get("link")), 0)


def flaw(
    job: Mapping[str, Any], events: Sequence[Mapping[str, Any]], head: str, first: int
) -> Flaw | None:
    """The first event that is not what was written, or None. `first`: the first that has a link."""
    before = seed(job)
    for number, event in enumerate(events[first - 1 :] if first else (), first):
        if event.get("link") != link(before, event):
            return Flaw(number, _why(number, first))
        before = event["link"]
    if (found := begun(events)) != first:
        return Flaw(found, f"the links are said to begin with event {first}")
    if first and before != head:
        why = "the story does not end here: events behind it were removed, or its head was altered"
        return Flaw(len(events), why)
    return None if first or not head else Flaw(0, "the events that lead to its head are missing")


def _why(number: int, first: int) -> str:
    if number > first:
        return f"it was altered, or does not follow event {number - 1}"
    return "it was altered, or is not the first of this job, asked by that person at that time"
