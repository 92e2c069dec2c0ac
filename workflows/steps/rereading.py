"""Minutes that differ because an agent began anew and read lines again for one side only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from math import inf

from workflows.errors import NotYet
from workflows.model import Facts
from workflows.proof.comparison import Comparison, Minute
from workflows.proof.marks import of_line
from workflows.proof.reread import Mark, Sent, reread
from workflows.step import Context
from workflows.steps.around import Side, addresses, sides
from workflows.steps.behind import clock
from workflows.steps.doubles import SOON, began_anew, started
from workflows.steps.files import Looked
from workflows.steps.gap import Piece
from workflows.steps.kept import noted

MOST = 200_000  # lines of a minute, of the hosts that differ, that are held at once
MINUTES = 30  # that are looked into; more than a few restarts leave behind is another trouble
TOLD = 100  # differing places that an engine tells; from so many on there may be more
KEY = "reread"


def but_reread(
    context: Context, found: Comparison, looked: Looked, state: Facts | None = None
) -> Comparison:
    """The same with such minutes equal: no line of theirs is lost, and none came to be otherwise.

    Only hosts count whose agents began anew since, and no minute after that; what is there twice is
    counted by `searched`, which needs what was found before this. Raises NotYet after each share of
    the work, which it saves.
    """
    odd = [one for one in found.minutes if not one.equal]
    late = ((state or {}).get("pull") or {}).get("lates", {})
    restarted = {name: _until(looked, name) for name in began_anew(found, looked, late)}
    if not restarted or len(odd) > MINUTES or len(found.differing) >= TOLD:
        return found
    search = Search(context, found, restarted, noted(context, KEY))
    same = {one.start for one in odd if search.is_reread(one)}
    search.save()
    differing = tuple(one for one in found.differing if one.minute not in same)
    left = {one.host for one in differing}
    cured = {one.host for one in found.differing} - left
    return replace(
        found,
        minutes=tuple(replace(m, equal=m.equal or m.start in same) for m in found.minutes),
        hosts=tuple(replace(h, equal=h.equal or h.host in cured) for h in found.hosts),
        differing=differing,
    )


def _until(looked: Looked, host: str) -> float:
    """No line of a minute that begins later was there to be read again; by either clock."""
    began = started(looked, host) if host in looked.hosts else 0.0
    return max(began, looked.hosts[host].started) + SOON if began else inf


@dataclass
class Search:
    """`told`: what is known of a minute, by a key that is another once its lines are."""

    context: Context
    found: Comparison
    restarted: dict[str, float]
    told: Facts
    used: Facts = field(default_factory=dict)
    lines: int = 0

    def is_reread(self, minute: Minute) -> bool:
        """Whether all that differs in it was read again."""
        rows = [one for one in self.found.differing if one.minute == minute.start]
        hosts = frozenset(one.host for one in rows)
        if not hosts or any(minute.start > self.restarted.get(host, 0.0) for host in hosts):
            return False
        key = blake2b(repr((minute, rows)).encode(), digest_size=8).hexdigest()
        if key not in self.told:
            self._share(minute)
            self.told[key] = self._read(minute, hosts)
            self.lines += minute.source + minute.target
        self.used[key] = self.told[key]
        return bool(self.used[key])

    def save(self) -> None:
        """For the next look."""
        if self.lines:
            self.context.jot({KEY: self.used})

    def _share(self, minute: Minute) -> None:
        if self.lines > self.context.proving.rate * max(1.0, self.context.waits.look):
            self.context.jot({KEY: self.told})
            raise NotYet(f"lines that were read again are looked for up to {clock(minute.start)}")

    def _read(self, minute: Minute, hosts: frozenset[str]) -> bool:
        self.context.say("looking for lines that an agent read again")
        piece = Piece(minute.start, minute.start + self.context.waits.minute)
        both = []
        for side, expected in zip(sides(self.context), (minute.source, minute.target), strict=True):
            sendings = _sendings(self.context, side, piece, expected, hosts)
            some = list(islice(sendings, MOST + 1))
            if len(some) > MOST:
                return False
            both.append(Sent())
            both[-1].take(some)
        return reread(*both)


def _sendings(
    context: Context, side: Side, piece: Piece, expected: int, hosts: frozenset[str]
) -> Iterator[tuple[int, Mark]]:
    names = addresses(context)
    for lines in side.lines(context, piece, expected):
        if (host := names[lines.source]) in hosts:
            for line in lines.lines:
                yield lines.received, (host, of_line(line.time, line.nanos, line.fields))
