"""The source has ended and the target begun: every host is heard, and the gap between is measured.

Per host and file: from the last line in the source to the first in the target, by the lines' own
time. What was lost is told from that and from how much came before, so it is an estimate; it is held
against the bound that people agreed to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from workflows.errors import NotYet, Red
from workflows.model import Evidence, Facts, HostResult, quoted
from workflows.ports import Sls
from workflows.step import Context
from workflows.steps import alone, outlook
from workflows.steps.alone import still_heard
from workflows.steps.behind import slack
from workflows.steps.fallen import Sights
from workflows.steps.hearing import Heard, by_address
from workflows.steps.stop_first import ANEW, told

BACK = 30  # seconds before the source was detached in which its rate is measured
LONGEST = 3600  # seconds after the source's last line in which a file's first is looked for
SHOWN = 3  # hosts in a sentence

File = tuple[str, str]  # host, path


@dataclass
class Stretch:
    """Lines of one file by the second of their own time, which come in the order of the shards."""

    seconds: dict[int, int] = field(default_factory=dict)
    size: int = 0

    def add(self, second: int, lines: int, size: int) -> None:
        self.seconds[second] = self.seconds.get(second, 0) + lines
        self.size += size

    @property
    def first(self) -> int:
        return min(self.seconds)

    @property
    def last(self) -> int:
        return max(self.seconds)

    @property
    def lines(self) -> int:
        return sum(self.seconds.values())

    @property
    def rate(self) -> float:
        """Lines a second of late; the last second may have been cut short."""
        start = max(self.first, self.last - BACK)
        if start == self.last:
            return float(self.lines)
        late = sum(lines for at, lines in self.seconds.items() if start <= at < self.last)
        return late / (self.last - start)


@dataclass(frozen=True)
class Measured:
    """What lies between two stretches of a file."""

    gap: int = 0  # seconds
    lost: int = 0  # lines, and
    bytes: int = 0
    again: int = 0  # lines


@dataclass(frozen=True)
class Total:
    """Of all files, and the one with the longest gap."""

    files: Mapping[File, Measured] = field(default_factory=dict)

    @property
    def worst(self) -> tuple[File, Measured] | None:
        return max(self.files.items(), key=lambda one: (one[1].lost, one[1].gap), default=None)

    def sum(self, what: str) -> int:
        return sum(getattr(one, what) for one in self.files.values())


def begin(context: Context) -> Facts:
    """`before`: since when every agent holds the target's configs."""
    return {"at": context.clock.now()}


def measured(context: Context, before: Facts) -> Evidence:
    """The target receives from every host that writes, and no more was lost than was agreed to."""
    if not context.since:  # not begun: a plan asks too
        raise NotYet("the gap is measured once the target collects")
    heard, sights = still_heard(context, before)
    _known_of_all(context, heard, sights)
    if context.clock.now() < before["at"] + context.waits.settle:
        raise NotYet(f"the lines of {context.waits.settle:g} s more are awaited")
    lines = f"{heard.lines:,} lines of {len(heard.voices)} hosts in the target"
    if slack(context):
        unknown = "lines have no time of their own, so the gap cannot be measured"
        return Evidence(f"{lines}; {unknown}", _rows(context, heard, Total()))
    return _judged(context, heard, _measure(context), lines)


def _known_of_all(context: Context, heard: Heard, sights: Sights) -> None:
    """Of each host that was not heard a look tells that it wrote nothing, or that nobody can tell."""
    silent = [one.name for one in context.roster if one.name not in heard.voices]
    open_ = [name for name in silent if name not in sights or sights[name].wrote]
    if open_:
        more = f" and {len(open_) - SHOWN} more" if len(open_) > SHOWN else ""
        raise NotYet(f"waiting for the first lines of {', '.join(open_[:SHOWN])}{more}")


def _judged(context: Context, heard: Heard, total: Total, lines: str) -> Evidence:
    """Raises Red where more was lost than people agreed to."""
    accepted = context.known.get("lose?", {}).get("accepted", {"lost": 0, "again": 0, "line": 0})
    text = f"{lines}; {_told(total)}, and agreed was: {told(accepted)}"
    rows = _rows(context, heard, total)
    if total.sum("bytes") > accepted["lost"]:
        raise Red(text, ANEW, tuple(row for row in rows if not row.ok))
    facts = {"lost": total.sum("lost"), "bytes": total.sum("bytes"), "again": total.sum("again")}
    return Evidence(text, rows, facts)


def _told(total: Total) -> str:
    if total.worst is None:
        return "no file has lines on both sides, so there is no gap to measure"
    (host, path), one = total.worst
    file = f" ({quoted(path)} on {host})" if path else f" ({host})"
    return (
        f"at most {max(0, one.gap)} s between the source's last line and the target's first{file}, "
        f"about {total.sum('lost'):,} lines ({outlook.size(total.sum('bytes'))}) lost and "
        f"{total.sum('again'):,} in both accounts"
    )


def _rows(context: Context, heard: Heard, total: Total) -> tuple[HostResult, ...]:
    rows = []
    for host in context.roster:
        own = [one for (name, _), one in total.files.items() if name == host.name]
        lost, again = sum(one.lost for one in own), sum(one.again for one in own)
        gap = max((one.gap for one in own), default=0)
        lines = heard.voices[host.name].lines if host.name in heard.voices else 0
        said = (
            f"{lines:,} lines, gap {max(0, gap)} s, about {lost:,} lost, {again:,} in both accounts"
        )
        rows.append(HostResult(host.name, ok=not lost, said=said))
    return tuple(rows)


def _measure(context: Context) -> Total:
    """By the second; a file that only one side has lines of tells nothing."""
    now, since = int(context.clock.now()), int(context.known["unbind"]["at"])
    names, app = by_address(context), context.app
    source, target = defaultdict[File, Stretch](Stretch), defaultdict[File, Stretch](Stretch)
    for file, *cell in _cells(context.source, app.source.logstore, since - BACK, now, names):
        source[file].add(*cell)
    for file, *cell in _cells(context.target, app.target.logstore, since, now, names):
        if file in source and cell[0] <= source[file].last + LONGEST:
            target[file].add(*cell)
    return Total({file: between(source[file], target[file]) for file in target})


def _cells(
    sls: Sls, logstore: str, start: int, end: int, names: Mapping[str, str]
) -> Iterator[tuple[File, int, int, int]]:
    """File, second, lines and bytes of the app's hosts, as they were received."""
    for page in sls.scan(logstore, start, end, minute=1):
        for place, cell in sorted(page.cells.items()):
            if name := names.get(place.host):
                yield (name, place.file), place.minute, cell.lines, cell.size


def between(source: Stretch, target: Stretch) -> Measured:
    """Lost is what would have come from the one's last second to the other's first, less what did."""
    last, first = source.last, target.first
    gap = first - last
    if gap < 0:
        again = sum(lines for second, lines in target.seconds.items() if second < last)
        return Measured(gap, again=again)
    came = source.seconds[last] + target.seconds[first]
    lost = max(0, round(source.rate * (gap + 1)) - came)
    return Measured(gap, lost, lost * source.size // max(1, source.lines))


def begin_alone(context: Context) -> Facts:
    """`before` of the watch: who was heard since the source was detached."""
    proof, now = context.known.get("proof", {}), context.clock.now()
    heard = proof.get("heard") or Heard(int(context.known.get("unbind", {}).get("at", now))).facts
    return {"at": now, "heard": heard, "sights": proof.get("sights", {})}


def would(context: Context, before: Facts) -> str:
    return "wait for every host's lines in the target, measure the gap before them"


nothing = alone.nothing
