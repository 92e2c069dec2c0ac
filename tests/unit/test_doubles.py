"""Lines that are in the target more than once: found where there can be any, and counted exactly."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.pull_kit import HOSTS, SETTLE, START, World, line, parcel
from workflows.errors import NotYet
from workflows.ports import Lines
from workflows.proof.comparison import Comparison
from workflows.steps import doubles
from workflows.steps.doubles import searched
from workflows.steps.files import HostFiles, Looked

END = START + 600
NOBODY = Looked(END)
LINES = parcel("h1", *(line(START + n, f"{n}") for n in range(30)))


def looked(**started: int) -> Looked:
    """Hosts with the start of their agent; the clocks of hosts are ten seconds ahead."""
    seen = {name: HostFiles(END + 10, (), started=at + 10) for name, at in started.items()}
    return Looked(END, seen)


def again(lines: Lines, later: int = 100) -> Lines:
    return replace(lines, received=lines.received + later)


def counted(world: World, seen: Looked = NOBODY) -> tuple[int, int, int]:
    found = world.look(END + SETTLE)
    done = searched(world.context(), found, seen, world.state)
    return done.doubled, done.restarts, done.repeated


def test_lines_that_are_there_once_are_not_doubled() -> None:
    world = World()
    world.both(LINES)

    assert counted(world, looked(h1=START - 5000)) == (0, 0, 0)


def test_lines_that_the_target_has_more_often_are_doubled() -> None:
    world = World()
    world.both(LINES)
    world.target.add(again(replace(LINES, lines=LINES.lines[:3]), 1))

    assert counted(world) == (3, 0, 0)


def test_lines_that_the_source_has_more_often_are_repeated() -> None:
    world = World()
    world.both(LINES)
    world.source.add(again(replace(LINES, lines=LINES.lines[:3]), 1))

    assert counted(world) == (0, 0, 3)


def test_what_an_agent_that_began_anew_read_again_is_a_double_though_both_sides_are_equal() -> None:
    world = World()
    world.both(LINES, again(replace(LINES, lines=LINES.lines[10:])))

    assert counted(world, looked(h1=START + 90)) == (20, 20, 20)


def test_what_was_written_twice_is_no_double_of_an_agent_that_began_anew() -> None:
    world, twins = World(), parcel("h1", line(START, "a"), line(START, "a"), line(START, "b"))
    world.both(twins, again(twins))

    assert counted(world, looked(h1=START + 90)) == (3, 3, 3)


def test_equal_lines_of_an_agent_that_never_began_anew_were_written_so() -> None:
    world = World()
    world.both(LINES, again(LINES))

    assert counted(world, looked(h1=START - 5000)) == (0, 0, 0)


def test_where_nobody_could_look_lines_that_came_late_tell_that_an_agent_began_anew() -> None:
    world = World()
    world.both(LINES, again(LINES))

    assert counted(world) == (30, 30, 30)


def test_a_minute_of_too_many_lines_is_searched_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doubles, "MOST", 7)
    world = World()
    world.both(LINES, again(LINES))

    assert counted(world, looked(h1=START + 90)) == (30, 30, 30)


def test_a_search_in_shares_is_gone_on_with_and_not_done_twice() -> None:
    world, kept = World(rate=0.1), dict[str, object]()
    for n in range(6):
        lines = parcel("h1", *(line(START + 240 * n + i, f"{i}") for i in range(30)))
        world.both(lines, again(lines))
    found = world.look(START + 1800)
    context = world.context()
    looks = 0

    def search() -> Comparison | None:
        known = {**context.known, "proof": kept}
        here = replace(
            context, known=known, jot=lambda facts: kept.update(json.loads(json.dumps(facts)))
        )
        try:
            return searched(here, found, looked(h1=START + 200), world.state)
        except NotYet:
            return None

    while (done := search()) is None:
        looks += 1
    scans = world.target.pages

    assert looks > 0
    assert (done.doubled, done.restarts) == (180, 180)
    assert search() == done
    assert world.target.pages == scans


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(HOSTS)),
            st.integers(0, 100),
            st.integers(0, 2),  # more in the source
            st.integers(0, 2),  # more in the target
        ),
        max_size=12,
        unique_by=lambda row: row[:2],
    )
)
@settings(deadline=None, max_examples=60)
def test_the_numbers_are_exact(rows: list[tuple[str, int, int, int]]) -> None:
    world = World()
    more = Counter[str]()
    for host, second, source, target in rows:
        one = parcel(host, line(START + second, f"{second}"))
        world.both(one)
        world.source.add(*[again(one, 3)] * source)
        world.target.add(*[again(one, 4)] * target)
        more["doubled"] += max(0, target - source)
        more["repeated"] += max(0, source - target)
    quiet = looked(**dict.fromkeys(HOSTS, START - 5000))

    doubled, restarts, repeated = counted(world, quiet)
    assert restarts == 0
    assert (doubled, repeated) == (more["doubled"], more["repeated"])
