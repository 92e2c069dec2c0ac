"""Both sides hold the same lines: counts and checksums per closed minute, and a three-valued verdict.

A minute is closed when it is over, and settled `waits.settle` seconds later, when late lines and
the service's search delay are behind it. Minutes are those of the lines' own time, so a line lands
in the same minute on both sides; where lines have no time of their own, see by_content.py.
"""

from __future__ import annotations

from workflows.errors import NotYet, StepFailed
from workflows.model import Evidence, Facts
from workflows.proof.verdict import SHOWN, Verdict, clock
from workflows.step import Context
from workflows.steps.agreed import still_as_agreed
from workflows.steps.comparing import Compared, compare, with_doubles
from workflows.steps.config import source_configs
from workflows.steps.roster import moved

LEAST = 1_000_000  # bytes; what cost less than that is not told


def begin(context: Context) -> Facts:
    """`before`: the first minute that counts, and when the soak ends."""
    now, minute = context.clock.now(), context.waits.minute
    source_configs(context)
    return {"from": (int(now) // minute + 1) * minute, "soak_until": now + context.waits.soak}


def nothing(context: Context, before: Facts) -> None:
    """Comparing changes nothing."""


def both_equal(context: Context, before: Facts) -> Evidence:
    """The soak is over, and all closed minutes since both collect are equal."""
    still_as_agreed(context)  # or they would differ, and nobody would know why
    compared = compare(context, before)
    if before["soak_until"] > context.clock.now():
        raise NotYet(_soaking(context, before["soak_until"], compared), "", compared.hosts)
    return green(context, compared)


def _soaking(context: Context, until: float, compared: Compared) -> str:
    """Said anew once a minute at the most: each new text is drawn in the channel."""
    said = f"both sides collect, the soak ends at {clock(until)}"
    minutes, verdict = len(compared.found.minutes), compared.judged
    if verdict.verdict is Verdict.DIFFERENT:
        return f"{said}; {compared.text}"
    return f"{said}; {minutes} minutes are equal so far{_cost(context, compared)}"


def _cost(context: Context, compared: Compared) -> str:
    """What is received twice meanwhile, where bytes are known; and what that costs, where told."""
    size = compared.found.size or _forecast(context, compared)
    if size < LEAST:
        return ""
    price = context.prices.of(size)
    return f", {size / 1e6:,.0f} MB received twice" + (f", {price}" if price else "")


def _forecast(context: Context, compared: Compared) -> float:
    """SQL tells no bytes: as many as the files grew by at the pace that was seen before the move."""
    hosts = context.known.get("forecast", {}).get("figures", {}).get("hosts", {})
    rate: float = sum(host["bound"]["rate"] for host in hosts.values())
    return rate * len(compared.found.minutes) * context.waits.minute


def green(context: Context, compared: Compared) -> Evidence:
    """What is agreed to. Raises NotYet with the verdict where it is any other than equal.

    And StepFailed where some of the app's own lines are in no verdict.
    """
    if not compared.judged.green:
        raise NotYet(compared.text, compared.way_out, compared.hosts)
    if compared.found.strange:
        _all_where_they_were(context)
    evidence = with_doubles(context, compared).evidence
    return Evidence(
        evidence.text,
        evidence.hosts,
        {**evidence.facts, "at": context.clock.now()},
        evidence.substance,
    )


def _all_where_they_were(context: Context) -> None:
    """Lines of a host whose address changed count as those of a stranger, which nobody compares."""
    if there := moved(context):
        raise StepFailed(
            f"the lines of {'; '.join(there[:SHOWN])} are not compared since",
            "Roll back, and start again: then the new address is known.",
        )


def still_equal(context: Context) -> Evidence:
    """For the approval: all since the proof began, up to the newest closed minute.

    A card may hang for a day; what the target lost meanwhile need not be in the newest minutes.
    """
    return green(context, compare(context))


def would(context: Context, before: Facts) -> str:
    waits = context.waits
    return f"soak for {_coarse(waits.soak)}, then compare {waits.minutes} closed minutes"


def nothing_to_undo(context: Context, before: Facts) -> str:
    return "comparing changed nothing"


def _coarse(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
