"""The time in which both sides collect: until when, who is asked then, what becomes of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import gmtime, strftime
from typing import Any

from workflows.apps import Prices, Waits
from workflows.model import DUAL, Event, EventKind, Job, JobKind, JobState, RecordState

DAY = 86400.0
OPEN_IN = frozenset({JobState.RUNNING, JobState.WAITING, JobState.STOPPED})
UNTIL, ASKED, COST = "dual_until", "dual_asked", "dual_cost"  # in what the job was asked for


@dataclass(frozen=True)
class Window:
    """Seconds since the epoch; `asked`: when people were asked last what is to be, 0 before."""

    since: float
    until: float
    asked: float = 0.0


def is_open(job: Job) -> bool:
    """Whether both sides collect by this job; no longer once it is agreed to stop the source."""
    moves = job.kind is JobKind.MOVE and job.state in OPEN_IN and job.route == DUAL
    if not moves or job.going_back:
        return False
    states = {record.name: record.state for record in job.records}
    begun, stop = states.get("both") is RecordState.DONE, states.get("stop")
    agreed = states.get("stop?") is RecordState.AGREED
    return begun and stop is RecordState.PENDING and not agreed


def window(job: Job, waits: Waits) -> Window | None:
    """None where not both sides collect by this job."""
    if not is_open(job):
        return None
    since = job.asked.get("dual_from", job.record("both").since)
    until, asked = job.asked.get(UNTIL, since + waits.dual), job.asked.get(ASKED, 0.0)
    return Window(float(since), float(until), float(asked))


def noted(job: Job, waits: Waits, prices: Prices, now: float) -> Job:
    """With what its message tells of the window: when it ends, and what it costs so far."""
    open_ = window(job, waits)
    if open_ is None:
        return job
    cost = prices.of(received(job, now - open_.since))
    told = {UNTIL: open_.until, **({COST: cost} if cost else {})}
    return replace(job, asked={**job.asked, **told})


def received(job: Job, seconds: float) -> float:
    """Bytes that the target receives in so long, by what was compared; 0 where nobody measured it."""
    for name in ("stop?", "proof"):
        found: Mapping[str, Any] = job.record(name).before.get("evidence", {}).get("comparison", {})
        if size := found.get("size"):
            share = seconds / max(1, found["end"] - found["start"])
            return float(size) * float(share)
    return 0.0


def asks(job: Job, waits: Waits, now: float, *, ends: bool) -> tuple[Job, Event] | None:
    """The question what is to be, at the deadline; where it does not end by itself, once a day."""
    open_ = window(job, waits)
    if open_ is None or now < open_.until:
        return None
    again = max(waits.answer, DAY)
    if open_.asked and (ends or now < open_.asked + again):
        return None
    text = f"both sides have collected for {_span(now - open_.since)}"
    if cost := job.asked.get(COST):
        text += f", about {cost} so far"
    if ends:
        text += (
            f"; unless somebody answers by {_utc(now + waits.answer)}, all is rolled back by itself"
        )
    other = ", or answer the open question" if job.state is JobState.WAITING else ""
    hint = f"Extend it for another {_span(waits.dual)}{other}; or Roll back."
    event = Event(now, job.id, EventKind.DEADLINE, "both", text=text, hint=hint)
    return replace(job, asked={**job.asked, ASKED: now}), event


def unanswered(job: Job, waits: Waits, now: float) -> str:
    """Why it is taken back by itself; "" as long as it is not."""
    open_ = window(job, waits)
    if open_ is None or not open_.asked or now < open_.asked + waits.answer:
        return ""
    return f"Both sides collected for {_span(now - open_.since)}, and nobody said what is to be"


def extended(job: Job, waits: Waits, now: float) -> Job:
    """Again as long, from now on or from the end where that is later; the question is answered."""
    open_ = window(job, waits)
    if open_ is None:
        return job
    job = answered(job)
    return replace(job, asked={**job.asked, UNTIL: max(now, open_.until) + waits.dual})


def answered(job: Job) -> Job:
    """Somebody said how it goes on; where that leads nowhere, people are asked once more."""
    return replace(job, asked={key: value for key, value in job.asked.items() if key != ASKED})


def ends_at(job: Job) -> float:
    """The end as it was noted; 0 where both sides do not collect, or nobody noted it yet."""
    return float(job.asked.get(UNTIL, 0.0)) if is_open(job) else 0.0


def _utc(at: float) -> str:
    return strftime("%Y-%m-%d %H:%M UTC", gmtime(at))


def _span(seconds: float) -> str:
    if seconds >= 2 * DAY:
        return f"{seconds / DAY:.0f} days"
    if seconds >= 5400:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
