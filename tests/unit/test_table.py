"""The table of an approval: each host once, its lines on either side, and nothing a spreadsheet runs."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO

import pytest

from handlers.table import HEAD, table
from tests.unit.evidence_kit import START, compared
from workflows.proof.comparison import Comparison, HostCount


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text)))


def of(*hosts: HostCount) -> Comparison:
    return replace(compared(1), hosts=hosts)


def host(name: str, source: int = 1, target: int = 1) -> HostCount:
    return HostCount(name, source, target, source == target)


def test_each_host_has_its_lines_and_its_times_in_utc() -> None:
    head, *told = rows(table(compared(3, 2), (), ()))

    assert head == list(HEAD)
    assert told == [
        ["h1", "100", "100", "yes", "2", "2023-11-14 22:14:00", "2023-11-14 22:16:59"],
        ["h2", "100", "100", "yes", "2", "2023-11-14 22:14:00", "2023-11-14 22:16:59"],
    ]
    assert START % 60 == 0


def test_hosts_that_differ_come_first_and_those_without_a_line_last() -> None:
    found = of(host("h1"), host("h3", 5, 4), host("h2"))
    told = [(row[0], row[3]) for row in rows(table(found, ["h9", "h1"], ["h8", "h9"]))[1:]]

    assert told == [
        ("h3", "no"),
        ("h1", "yes"),
        ("h2", "yes"),
        ("h8", "no line"),
        ("h9", "idle"),
    ]


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@sum", "\t=1+1", " =1+1", "\r\n=1+1", "\n@x", '="a","b"']
)
def test_no_cell_begins_as_a_formula_does(name: str) -> None:
    told = rows(table(of(host(name)), [name + "i"], [name + "s"]))

    assert len(told) == 4
    assert all(cell[:1] not in {*"=+-@\t\r\n "} for row in told for cell in row if cell)
    assert told[1][0] == "'" + " ".join(name.split())


def test_a_comma_or_a_quote_in_a_name_stays_in_its_cell() -> None:
    assert rows(table(of(host('a,"b"')), (), ()))[1][:3] == ['a,"b"', "1", "1"]
