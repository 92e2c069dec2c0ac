"""Lines that have no time of their own: written to files, and read by either side when it can."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from tests.faults.lines import BEGIN, MINUTE, PATHS, Batch, Row

if TYPE_CHECKING:
    import random

    Place = tuple[str, str]  # address and path

BEFORE = 300  # seconds in which the source alone collects, at least
AFTER = 420  # seconds of writing after the last minute that is compared
MOST_MINUTES = 6
LONGEST_OUTAGE = 400.0  # seconds
GROUP = 40  # lines that are sent together
RETRIED = 0.03  # share of groups that come some seconds late while the next go on
BEATS = ("still here", "ok", "心跳")
SEVERAL = 0.02  # share of lines that read like others


class Said(NamedTuple):
    """One line as it stands in its file."""

    at: float
    text: str


@dataclass(frozen=True)
class Files:
    """What applications wrote; the target's config is `live` from then on."""

    addresses: dict[str, str]  # by the host's name
    live: float
    end: int  # of the minutes that are compared
    lines: dict[Place, tuple[Said, ...]] = field(default_factory=dict)

    @property
    def last(self) -> float:
        """By then all files were written to once more."""
        return self.end + AFTER


@dataclass(frozen=True)
class Agent:
    """How one side's agents fare: how long a line lies, when they cannot send, where they begin."""

    lag: float
    away: tuple[float, float] = (0.0, 0.0)
    live: float = 0.0
    in_order: bool = True


def files(rng: random.Random) -> Files:
    """Some hosts with some files each, of which some are idle at first."""
    names = [f"h{n}" for n in range(1, rng.randint(1, 4) + 1)]
    addresses = {name: f"10.0.0.{n + 10}" for n, name in enumerate(names)}
    end = BEGIN + rng.randint(3, MOST_MINUTES) * MINUTE
    whole = Files(addresses, BEGIN - rng.uniform(30, 200), end)
    for address in addresses.values():
        for path in PATHS[: rng.randint(1, 3)]:
            whole.lines[address, path] = _written(rng, whole, f"{address} {path}")
    return whole


def _written(rng: random.Random, whole: Files, whose: str) -> tuple[Said, ...]:
    """At irregular moments, a few at a time, and once more at the end."""
    at, found = BEGIN - BEFORE - rng.uniform(0, 300), list[Said]()
    every, most = rng.uniform(3, 40), rng.randint(1, 8)
    idle = (at + rng.uniform(20, 90), BEGIN + rng.uniform(-200, 200)) if rng.random() < 0.2 else None  # fmt: skip
    while at < whole.last - MINUTE:
        if not (idle and idle[0] < at < idle[1]):
            found += [Said(at, _text(rng, whose, len(found) + n)) for n in range(rng.randint(1, most))]  # fmt: skip
        at += rng.uniform(0.5, 1.5) * every
    return (*found, Said(whole.last - MINUTE, f"{whose} the last but one"), Said(whole.last, "end"))


def _text(rng: random.Random, whose: str, number: int) -> str:
    if rng.random() < SEVERAL:
        return rng.choice(BEATS)
    return f"{whose} {number:05} order paid"


def agents(rng: random.Random, whole: Files, *, away: bool) -> tuple[Agent, Agent]:
    """Those of the source and of the target; with an outage of either, or of both."""
    spans = [_outage(rng, whole) if away and rng.random() < 0.7 else (0.0, 0.0) for _ in range(2)]
    source, target = (Agent(rng.uniform(0.2, 5), span, in_order=rng.random() < 0.5) for span in spans)  # fmt: skip
    return source, replace(target, live=whole.live)


def _outage(rng: random.Random, whole: Files) -> tuple[float, float]:
    begin = rng.uniform(whole.live - 20, whole.end)
    return begin, begin + rng.uniform(20, LONGEST_OUTAGE)


def shipped(rng: random.Random, whole: Files, agent: Agent) -> list[Batch]:
    """Every file in its order, as long as nothing has to be sent again; in the order of receipt."""
    found = [
        batch
        for (address, path), lines in whole.lines.items()
        for batch in _of_file(rng, (address, path), lines, agent)
    ]
    return sorted(found, key=lambda batch: batch.received)


def _of_file(
    rng: random.Random, place: Place, lines: tuple[Said, ...], agent: Agent
) -> list[Batch]:
    """While a group waits nothing more is read of the file; a new config reads it from far back."""
    found, times, at, now = list[Batch](), [line.at for line in lines], 0, 0.0
    first = next((time for time in times if time >= agent.live), times[-1])
    while at < len(lines):
        if max(lines[at].at, first) > now:
            now = max(lines[at].at, first) + rng.uniform(0.1, agent.lag)
        upto = min(bisect_right(times, now), at + GROUP)
        rows = tuple(Row(int(now), (("content", line.text),)) for line in lines[at:upto])
        at, sent = upto, now + rng.uniform(0.05, 1.0)
        if agent.away[0] <= sent < agent.away[1]:
            now = sent = agent.away[1] + rng.uniform(0, 4)
        elif not agent.in_order and rng.random() < RETRIED:
            sent += rng.uniform(1, 9)
        found.append(Batch(*place, sent, rows))
    return found
