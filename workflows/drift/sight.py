"""What two looks differ in: findings that are new, and findings that are no more. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from workflows.model import Drift, Event, EventKind, HostResult, Job

AWAY = "away/"  # before the start of the keys that could not be looked at
REQUEST = re.compile(r" \(request [^)]*\)")
FEW = 3  # hosts that are told one by one


@dataclass(frozen=True)
class Change:
    """All that is open now, and what of it is to be told."""

    drift: tuple[Drift, ...]
    opened: tuple[Drift, ...] = ()
    settled: tuple[Drift, ...] = ()


def away(keys: str, what: str, why: object, hint: str = "", host: str = "") -> Drift:
    """What stands for all findings whose keys begin so: they could be neither seen nor missed."""
    said = REQUEST.sub("", str(why))  # another at each look, and the message would be drawn anew
    text = f"{what} cannot be watched: {said}"
    return Drift(f"{AWAY}{keys}", text, hint, host, quiet=True)


def compared(
    was: Sequence[Drift],
    found: Iterable[Drift],
    unlooked: Iterable[str],
    now: float,
    outage: float,
) -> Change:
    """What is quiet is told at the next look; that something is out of sight, after `outage` seconds.

    `unlooked` are the starts of keys that were not looked at this time; they stay as they were.
    """
    known = {drift.key: drift for drift in was}
    aged = {drift.key: _aged(drift, known.get(drift.key), now, outage) for drift in found}
    blind = (*unlooked, *(key.removeprefix(AWAY) for key in aged if key.startswith(AWAY)))
    kept = [d for d in was if d.key.removeprefix(AWAY).startswith(blind)] if blind else []
    still = {**{drift.key: drift for drift in kept}, **aged}
    opened = (drift for drift in aged.values() if _told(drift) and not _told(known.get(drift.key)))
    return Change(
        tuple(sorted(still.values(), key=lambda drift: (drift.since, drift.key))),
        tuple(opened),
        tuple(drift for drift in was if _told(drift) and drift.key not in still),
    )


def _aged(drift: Drift, known: Drift | None, now: float, outage: float) -> Drift:
    since = known.since if known else now
    patience = outage if drift.key.startswith(AWAY) else 0.0
    quiet = drift.quiet and now - since <= patience
    return replace(drift, since=since, quiet=quiet)


def _told(drift: Drift | None) -> bool:
    return drift is not None and not drift.quiet


def events(job: Job, change: Change, now: float) -> tuple[Event, ...]:
    """One for each finding that is to be told; hosts with the same trouble share one."""
    opened = _events(EventKind.DRIFT, job, change.opened, now)
    return (*opened, *_events(EventKind.SETTLED, job, change.settled, now))


def ending(job: Job, days: float, now: float) -> tuple[Event, ...]:
    """Said where findings are left, because nobody looks any more whether they still hold."""
    left = [drift for drift in job.drift if _told(drift)]
    if not left:
        return ()
    text = f"{job.app} is no longer watched, {days:g} days after its move"
    findings = "1 finding was" if len(left) == 1 else f"{len(left)} findings were"
    return (Event(now, job.id, EventKind.DRIFT, text=f"{text}; {findings} open to the end"),)


def _events(kind: EventKind, job: Job, drifts: Sequence[Drift], now: float) -> Iterator[Event]:
    event = Event(now, job.id, kind)
    for group in _groups(drifts):
        if len(group) > FEW:
            results = tuple(_result(kind, drift) for drift in group)
            yield replace(event, text=f"{len(group)} hosts", hint=_hint(kind, group), hosts=results)
        else:
            for drift in group:
                yield replace(event, text=sentence(drift), hint=_hint(kind, [drift]))


def _result(kind: EventKind, drift: Drift) -> HostResult:
    if kind is EventKind.DRIFT:
        return HostResult(drift.host, ok=False, said=drift.text)
    return HostResult(drift.host, ok=True, said=f"no longer: {drift.text}")


def _groups(drifts: Iterable[Drift]) -> Iterable[Sequence[Drift]]:
    """Hosts whose way out is the same together."""
    groups: dict[tuple[str, ...], list[Drift]] = {}
    for drift in drifts:
        part = drift.key.removeprefix(AWAY).partition("/")[0]
        alike = ("hosts", part, drift.hint) if drift.host else ("", drift.key)
        groups.setdefault(alike, []).append(drift)
    return groups.values()


def _hint(kind: EventKind, group: Sequence[Drift]) -> str:
    return group[0].hint if kind is EventKind.DRIFT else ""


def sentence(drift: Drift) -> str:
    """The finding in one line."""
    return f"{drift.host}: {drift.text}" if drift.host else drift.text
