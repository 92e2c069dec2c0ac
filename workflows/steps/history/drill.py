"""The lines behind a difference: which of them lack in the target, and which are there too often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from workflows.model import quoted
from workflows.ports import Line, Lines
from workflows.proof.masked import field
from workflows.step import Context
from workflows.steps.behind import AHEAD, clock, pulled, until
from workflows.steps.gap import marks
from workflows.steps.history.past import known
from workflows.steps.history.tail import held_since

PLACES = 3  # that are looked into
SAMPLES = 3  # lines that are told of each kind
MOST = 200_000  # lines whose marks are held
WIDTH = 160  # signs of a sample

Span = tuple[int, int, str]  # own time from, up to, and the host's address


def drilled(context: Context, places: Sequence[Span]) -> tuple[str, ...]:
    """Sentences with the first lines of either kind; () where there is no difference."""
    if not places:
        return ()
    chosen = places[:PLACES]
    seen = dict[bytes, tuple[str, Line]]()
    count = Counter[bytes]()
    for sign, lines in _both(context, min(start for start, _, _ in chosen) - AHEAD):
        for mark, line in _inside(lines, chosen):
            count[mark] += sign
            seen.setdefault(mark, (lines.source, line))
        if len(seen) > MOST:
            return ("where they differ lie too many lines to be looked at one by one",)
    names = context.asked.get("hosts", {})
    lacking = (seen[mark] for mark, n in count.items() if n > 0)
    more = (seen[mark] for mark, n in count.items() if n < 0)
    return (
        *_told("lacks in the target", lacking, names),
        *_told("is there too often", more, names),
    )


def _both(context: Context, earliest: int) -> Iterator[tuple[int, Lines]]:
    """Of either side what may hold lines of the places: none was received before `earliest`."""
    start, end, app = known(context).start, until(context), context.app
    for lines in pulled(context.source, app.source.logstore, [(max(start, earliest), end)]):
        yield 1, lines
    held = max(held_since(context), earliest)
    for lines in pulled(context.target, app.target.logstore, [(held, end)]):
        yield -1, lines


def _inside(lines: Lines, places: Sequence[Span]) -> Iterator[tuple[bytes, Line]]:
    mine = [(start, end) for start, end, host in places if host == lines.source]
    if not mine:
        return
    for mark, line in marks(lines):
        if any(start <= line.time < end for start, end in mine):
            yield mark, line


def _told(what: str, lines: Iterator[tuple[str, Line]], names: Mapping[str, str]) -> list[str]:
    return [
        f"{quoted(names.get(host, host))} {clock(line.time)} {what}: {_shown(line)}"
        for host, line in islice(lines, SAMPLES)
    ]


def _shown(line: Line) -> str:
    said = " ".join(field(name, value) for name, value in line.fields)
    return quoted(" ".join(said.split()))[:WIDTH]
