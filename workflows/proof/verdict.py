"""Equal, different or inconclusive; only equal is green. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from time import gmtime, strftime

from workflows.proof.comparison import Comparison

SHOWN = 3  # places or hosts in a sentence


class Verdict(StrEnum):
    EQUAL = "equal"
    DIFFERENT = "different"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Judged:
    """A verdict and why; `hosts` wrote lines that were compared, `idle` ones wrote none."""

    verdict: Verdict
    why: str = ""
    hosts: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()

    @property
    def green(self) -> bool:
        return self.verdict is Verdict.EQUAL


def judged(
    found: Comparison, expected: Collection[str], idle: Mapping[str, str], minutes: int, least: int
) -> Judged:
    """The verdict over the newest `minutes` and all that were compared.

    `expected` are the hosts that should write; of `idle` ones it is known that they wrote nothing,
    and by what. A difference wins over everything that is still open: it is the one thing that more
    waiting cannot make green by itself.
    """
    seen = {host.host for host in found.hosts if host.source or host.target}
    told = (tuple(sorted(seen)), tuple(sorted(set(idle) - seen)))
    if found.differing or any(not minute.equal for minute in found.minutes):
        return Judged(Verdict.DIFFERENT, _where(found), *told)
    if why := _open(found, sorted(set(expected) - seen - set(idle)), minutes, least):
        return Judged(Verdict.INCONCLUSIVE, why, *told)
    return Judged(Verdict.EQUAL, "", *told)


def _where(found: Comparison) -> str:
    unequal = [minute for minute in found.minutes if not minute.equal]
    parts = [
        f"{clock(one.start)} source {one.source}, target {one.target} lines" for one in unequal
    ]
    return "; ".join([*parts[:SHOWN], *map(str, found.differing[:SHOWN])])


def _open(found: Comparison, silent: list[str], minutes: int, least: int) -> str:
    if found.open:
        return found.open
    if (missing := minutes - len(found.minutes)) > 0:
        return f"{missing} of {minutes} minutes are not closed yet"
    if found.target < least:
        return f"{found.target} lines on either side, and {least} are the least that prove anything"
    if silent:
        more = f" and {len(silent) - SHOWN} more" if len(silent) > SHOWN else ""
        return f"no line of {', '.join(silent[:SHOWN])}{more} on either side"
    return f"{found.late} lines came late just now" if found.late else ""


def clock(at: float) -> str:
    return f"{strftime('%H:%M:%S', gmtime(at))}Z"
