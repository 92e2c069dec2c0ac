"""Both sides netted: what is equal leaves no trace, in whatever order it came."""

from __future__ import annotations

import json
import random
from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from workflows.proof.cells import MODULUS, Cell
from workflows.proof.netting import MOST, SEVERAL, Netting, Pair, of_source, of_target

MARKS = st.integers(0, MODULUS - 1)
ROWS = st.lists(st.tuples(st.integers(0, 4).map(lambda n: 60 * n), st.sampled_from("abc"), MARKS))


def taken(rows: list[tuple[int, str, Pair]], ends: list[int] | None = None) -> Netting:
    """Settled now and then; kept as JSON in between."""
    net = Netting(0, 60, 0)
    for n, (minute, host, pair) in enumerate(rows):
        net.take(minute, host, pair, n)
        if ends and n < len(ends):
            net.settle(ends[n])
            net = Netting.of(json.loads(json.dumps(asdict(net))))
    net.settle(600)
    return net


def both(rows: list[tuple[int, str, int]]) -> list[tuple[int, str, Pair]]:
    pairs = [(minute, host, of_source(Cell(1, mark, 7))) for minute, host, mark in rows]
    return pairs + [(minute, host, of_target(Cell(1, mark, 7))) for minute, host, mark in rows]


@given(ROWS, st.randoms(), st.lists(st.integers(0, 5).map(lambda n: 60 * n), max_size=9))
def test_what_both_sides_have_leaves_only_totals(
    rows: list[tuple[int, str, int]], order: random.Random, ends: list[int]
) -> None:
    pairs = both(rows)
    order.shuffle(pairs)
    net = taken(pairs, ends)

    assert (net.left, net.touched, net.open) == ({}, {}, {})
    assert sum(source for source, _ in net.minutes.values()) == len(rows)
    assert sum(target for _, target, _ in net.hosts.values()) == len(rows)
    assert net.size == 7 * len(rows)


@given(ROWS, st.randoms(), st.data())
def test_one_line_that_one_side_lacks_is_left(
    rows: list[tuple[int, str, int]], order: random.Random, data: st.DataObject
) -> None:
    rows = [*rows, (60, "a", 5)]
    pairs = both(rows)
    minute, host, pair = pairs.pop(data.draw(st.integers(0, len(pairs) - 1)))
    order.shuffle(pairs)
    net = taken(pairs)

    assert net.left == {minute: {host: Pair(pair.target, pair.source, -pair.sum % MODULUS)}} or (
        net.left[minute][host].source != net.left[minute][host].target
    )


def test_lines_for_a_settled_minute_are_late_and_still_netted() -> None:
    net = Netting(0, 60, 0)
    net.take(0, "a", of_source(Cell(2, 5)), 1)
    net.settle(60)
    net.take(0, "a", of_target(Cell(2, 5)), 99)

    assert (net.late, net.left, net.minutes) == (2, {}, {0: (2, 2)})


def test_too_many_differences_are_kept_together_and_still_cancel_out() -> None:
    net = Netting(0, 60, 60)
    hosts = [f"h{n}" for n in range(MOST + 5)]
    for host in hosts:
        net.take(0, host, of_source(Cell(1, 9)), 1)

    assert list(net.left[0]) == [SEVERAL]
    for host in hosts:
        net.take(0, host, of_target(Cell(1, 9)), 2)
    assert net.left == {}


def test_kept_together_a_line_of_one_host_does_not_make_up_for_that_of_another() -> None:
    net = Netting(0, 60, 60)
    for n in range(MOST + 5):
        net.take(0, f"h{n}", of_source(Cell(1, 9)), 1)
    for n in range(1, MOST + 6):
        net.take(0, f"h{n}", of_target(Cell(1, 9)), 2)

    assert net.left[0][SEVERAL].source == net.left[0][SEVERAL].target
    assert net.left[0][SEVERAL].sum
