"""Lines that the target has more than once, searched for where there can be any, and counted exactly.

That is where the target has more lines than the source, and where an agent that began anew read
again: both its configs do, so both sides have such lines equally often.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import NamedTuple

from workflows.errors import NotYet
from workflows.model import Facts
from workflows.ports import Lines
from workflows.proof import twice
from workflows.proof.comparison import Comparison
from workflows.proof.marks import of_line
from workflows.proof.twice import Found
from workflows.step import Context
from workflows.steps.around import addresses, sides
from workflows.steps.behind import clock
from workflows.steps.files import Looked
from workflows.steps.gap import Piece
from workflows.steps.kept import noted
from workflows.steps.matching import CONTENT

DUMPED = 1800  # seconds; an agent notes each 900 s how far it read, and may be down for a while
SOON = 120  # seconds after its start in which an agent reads on where it was
MOST = 200_000  # lines that are held at once, of each side
LONGEST = 900  # seconds that are pulled together
KEY = "doubles"


class Suspect(NamedTuple):
    """A minute to search, how many lines each side has of it, and of which hosts.

    Of `restarted` ones an agent began anew.
    """

    minute: int
    source: int
    target: int
    hosts: tuple[str, ...]
    restarted: tuple[str, ...]

    @property
    def key(self) -> str:
        """While this is the same, what was counted still holds."""
        return f"{self.minute} {blake2b(repr(self).encode(), digest_size=8).hexdigest()}"


def searched(
    context: Context, found: Comparison, looked: Looked, state: Facts | None = None
) -> Comparison:
    """With `doubled`, `restarts` and `repeated`. Raises NotYet after each share, which it saves.

    `state` is that of the pull engine, which knows what came late; what it does not know is told by
    the agents' starts on the hosts.
    """
    if found.engine == CONTENT:  # the same line has other times on the two sides
        return found
    late = ((state or {}).get("pull") or {}).get("lates", {})
    search = Search(context, began_anew(found, looked, late), noted(context, KEY))
    total = Found()
    for run in _runs(search.suspects(found, looked, late)):
        for row in search.of(run):
            total = total.plus(row)
    search.save()
    return replace(found, doubled=total.doubled, restarts=total.restarts, repeated=total.repeated)


def began_anew(found: Comparison, looked: Looked, late: Mapping[str, list[int]]) -> frozenset[str]:
    """Hosts whose agent began anew since; where nobody could tell, those whose lines came late."""
    told = {name: started(looked, name) for name in looked.hosts}
    began = {name for name, at in told.items() if at >= found.start}
    return frozenset({*began, *(name for name in late if not told.get(name))})


def started(looked: Looked, host: str) -> float:
    """By our clock; 0 where it is not known."""
    seen = looked.hosts[host]
    return looked.at - (seen.now - seen.started) if seen.started else 0.0


def _where(
    length: int, found: Comparison, looked: Looked, late: Mapping[str, list[int]]
) -> Iterator[tuple[str, int]]:
    """Hosts and minutes: what differs, and what an agent that began anew may have read again."""
    every = {one.host for one in found.hosts}
    for one in found.differing:
        yield from ((host, one.minute) for host in ({one.host} & every or every))
    for name in sorted(began_anew(found, looked, late)):
        spans = [(minute, minute + SOON + 1) for minute in late.get(name, ())]
        if name in looked.hosts and (began := int(started(looked, name))):
            own = int(looked.hosts[name].started)  # lines have the host's times, whatever ours says
            first = (min(began, own) - DUMPED) // length * length
            spans.append((first, max(began, own) + SOON))
        yield from ((name, minute) for span in spans for minute in range(*span, length))


def _runs(every: list[Suspect]) -> Iterator[list[Suspect]]:
    """Minutes that are pulled together: near each other, and not too many lines."""
    run: list[Suspect] = []
    for one in every:
        near = run and one.minute < run[0].minute + LONGEST
        if run and not (near and sum(max(s.source, s.target) for s in (*run, one)) <= MOST):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


@dataclass
class Search:
    """`counted`: by each suspect's key, what was found; `used` are those that this look needs."""

    context: Context
    restarted: frozenset[str]
    counted: dict[str, list[int]]
    used: set[str] = field(default_factory=set)
    lines: int = 0

    def suspects(
        self, found: Comparison, looked: Looked, late: Mapping[str, list[int]]
    ) -> list[Suspect]:
        """The minutes in which a host may have a line twice, in order."""
        hosts: dict[int, set[str]] = {}
        for host, minute in _where(self.context.waits.minute, found, looked, late):
            hosts.setdefault(minute, set()).add(host)
        return [
            Suspect(one.start, one.source, one.target, *self._told(hosts[one.start]))
            for one in found.minutes
            if one.start in hosts
        ]

    def _told(self, hosts: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return tuple(sorted(hosts)), tuple(sorted(hosts & self.restarted))

    def of(self, run: list[Suspect]) -> list[Found]:
        """Searched, unless an earlier look did. Raises NotYet after each share of the work."""
        if self.lines > self.context.proving.rate * max(1.0, self.context.waits.look):
            self.context.jot({KEY: self.counted})
            raise NotYet(f"doubled lines are searched up to {clock(run[0].minute)}")
        if not all(one.key in self.counted for one in run):
            self.context.say(f"searching doubled lines of {clock(run[0].minute)}")
            self.counted |= self._searched(run)
            self.lines += sum(one.source + one.target for one in run)
        self.used |= {one.key for one in run}
        return [Found(*self.counted[one.key]) for one in run]

    def save(self) -> None:
        """For the next look."""
        if self.lines:
            self.context.jot({KEY: {key: self.counted[key] for key in sorted(self.used)}})

    def _searched(self, run: list[Suspect]) -> dict[str, list[int]]:
        """In several passes where a minute holds too many lines."""
        most = max(sum(one.source for one in run), sum(one.target for one in run))
        passes = -(-most // MOST) or 1
        found = {one.minute: Found() for one in run}
        for part in range(passes):
            self.context.ours()
            for minute, more in self._pass(run, (part, passes)).items():
                found[minute] = found[minute].plus(more)
        return {one.key: list(found[one.minute]) for one in run}

    def _pass(self, run: list[Suspect], part: tuple[int, int]) -> dict[int, Found]:
        """Only the lines whose mark falls into this part."""
        length = self.context.waits.minute
        piece = Piece(run[0].minute, run[-1].minute + length)
        hosts = {one.minute: frozenset(one.hosts) for one in run}
        expected = (sum(one.source for one in run), sum(one.target for one in run))
        held = [
            self._held(side.lines(self.context, piece, lines), hosts, part)
            for side, lines in zip(sides(self.context), expected, strict=True)
        ]
        return {
            minute: twice.compared(held[0][minute], held[1][minute], self.restarted)
            for minute in hosts
        }

    def _held(
        self, groups: Iterator[Lines], hosts: Mapping[int, frozenset[str]], part: tuple[int, int]
    ) -> dict[int, twice.Held]:
        """Of one side, by minute."""
        held = {minute: twice.Held() for minute in hosts}
        names, length = addresses(self.context), self.context.waits.minute
        for group in groups:
            host, marks = names[group.source], dict[int, list[int]]()
            for line in group.lines:
                if host in hosts.get(minute := line.time // length * length, ()):
                    mark = of_line(line.time, line.nanos, line.fields)
                    if mark % part[1] == part[0]:
                        marks.setdefault(minute, []).append(mark)
            for minute, some in marks.items():
                held[minute].take(host, some)
        return held
