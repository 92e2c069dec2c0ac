"""Simulated logstores behind the product's port: what was received when, page by page."""

from __future__ import annotations

import random

from sandbox.simulate.clock import VirtualClock
from sandbox.simulate.port import Port
from tests.faults.lines import BEGIN, Batch, shipped, spread, written
from workflows.ports import Scanned
from workflows.proof.cells import Cell, Place, by_host, merged

END = BEGIN + 3600


def some(seed: int) -> list[list[Batch]]:
    rng = random.Random(seed)
    return spread(rng, shipped(rng, written(rng, 300).files))


def port(shards: list[list[Batch]], page: int = 1000, at: float = END) -> Port:
    return Port(lambda _logstore: shards, page=page, clock=VirtualClock(at))


def cells(pages: list[Scanned]) -> dict[Place, Cell]:
    return merged(*(page.cells for page in pages))


def every(port: Port, *, exact: bool = False) -> list[Scanned]:
    return list(port.scan("app-b", BEGIN - 3600, END, exact=exact))


def test_every_line_is_in_one_page_whatever_the_size_of_a_page() -> None:
    shards = some(1)
    lines = sum(len(batch.rows) for shard in shards for batch in shard)
    one, small = every(port(shards)), every(port(shards, page=3))

    assert len(small) > len(one)
    assert cells(one) == cells(small)
    assert sum(cell.lines for cell in cells(one).values()) == lines


def test_a_cursor_goes_on_behind_its_page() -> None:
    shards = some(2)
    every_page = every(port(shards, page=5))
    first, rest = every_page[0], every_page[1:]
    again = list(port(shards, page=5).scan("app-b", 0, END, after={first.shard: first.after}))

    assert cells(again) == cells(rest)


def test_what_is_received_later_than_now_is_not_there_yet() -> None:
    shards = some(3)
    now = sorted(batch.received for shard in shards for batch in shard)[4]
    found = every(port(shards, at=now))
    pulled = list(port(shards, at=now).pull("app-b", 0, END))

    assert max(page.received for page in found) < now
    assert sum(len(lines.lines) for lines in pulled) == sum(
        cell.lines for cell in cells(found).values()
    )


def test_two_orders_of_fields_have_the_same_exact_sums_and_others_on_the_wire() -> None:
    rng = random.Random(4)
    batches = shipped(rng, written(rng, 50).files)
    turned = [
        Batch(
            b.address, b.path, b.received, tuple(r._replace(fields=r.fields[::-1]) for r in b.rows)
        )
        for b in batches
    ]
    here, there = port([batches]), port([turned])

    assert cells(every(here, exact=True)) == cells(every(there, exact=True))
    assert by_host(cells(every(here))) != by_host(cells(every(there)))


def test_lines_are_counted_by_their_own_time() -> None:
    shards = some(5)
    whole = [row for shard in shards for batch in shard for row in batch.rows]

    assert port(shards).count("app-b", BEGIN, BEGIN + 60) == sum(
        BEGIN <= row.time < BEGIN + 60 for row in whole
    )
