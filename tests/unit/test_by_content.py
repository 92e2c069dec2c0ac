"""Lines without a time of their own: matched by what they say, wherever they fall."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.pull_kit import HOSTS, MADE, SETTLE, START, Shards, World, line, parcel
from workflows.ports import Lines
from workflows.proof.comparison import Comparison
from workflows.steps import by_content

SOON = START + 40  # behind the edge
LONG = START + 1200


def world(source: Shards | None = None, target: Shards | None = None) -> World:
    """The target has had lines of every host's file before."""
    here = World(source or Shards(), target or Shards(), engine=by_content)
    here.target.add(*(read(MADE + 1, "before", host=host) for host in HOSTS))
    return here


def read(at: int, *texts: str, host: str = "h1") -> Lines:
    """Lines whose time is that of their reading."""
    return parcel(host, *(line(at, text) for text in texts), received=at + 1)


def test_the_same_words_are_equal_though_their_times_fall_into_other_minutes() -> None:
    here = world()
    here.source.add(read(START + 59, "a", "b"))
    here.target.add(read(START + 61, "b", "a"))

    found = here.look(START + 300)

    assert (found.source, found.target, found.differing) == (2, 2, ())
    assert found.minutes[0].source == 2
    assert all(one.equal for one in found.minutes)
    assert all(one.equal for one in found.hosts)


def test_a_line_that_finds_no_match_in_time_is_different_and_shown() -> None:
    here = world()
    here.both(read(SOON, "a"))
    here.source.add(read(SOON + 1, "password=x1y2"))

    found = here.look(LONG)

    assert [(one.host, one.source, one.target) for one in found.differing] == [("h1", 1, 0)]
    assert found.minutes[0].equal is False
    assert len(found.samples) == 1
    assert found.samples[0].endswith("lost: content=password=***")


def test_a_line_more_in_the_target_is_different() -> None:
    here = world()
    here.both(read(SOON, "a"))
    here.target.add(read(SOON + 1, "a"))

    assert [(one.source, one.target) for one in here.look(LONG).differing] == [(0, 1)]


def test_a_line_that_may_still_find_its_match_is_not_judged() -> None:
    here = world()
    here.source.add(read(START + 119, "a"))

    assert len(here.look(START + 120 + 2 * SETTLE).minutes) == 1
    assert here.look(START + 240).differing


def test_what_came_later_than_that_is_late_and_equal_again() -> None:
    here = world()
    here.source.add(read(SOON, "a"))
    assert here.look(START + 300).differing
    here.target.add(read(START + 310, "a"))

    found = here.look(LONG)

    assert (found.differing, found.late) == ((), 1)
    assert here.look(LONG + 1).late == 0


def test_the_same_words_again_after_a_while_do_not_hide_that_they_were_lost_once() -> None:
    here = world()
    for n in range(5):
        here.source.add(read(SOON + 100 * n, "beat"))
        if n != 2:
            here.target.add(read(SOON + 100 * n + 3, "beat"))

    found = here.look(LONG)

    assert [(one.source, one.target) for one in found.differing] == [(1, 0)]


def test_the_tail_of_a_file_that_wakes_up_is_overlap() -> None:
    here = world()
    here.both(read(SOON, "a"))
    here.both(replace(read(SOON + 200, "new"), tags=(("__path__", "/idle"),)))
    here.target.add(replace(read(SOON + 200, "old", "older"), tags=(("__path__", "/idle"),)))

    found = here.look(LONG)

    assert (found.overlap, found.differing) == (2, ())


def test_a_line_at_the_very_start_may_lack_its_match() -> None:
    here = world()
    here.source.add(read(START - 5, "a"))
    here.target.add(replace(read(START - 5, "a"), received=START + 4))

    assert here.look(LONG).differing == ()


def test_too_many_lines_on_one_side_are_no_verdict() -> None:
    here = world()
    here.source.add(read(SOON, "a"))
    here.look(SOON + SETTLE + 2)
    here.state["content"]["pending"]["size"] = 200_001

    assert here.look(LONG).open == "more than 200,000 lines are on one side only"


TIMES = st.lists(
    st.tuples(st.sampled_from(sorted(HOSTS)), st.integers(0, 400)), min_size=1, max_size=15
)
DELAYS = st.lists(st.integers(0, SETTLE // 2 - 1), min_size=15, max_size=15)
LOOKS = st.lists(st.integers(START, LONG - 100), max_size=3).map(sorted)
SHARDS = st.builds(
    Shards, size=st.integers(1, 3), away=st.frozensets(st.integers(1, 9), max_size=2)
)


def written(times: list[tuple[str, int]], delays: list[int]) -> list[Lines]:
    found = []
    for n, ((host, second), delay) in enumerate(zip(times, delays, strict=False)):
        at = SOON + second + delay
        found.append(replace(read(at, f"{n}"), source=HOSTS[host]))
    return found


def answered(here: World, looks: list[int]) -> Comparison:
    for look in looks:
        here.look(look)
    return here.look(LONG)


@given(TIMES, DELAYS, DELAYS, LOOKS, SHARDS, SHARDS, st.sampled_from((0.1, 1e9)))
@settings(deadline=None, max_examples=100)
def test_the_same_words_are_equal_however_they_come(
    times: list[tuple[str, int]],
    sooner: list[int],
    later: list[int],
    looks: list[int],
    source: Shards,
    target: Shards,
    rate: float,
) -> None:
    here = replace(world(source, target), rate=rate)
    here.source.add(*written(times, sooner))
    here.target.add(*written(times, later))
    found = answered(here, looks)

    assert (found.differing, found.open, found.late) == ((), "", 0)
    assert (found.source, found.target) == (len(times), len(times))
    assert all(one.equal for one in found.minutes)
    assert all(one.equal for one in found.hosts)


@given(
    TIMES,
    DELAYS,
    LOOKS,
    SHARDS,
    st.integers(0, 14),
    st.sampled_from(("lost", "doubled", "altered")),
)
@settings(deadline=None, max_examples=100)
def test_one_fault_is_always_different(
    times: list[tuple[str, int]],
    delays: list[int],
    looks: list[int],
    target: Shards,
    where: int,
    fault: str,
) -> None:
    lines = written(times, delays)
    where %= len(lines)
    one, here = lines[where], world(target=target)
    other = replace(one, lines=(line(one.lines[0].time, "another"),))
    instead = {"lost": [], "doubled": [one, one], "altered": [other]}[fault]
    here.source.add(*lines)
    here.target.add(*lines[:where], *instead, *lines[where + 1 :])
    found = answered(here, looks)

    assert found.differing
    assert not all(host.equal for host in found.hosts)
