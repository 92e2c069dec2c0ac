"""The lines behind a difference: which of them lack in the target, and which are there too often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from workflows.collection.secret import hidden
from workflows.model import quoted
from workflows.ports import Line, Lines
from workflows.step import Context
from workflows.steps.behind import AHEAD, clock, pulled, until
from workflows.steps.gap import marks
from workflows.steps.history.past import known

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
    for sign, lines in _both(context):
        for mark, line in _inside(lines, chosen):
            count[mark] += sign
            seen.setdefault(mark, (lines.source, line))
        if len(seen) > MOST:
            return ("too many lines differ to be looked at one by one",)
    names = context.asked.get("hosts", {})
    lacking = (seen[mark] for mark, n in count.items() if n > 0)
    more = (seen[mark] for mark, n in count.items() if n < 0)
    return (
        *_told("lacks in the target", lacking, names),
        *_told("is there too often", more, names),
    )


def _both(context: Context) -> Iterator[tuple[int, Lines]]:
    past, end = known(context), until(context)
    app, began = context.app, int(context.asked["began"]) - AHEAD
    for lines in pulled(context.source, app.source.logstore, [(past.start, end)]):
        yield 1, lines
    for lines in pulled(context.target, app.target.logstore, [(began, end)]):
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
        f"{names.get(host, host)} {clock(line.time)} {what}: {_shown(line)}"
        for host, line in islice(lines, SAMPLES)
    ]


def _shown(line: Line) -> str:
    fields = hidden(dict(line.fields))
    return quoted(" ".join(f"{key}={value}" for key, value in fields.items()))[:WIDTH]
