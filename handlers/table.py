"""The table below an approval's card: each host with its lines on either side, as CSV. Pure."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from io import StringIO
from time import gmtime, strftime

from workflows.proof.comparison import Comparison, HostCount

HEAD = ("host", "source", "target", "equal", "files", "first line in target", "newest line")
FORMULA = ("=", "+", "-", "@")

Row = tuple[object, ...]


def table(found: Comparison, idle: Collection[str], silent: Collection[str]) -> str:
    """One row for each host, the differing ones first; times are UTC.

    `idle` hosts are known to have written nothing, of `silent` ones nobody knows why they did not.
    """
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for row in _rows(found, idle, silent):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _rows(found: Comparison, idle: Collection[str], silent: Collection[str]) -> Iterator[Row]:
    yield from map(_row, sorted(found.hosts, key=lambda one: (one.equal, one.host)))
    counted = {one.host for one in found.hosts}
    without = {**dict.fromkeys(silent, "no line"), **dict.fromkeys(idle, "idle")}
    for name in sorted(without.keys() - counted):
        yield (name, 0, 0, without[name], 0, "", "")


def _row(one: HostCount) -> Row:
    equal = "yes" if one.equal else "no"
    times = (_moment(one.since), _moment(one.newest))
    return (one.host, one.source, one.target, equal, one.files, *times)


def _moment(at: int) -> str:
    return strftime("%Y-%m-%d %H:%M:%S", gmtime(at)) if at else ""


def _cell(value: object) -> str:
    """Never a formula to a spreadsheet, not even behind blanks; and on one line."""
    text = " ".join(str(value).split())
    return f"'{text}" if text.startswith(FORMULA) else text
