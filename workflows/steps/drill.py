"""Where the sides differ, the lines that do: a few of them, with secrets masked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from workflows.ports import Line, Lines
from workflows.proof.comparison import Comparison, Minute
from workflows.proof.marks import of_line
from workflows.proof.residual import Told, told
from workflows.step import Context
from workflows.steps.around import PATH, Side, addresses, sides
from workflows.steps.gap import Piece
from workflows.steps.kept import noted

KEY = "drill"
PLACES = 3  # minutes that are looked into
SAMPLES = 5
LEFT = 100  # lines of a minute that are set against each other
MOST = 500_000  # lines whose marks are held at once


def drilled(context: Context, found: Comparison) -> tuple[str, ...]:
    """Sentences on the first lines that differ: lost, doubled, altered or misdated.

    Those that a comparison by content has found stay: it minds no times.
    """
    if found.samples:
        return found.samples
    minutes, differ = _minutes(found), [str(one) for one in found.differing]
    key = sha256(repr((minutes, differ)).encode()).hexdigest()
    if (before := noted(context, KEY)).get("of") == key:
        return tuple(before["samples"])
    samples = tuple(islice(_told_of(context, found, minutes), SAMPLES))
    context.jot({KEY: {"of": key, "samples": list(samples)}})
    return samples


def _minutes(found: Comparison) -> tuple[Minute, ...]:
    """The first that differ."""
    differ = {one.minute for one in found.differing}
    wrong = (one for one in found.minutes if not one.equal or one.start in differ)
    return tuple(islice(wrong, PLACES))


def _told_of(context: Context, found: Comparison, minutes: tuple[Minute, ...]) -> Iterator[str]:
    """All of them together: a misdated line may be in another minute."""
    source, target, there = list[Told](), list[Told](), set[Told]()
    for one in minutes:
        context.say("looking for the lines that differ")
        hosts = frozenset(row.host for row in found.differing if row.minute == one.start)
        expected = {"source": one.source, "target": one.target}
        more, also, double = Drill(context, one.start, expected, hosts).left()
        source, target, there = source + more, target + also, there | double
    return told(source, target, frozenset(there))


@dataclass(frozen=True)
class Drill:
    """One minute; `expected` lines by side, `hosts` that differ (none that is the app's: all)."""

    context: Context
    minute: int
    expected: dict[str, int]
    hosts: frozenset[str]

    def left(self) -> tuple[list[Told], list[Told], set[Told]]:
        """What the source has more often, and the target; of these, what the source has too."""
        passes = -(-max(self.expected.values()) // MOST) or 1
        for part in range(passes):
            net = self._net(part, passes)
            if net:
                return self._lines(dict(sorted(net.items())[:LEFT]))
        return [], [], set()

    def _net(self, part: int, passes: int) -> Counter[tuple[str, int]]:
        """Source minus target, by host and mark; only marks of this part."""
        net = Counter[tuple[str, int]]()
        for side in sides(self.context):
            step = 1 if side.name == "source" else -1
            for host, _, line in self._each(side):
                mark = of_line(line.time, line.nanos, line.fields)
                if mark % passes == part:
                    net[host, mark] += step
                    if not net[host, mark]:
                        del net[host, mark]
        return net

    def _lines(self, net: dict[tuple[str, int], int]) -> tuple[list[Told], list[Told], set[Told]]:
        found: dict[str, dict[tuple[str, int], Told]] = {"source": {}, "target": {}}
        for side in sides(self.context):
            for host, lines, line in self._each(side):
                mark = (host, of_line(line.time, line.nanos, line.fields))
                if mark in net:
                    found[side.name].setdefault(mark, _told(host, lines, line))
        source, target = list[Told](), list[Told]()
        for mark, more in net.items():
            if more > 0:
                source += [one for one in (found["source"].get(mark),) if one] * min(more, LEFT)
            else:
                target += [one for one in (found["target"].get(mark),) if one] * min(-more, LEFT)
        both = found["source"].keys() & found["target"].keys()
        return source, target, {found["target"][mark] for mark in both}

    def _each(self, side: Side) -> Iterator[tuple[str, Lines, Line]]:
        """Lines of the hosts that differ, with what they came in."""
        names = addresses(self.context)
        odd = self.hosts & {*names.values()} or {*names.values()}
        piece = Piece(self.minute, self.minute + self.context.waits.minute)
        for lines in side.lines(self.context, piece, self.expected[side.name]):
            if (host := names[lines.source]) in odd:
                yield from ((host, lines, line) for line in lines.lines)


def _told(host: str, lines: Lines, line: Line) -> Told:
    return Told(host, dict(lines.tags).get(PATH, ""), line.time, line.nanos or 0, line.fields)
