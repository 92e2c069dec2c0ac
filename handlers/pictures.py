"""The picture below an approval's card: both sides' lines by minute, and what differs. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from handlers.axes import Axis, moments, named, short, steps
from handlers.canvas import Canvas
from workflows.evidence import span
from workflows.proof.comparison import Comparison, HostCount, Minute

WIDTH = 1600  # pixels; readable at half of it
LEFT, RIGHT = 230, 1530  # of the panels
TITLE, LEGEND = 60, 130  # heights of their middle
CURVES, APART = (200, 560), (700, 840)  # top and bottom of the panels
STRIP, ROW = 980, 52  # the first host, and from one to the next
NAMED = 6  # hosts in the strip
NAME = 12  # characters of a host's name, its last ones: fleets begin alike
LARGE, USUAL = 46, 34
TITLED = 63  # characters that fit at the larger size
MANY = 300  # minutes, from which on the lines are thin

INK, FAINT, GRID = "#1f2933", "#52606d", "#dfe3e8"
SOURCE, AREA, TARGET = "#1d6fd1", "#d6e6fa", "#f08c00"
EQUAL, WRONG, BAND = "#74b883", "#d6222a", "#fbdcdc"


@lru_cache(maxsize=8)
def picture(app: str, found: Comparison) -> bytes:
    """A PNG: lines per minute of both sides, their difference, and from when to when each host.

    Kept for a while, since a sender that is put off comes back for the same one.
    """
    shown = _listed(found)
    drawing = Drawing(Canvas(WIDTH, STRIP + ROW * (len(shown) + 1)), found)
    drawing.head(app)
    drawing.ground()
    drawing.marks()
    drawing.curves()
    drawing.difference()
    drawing.strip(shown)
    return drawing.canvas.png()


def described(app: str, found: Comparison) -> str:
    """The same in words, for who does not see it."""
    unequal = sum(not minute.equal for minute in found.minutes)
    how = f"{unequal:,} of them differ" if unequal else "the same in every one"
    return (
        f"{app}: lines per minute in source and target over {len(found.minutes):,} minutes, "
        f"{span(found)}: {how}; source {found.source:,}, target {found.target:,} lines."
    )


def _listed(found: Comparison) -> list[HostCount]:
    """Who differs comes first; the others are told in a word where they are many."""
    return sorted(found.hosts, key=lambda one: (one.equal, one.host))[:NAMED]


@dataclass(frozen=True)
class Drawing:
    """One picture on its way; each part may be drawn alone."""

    canvas: Canvas
    found: Comparison

    @cached_property
    def length(self) -> int:
        """Seconds of one minute, which operators may set."""
        count = max(len(self.found.minutes), 1)
        return max((self.found.end - self.found.start) // count, 1)

    @cached_property
    def x(self) -> Axis:
        start = self.found.start
        return Axis(start, max(self.found.end, start + self.length), LEFT, RIGHT)

    @cached_property
    def numbers(self) -> list[int]:
        """Beside the curves, from the lowest to the highest."""
        return steps(max((max(m.source, m.target) for m in self.found.minutes), default=0))

    @cached_property
    def y(self) -> Axis:
        return Axis(0, self.numbers[-1], CURVES[1], CURVES[0])

    def say(self, x: float, y: float, text: str, anchor: str = "lm", color: str = FAINT) -> None:
        self.canvas.say(x, y, text, color, USUAL, anchor)

    def head(self, app: str) -> None:
        found = self.found
        title = f"{app}: lines per minute, {span(found)}"
        self.canvas.say(40, TITLE, title, INK, LARGE * TITLED // max(len(title), TITLED), "lm")
        self.canvas.line([(40, LEGEND), (110, LEGEND)], SOURCE, 9)
        self.say(125, LEGEND, f"source {found.source:,}", color=INK)
        self.canvas.dashes([(560, LEGEND), (630, LEGEND)], TARGET, 7, 14)
        self.say(645, LEGEND, f"target {found.target:,}", color=INK)
        unequal = sum(not minute.equal for minute in found.minutes)
        count = len(found.minutes)
        told = (
            f"{unequal:,} of {count:,} minutes differ"
            if unequal
            else f"every minute of {count:,} equal"
        )
        self.say(RIGHT, LEGEND, told, "rm", WRONG if unequal else "#217a35")

    def ground(self) -> None:
        """What lies below the source's line."""
        line = [(self._middle(m), self.y.at(m.source)) for m in self.found.minutes]
        if len(line) > 1:
            self.canvas.area([*line, (line[-1][0], CURVES[1]), (line[0][0], CURVES[1])], AREA)

    def marks(self) -> None:
        """Minutes that differ, behind the lines of both panels."""
        for minute in self.found.minutes:
            if not minute.equal:
                left, right = self._edges(minute)
                for top, bottom in (CURVES, APART):
                    self.canvas.box(left, top, right, bottom, BAND)

    def _edges(self, minute: Minute) -> tuple[float, float]:
        return self.x.at(minute.start), self.x.at(minute.start + self.length)

    def curves(self) -> None:
        """The target's dashes lie on the source's line: where both agree one sees both."""
        minutes, y = self.found.minutes, self.y
        self._grid(y, [(tick, short(tick)) for tick in self.numbers])
        self._moments()
        source = [(self._middle(m), y.at(m.source)) for m in minutes]
        target = [(self._middle(m), y.at(m.target)) for m in minutes]
        width = 7 if len(source) <= MANY else 3
        self.canvas.line(source, SOURCE, width)
        self.canvas.dashes(target, TARGET, width - 2, 2 * width)
        if len(source) == 1:  # one minute alone is no line
            self.canvas.dot(*source[0], SOURCE, 14)
            self.canvas.dot(*target[0], TARGET, 8)

    def _middle(self, minute: Minute) -> float:
        return self.x.at(minute.start + self.length / 2)

    def _grid(self, y: Axis, ticks: list[tuple[float, str]]) -> None:
        for value, text in ticks:
            self.canvas.line([(LEFT, y.at(value)), (RIGHT, y.at(value))], GRID)
            self.say(LEFT - 18, y.at(value), text, "rm")

    def _moments(self) -> None:
        found = self.found
        for at in moments(found.start, found.end):
            x = self.x.at(at)
            self.canvas.line([(x, CURVES[1]), (x, CURVES[1] + 10)], FAINT)
            self.say(x, CURVES[1] + 34, named(at, found.start, found.end), "mm")

    def difference(self) -> None:
        """Target minus source; a dot where as many lines are not the same ones."""
        minutes = self.found.minutes
        most = steps(max((abs(m.target - m.source) for m in minutes), default=0))[-1]
        y = Axis(-most, most, APART[1], APART[0])
        self._grid(y, [(most, f"+{short(most)}"), (0, "0"), (-most, f"-{short(most)}")])
        told = "" if any(not m.equal for m in minutes) else ": 0 in every minute"
        self.say(40, APART[0] - 50, f"target - source{told}", color=INK)
        self.canvas.line([(LEFT, y.at(0)), (RIGHT, y.at(0))], EQUAL, 4)
        for minute in minutes:
            if not minute.equal:
                self._bar(minute, y)

    def _bar(self, minute: Minute, y: Axis) -> None:
        left, right = self._edges(minute)
        apart = y.at(minute.target - minute.source)
        if minute.target == minute.source:
            self.canvas.dot((left + right) / 2, y.at(0), WRONG, 10)
        else:
            self.canvas.box(left, min(apart, y.at(0)), right, max(apart, y.at(0)), WRONG)

    def strip(self, shown: list[HostCount]) -> None:
        """Each host from its first line in the target to its newest."""
        self.say(40, STRIP - 56, "hosts", color=INK)
        for row, host in enumerate(shown):
            self._host(host, STRIP + row * ROW)
        rest = sorted(self.found.hosts, key=lambda one: (one.equal, one.host))[NAMED:]
        bad = sum(not host.equal for host in rest)
        how = f"{bad:,} of them differ" if bad else "all equal"
        if rest:
            self.say(LEFT, STRIP + len(shown) * ROW + 8, f"and {len(rest):,} more, {how}")

    def _host(self, host: HostCount, middle: float) -> None:
        name = host.host if len(host.host) <= NAME else f"..{host.host[2 - NAME :]}"
        self.say(LEFT - 18, middle, name, "rm", INK if host.equal else WRONG)
        left = self.x.at(host.since) if host.since else LEFT
        right = self.x.at(host.newest + 1) if host.newest else left
        self.canvas.box(LEFT, middle - 2, RIGHT, middle + 2, GRID)
        if host.source or host.target:
            self.canvas.box(left, middle - 15, right, middle + 15, EQUAL if host.equal else BAND)
        for place in self.found.differing:
            if place.host == host.host:
                ends = self.x.at(place.minute), self.x.at(place.minute + self.length)
                self.canvas.box(ends[0], middle - 15, ends[1], middle + 15, WRONG)
