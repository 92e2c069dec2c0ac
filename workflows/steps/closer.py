"""A closer look at one minute: whatever both sides hold of it, with the fields in one order, by file."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.ports import Sls
from workflows.proof.cells import Cell, Place, by_host, merged
from workflows.step import Context
from workflows.steps.around import addresses, spans
from workflows.steps.gap import Piece


@dataclass(frozen=True)
class Row:
    """A place in which the sides differ; `host` is the agent's address."""

    host: str
    file: str
    source: int
    target: int


@dataclass(frozen=True)
class Near:
    """What differs, by host, and by file within these; the minute's lines, and those read for them."""

    hosts: tuple[Row, ...]
    files: tuple[Row, ...]
    held: tuple[int, int]
    read: int


def look(context: Context, minute: int, expected: tuple[int, int]) -> Near:
    """`expected` are the lines of the minute, source and target: until so many are found."""
    app = context.app
    source, read = _held(context, context.source, app.source.logstore, minute, expected[0])
    target, more = _held(context, context.target, app.target.logstore, minute, expected[1])
    hosts = _rows(by_host(source), by_host(target))
    odd = {row.host for row in hosts}
    files = tuple(row for row in _rows(source, target) if row.host in odd)
    return Near(hosts, files, (_lines(source), _lines(target)), read + more)


def _lines(cells: dict[Place, Cell]) -> int:
    return sum(cell.lines for cell in cells.values())


def _held(
    context: Context, sls: Sls, logstore: str, minute: int, expected: int
) -> tuple[dict[Place, Cell], int]:
    """The cells of the minute, of the app's hosts, and how many lines were read for them."""
    waits, ours, read = context.waits, addresses(context), 0
    held: dict[Place, Cell] = {}
    for span in spans(context, Piece(minute, minute + waits.minute)):
        pages = sls.scan(logstore, *span, minute=waits.minute, exact=True)
        held = {}
        for page in pages:
            read += sum(cell.lines for cell in page.cells.values())
            mine = {p: c for p, c in page.cells.items() if p.minute == minute and p.host in ours}
            held = merged(held, mine)
        if _lines(held) >= expected:
            break
    return held, read


def _rows(source: dict[Place, Cell], target: dict[Place, Cell]) -> tuple[Row, ...]:
    none = Cell()
    return tuple(
        Row(place.host, place.file, source.get(place, none).lines, target.get(place, none).lines)
        for place in sorted({*source, *target})
        if not source.get(place, none).minus(target.get(place, none)).nothing
    )
