"""Both sides hold the same lines: counts per closed minute, and a three-valued verdict.

A minute is closed when it is over, and settled `waits.settle` seconds later, when late lines and
the service's search delay are behind it. Minutes are those of the lines' own time, so a line lands
in the same minute on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from time import gmtime, strftime

from workflows.collection.facts_of import own_time
from workflows.errors import Blocked, NotYet
from workflows.model import Evidence, Facts
from workflows.step import Context
from workflows.steps.agreed import still_as_agreed
from workflows.steps.config import source_configs

NO_TIME = (
    "takes the time of reading as the line's time, so a line may fall into different minutes on the "
    "two sides"
)
GIVE_TIME = "Give the source's config a time field and format, then Retry."


class Verdict(StrEnum):
    EQUAL = "equal"
    DIFFERENT = "different"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Minute:
    """Lines whose own time lies in [start, start + waits.minute), on either side."""

    start: int
    source: int
    target: int

    def __str__(self) -> str:
        return f"{_clock(self.start)} {self.source} = {self.target}"


def _clock(at: int) -> str:
    return f"{strftime('%H:%M:%S', gmtime(at))}Z"


def verdict(minutes: tuple[Minute, ...]) -> Verdict:
    """Equal only if every minute is, and there was something to compare."""
    if any(minute.source != minute.target for minute in minutes):
        return Verdict.DIFFERENT
    return Verdict.EQUAL if any(minute.source for minute in minutes) else Verdict.INCONCLUSIVE


def begin(context: Context) -> Facts:
    """`before`: the first minute that counts, and when the soak ends."""
    now, minute = context.clock.now(), context.waits.minute
    for name, body in source_configs(context).items():
        if not own_time(body):
            raise Blocked(f"config {name} {NO_TIME}", GIVE_TIME)
    return {"from": (int(now) // minute + 1) * minute, "soak_until": now + context.waits.soak}


def nothing(context: Context, before: Facts) -> None:
    """Counting changes nothing."""


def both_equal(context: Context, before: Facts) -> Evidence:
    """The soak is over, and the newest closed minutes and all of them together are equal."""
    still_as_agreed(context)  # or they would differ, and nobody would know why
    left = before["soak_until"] - context.clock.now()
    if left > 0:
        raise NotYet(f"both sides collect, the soak ends in {_coarse(left)}")
    end = settled(context)
    minutes = newest(context, end)
    if minutes[0].start < before["from"]:
        missing = -(-(before["from"] - minutes[0].start) // context.waits.minute)
        raise NotYet(f"{missing} of {len(minutes)} minutes are not closed yet")
    whole = _minute(context, before["from"], end)
    judge((*minutes, whole))
    count = _each_equal(context, before["from"], minutes[0].start) + len(minutes)
    return Evidence(f"{_shown(minutes)}; all {count} minutes together {whole.source} lines each")


def _each_equal(context: Context, start: int, end: int) -> int:
    """Judge the older minutes one by one too: lost here and doubled there make an equal sum."""
    length, seen = context.waits.minute, range(start, end, context.waits.minute)
    for minute in seen:
        context.say(f"comparing the minute of {_clock(minute)}")
        _judge_difference(_minute(context, minute, minute + length))
    return len(seen)


def newest(context: Context, end: int) -> tuple[Minute, ...]:
    """The last `waits.minutes` closed minutes before `end`, oldest first."""
    length = context.waits.minute
    starts = range(end - context.waits.minutes * length, end, length)
    return tuple(_minute(context, start, start + length) for start in starts)


def _minute(context: Context, start: int, end: int) -> Minute:
    app = context.app
    return Minute(
        start,
        context.source.count(app.source.logstore, start, end),
        context.target.count(app.target.logstore, start, end),
    )


def settled(context: Context) -> int:
    """The end of the newest minute whose counts are final."""
    length = context.waits.minute
    return int(context.clock.now() - context.waits.settle) // length * length


def judge(minutes: tuple[Minute, ...]) -> None:
    """Nothing if the verdict is equal, else NotYet with the verdict and where."""
    match verdict(minutes):
        case Verdict.DIFFERENT:
            for minute in minutes:
                _judge_difference(minute)
        case Verdict.INCONCLUSIVE:
            raise NotYet("inconclusive: no line on either side in the minutes compared")


def _judge_difference(minute: Minute) -> None:
    if minute.source != minute.target:
        lines = f"source {minute.source}, target {minute.target} lines"
        raise NotYet(f"different: {_clock(minute.start)} {lines}")


def _shown(minutes: tuple[Minute, ...]) -> str:
    return "equal: " + ", ".join(str(minute) for minute in minutes)


def still_equal(context: Context) -> Evidence:
    """For the approval: the newest closed minutes, and all since the proof began, counted again.

    A card may hang for a day; what the target lost meanwhile is not in the newest minutes.
    """
    end = settled(context)
    minutes = newest(context, end)
    start = context.known.get("proof", {}).get("from", minutes[0].start)
    judge((*minutes, _minute(context, start, end)))
    return Evidence(_shown(minutes))


def would(context: Context, before: Facts) -> str:
    waits = context.waits
    return f"soak for {_coarse(waits.soak)}, then compare {waits.minutes} closed minutes"


def nothing_to_undo(context: Context, before: Facts) -> str:
    return "counting changed nothing"


def _coarse(seconds: float) -> str:
    """To the minute where it is long, so that a waiting message does not change at every look."""
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
