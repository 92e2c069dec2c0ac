"""Both sides pulled and compared: what is settled, what came late, what is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.unit.pull_kit import FILE, MADE, SETTLE, START, Shards, World, line, parcel
from workflows.ports import Lines, Scanned
from workflows.proof.comparison import Comparison, Differing, Minute

WHOLE = parcel("h1", *(line(START + n, f"{n}") for n in range(10)))


def test_the_same_lines_are_equal_and_counted_by_minute_and_host() -> None:
    world = World()
    world.both(WHOLE, parcel("h2", line(START + 61)))

    found = world.look(START + 120 + SETTLE)

    assert found.minutes == (Minute(START, 10, 10, True), Minute(START + 60, 1, 1, True))  # noqa: FBT003
    assert [(one.host, one.source, one.target, one.equal) for one in found.hosts] == [
        ("h1", 10, 10, True),
        ("h2", 1, 1, True),
        ("h3", 0, 0, True),
    ]
    assert (found.engine, found.start, found.end) == ("pull", START, START + 120)
    assert (found.differing, found.open, found.size > 0) == ((), "", True)


def test_a_minute_that_is_not_settled_is_not_compared_yet() -> None:
    world = World()
    world.both(WHOLE)

    assert world.look(START + 60 + SETTLE - 1).minutes == ()
    assert world.look(START + 60 + SETTLE).minutes == (Minute(START, 10, 10, True),)  # noqa: FBT003


def test_one_line_less_is_different_and_named_by_host_and_file() -> None:
    world = World()
    world.source.add(WHOLE)
    world.target.add(replace(WHOLE, lines=WHOLE.lines[1:]))

    found = world.look()

    assert found.minutes == (Minute(START, 10, 9, False),)  # noqa: FBT003
    assert found.differing == (Differing(START, "h1", FILE, 10, 9),)
    assert [one.host for one in found.hosts if not one.equal] == ["h1"]


def test_one_letter_changed_is_different_with_equal_counts() -> None:
    world = World()
    world.source.add(WHOLE)
    world.target.add(replace(WHOLE, lines=(*WHOLE.lines[1:], line(START, "0!"))))

    assert world.look().differing == (Differing(START, "h1", FILE, 10, 10),)


def test_fields_in_another_order_are_no_difference_and_are_minded_from_then_on() -> None:
    world = World()
    for n in range(3):
        at = START + 60 * n
        world.source.add(parcel("h1", line(at, a="1", b="2")))
        world.target.add(parcel("h1", line(at, b="2", a="1")))
        assert all(one.equal for one in world.look(at + 60 + SETTLE).minutes)

    assert world.state["pull"]["exact"]
    assert world.state["pull"]["net"]["left"] == {}


class Busy(Shards):
    """A line comes while somebody looks closer."""

    coming: Lines | None = None

    def scan(self, *args: Any, **more: Any) -> Iterator[Scanned]:
        if more["exact"] and self.coming:
            coming, self.coming = self.coming, None
            self.add(coming)
        yield from super().scan(*args, **more)


def test_what_comes_while_somebody_looks_closer_is_not_taken_for_what_was_read() -> None:
    world = World(target=(target := Busy(size=1, page=9)))
    world.source.add(WHOLE)
    target.add(replace(WHOLE, lines=WHOLE.lines[1:]))
    target.coming = replace(WHOLE, lines=WHOLE.lines[:1], received=START + 60 + SETTLE)

    assert world.look().open.endswith("came late just now")
    found = world.look(START + 61 + SETTLE)
    assert (found.minutes, found.differing) == ((Minute(START, 10, 10, True),), ())  # noqa: FBT003
    assert world.look(START + 300).minutes[0].equal


def test_a_line_that_comes_late_to_one_side_is_open_and_then_different() -> None:
    world = World()
    world.both(WHOLE)
    world.look()
    world.source.add(parcel("h1", line(START, "late"), received=START + 100))

    first = world.look(START + 101)

    assert (first.late, first.minutes) == (1, ())
    assert first.open.endswith("came late just now")
    second = world.look(START + 101 + SETTLE)
    assert second.minutes[0] == Minute(START, 11, 10, False)  # noqa: FBT003
    assert second.differing == (Differing(START, "h1", FILE, 11, 10),)


def test_a_line_that_comes_late_to_both_sides_is_late_once_and_equal() -> None:
    world = World()
    world.both(WHOLE)
    world.look()
    world.both(parcel("h1", line(START, "late"), received=START + 100))

    assert (found := world.look(START + 101)).late == 1 * 2
    assert found.minutes == (Minute(START, 11, 11, True),)  # noqa: FBT003
    assert world.look(START + 102).late == 0


def test_what_was_different_is_equal_once_the_other_side_has_it_too() -> None:
    world = World()
    world.source.add(WHOLE)
    assert world.look().differing
    world.target.add(replace(WHOLE, received=START + 300))

    found = world.look(START + 301)

    assert (found.differing, found.minutes[0].equal) == ((), True)
    assert all(host.equal for host in found.hosts)


def test_other_hosts_and_those_left_out_are_strange_and_in_no_other_figure() -> None:
    world = World(without=frozenset({"h2"}))
    world.both(WHOLE)
    world.source.add(parcel("10.9.9.9", line(START)), parcel("h2", line(START)))

    found = world.look()

    assert (found.strange, found.source, found.target) == (2, 10, 10)
    assert [host.host for host in found.hosts] == ["h1", "h3"]


def test_lines_from_before_the_file_came_to_the_target_are_overlap_to_the_second() -> None:
    world, old = World(), MADE - 50
    tail = [
        line(old, "old"),
        line(MADE + 4, "before"),
        line(MADE + 5, "then"),
        line(MADE + 6, "on"),
    ]
    world.target.add(parcel("h1", *tail, received=MADE + 6), parcel("h1", line(MADE + 5, "again")))
    world.target.add(parcel("h1", line(MADE + 5), received=MADE + 5, file="/b"), shard=1)
    world.both(WHOLE)

    found = world.look()

    assert found.overlap == 3 + 1  # "old", "before", "then", and "again" of the same second
    assert found.minutes == (Minute(START, 10, 10, True),)  # noqa: FBT003
    assert {host.host: (host.files, host.since) for host in found.hosts}["h1"] == (2, MADE + 5)


def test_a_file_that_wakes_up_later_brings_its_tail_as_overlap() -> None:
    world = World()
    world.both(WHOLE, parcel("h1", line(START + 70), file="/idle"))
    world.target.add(parcel("h1", line(START - 4000), received=START + 72, file="/idle"))

    assert world.look(START + 120 + SETTLE).overlap == 1


def test_a_config_made_long_ago_has_no_overlap_to_tell() -> None:
    world = World(target=Shards(made=START - 90_000))
    world.target.add(parcel("h1", line(START - 80_000)))
    world.both(WHOLE)

    assert world.look().overlap == 0


def test_a_shard_that_came_since_is_read_from_its_beginning() -> None:
    world = World()
    world.both(WHOLE)
    world.look()
    for side in (world.source, world.target):
        side.shards.append([])
        side.add(parcel("h1", line(START + 70)), shard=2)

    found = world.look(START + 120 + SETTLE)

    assert (found.source, found.target, found.differing) == (11, 11, ())


def read_in_shares(rate: float) -> tuple[Comparison, int]:
    world = World(rate=rate)
    for n in range(20):
        world.both(parcel("h1", *(line(START + 10 * n, f"{n} {i}") for i in range(5))))
    return world.look(START + 180 + SETTLE), world.source.scans


def test_work_is_done_in_shares_and_comes_to_the_same() -> None:
    (whole, once), (shares, often) = read_in_shares(1e9), read_in_shares(0.1)

    assert whole == shares
    assert often > once


def test_a_day_that_nobody_looked_is_caught_up_with_slice_by_slice() -> None:
    world = World()
    for n in range(200):
        world.both(parcel("h1", line(START + 400 * n, f"{n}")))

    found = world.look(START + 80_000 + SETTLE)

    assert (found.source, found.target, found.differing) == (200, 200, ())
    assert len(found.minutes) == 80_000 // 60
