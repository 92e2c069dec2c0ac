"""The SLS server's journal: bounded, and never silent about what it dropped."""

from __future__ import annotations

import pytest

from sandbox.sls.journal import Entry, Journal


def entry(number: int) -> Entry:
    return Entry(float(number), "GET", f"/{number}", "", "p", "1", 200, "", "R", wrote=False)


def filled(most: int, count: int) -> Journal:
    journal = Journal(most)
    for number in range(count):
        journal.add(entry(number))
    return journal


def test_the_newest_entries_are_kept_and_the_others_counted() -> None:
    journal = filled(3, 5)

    assert (len(journal), journal.dropped) == (5, 2)
    assert [one.path for one in journal.since(2)] == ["/2", "/3", "/4"]
    assert [one.path for one in journal.since(-2)] == ["/3", "/4"]


def test_a_mark_stays_true_while_older_entries_are_dropped() -> None:
    journal = filled(3, 4)
    mark = len(journal)
    journal.add(entry(4))

    assert [one.path for one in journal.since(mark)] == ["/4"]


def test_entries_that_were_dropped_cannot_be_read_as_none() -> None:
    with pytest.raises(LookupError, match="from entry 1 on: 2 are dropped"):
        filled(3, 5).writes(1)
