"""Lines without a time of their own: matched by what they say, wherever they fall."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.pull_kit import HOSTS, MADE, SETTLE, START, Shards, World, line, parcel
from workflows.ports import Lines
from workflows.proof.comparison import Comparison
from workflows.proof.pending import GIVEN_UP
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


def after(here: World, at: int = SOON + 500, host: str = "h1") -> None:
    """Both sides have come past whatever was sent before, in the file."""
    here.both(read(at, f"after {host}", host=host))


def file(lines: Lines, path: str) -> Lines:
    return replace(lines, tags=(("__path__", path),))


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
    after(here)

    found = here.look(LONG)

    assert [(one.host, one.source, one.target) for one in found.differing] == [("h1", 1, 0)]
    assert found.minutes[0].equal is False
    assert len(found.samples) == 1
    assert found.samples[0].endswith("lost: content=password=***")


def test_a_line_more_in_the_target_is_different() -> None:
    here = world()
    here.both(read(SOON, "a"))
    here.target.add(read(SOON + 1, "a"))
    after(here)

    assert [(one.source, one.target) for one in here.look(LONG).differing] == [(0, 1)]


def test_a_line_that_may_still_find_its_match_is_not_judged() -> None:
    here = world()
    here.source.add(read(START + 119, "a"))
    after(here, START + 125)

    assert len(here.look(START + 120 + 2 * SETTLE).minutes) == 1
    assert here.look(START + 300).differing


def test_while_the_other_side_is_behind_nothing_differs_and_it_is_said() -> None:
    here = world()
    here.both(read(SOON, "a"))
    here.source.add(read(SOON + 1, "b"))
    found = here.look(START + 400)

    assert (found.differing, found.end) == ((), START)
    assert found.open.startswith(
        "the target is behind: 1 lines of h1 are in the source only, since "
    )
    here.target.add(replace(read(SOON + 1, "b"), received=START + 395))
    after(here, START + 396)
    assert here.look(START + 400 + 3 * SETTLE).open == ""
    assert (here.look(LONG).differing, here.look(LONG).late) == ((), 0)


def test_a_side_that_sends_nothing_for_half_an_hour_is_not_behind_but_lacks_lines() -> None:
    here = world()
    here.source.add(read(SOON, "a", host="h2"))

    assert "of h2 are" in here.look(SOON + GIVEN_UP).open
    found = here.look(SOON + GIVEN_UP + 3 * SETTLE)
    assert [(one.host, one.source, one.target) for one in found.differing] == [("h2", 1, 0)]


def test_what_came_later_than_that_is_late_and_equal_again() -> None:
    here = world()
    here.source.add(read(SOON, "a"))
    after(here, SOON + 20)
    assert here.look(START + 300).differing
    here.target.add(read(START + 310, "a"))

    found = here.look(LONG)

    assert (found.differing, found.late) == ((), 1)
    assert here.look(LONG + 1).late == 0


def test_a_line_sent_again_after_a_refusal_may_come_behind_the_next_one() -> None:
    here = world()
    here.source.add(read(SOON, "a"), read(SOON + 2, "b"))
    here.target.add(read(SOON + 2, "b"), read(SOON + 9, "a"))
    looks = [here.look(SOON + at) for at in range(40, 200, 5)]

    assert not any(found.differing for found in looks)
    assert (looks[-1].source, looks[-1].late) == (2, 0)


def test_what_the_target_began_with_is_not_forgotten_before_the_source_sends_it() -> None:
    here = world()
    here.target.add(file(read(SOON, "old", "a"), "/new"), file(read(SOON + 90, "b"), "/new"))
    here.source.add(file(read(SOON + 200, "a", "b"), "/new"))
    here.both(file(read(SOON + 300, "c"), "/new"))
    found = here.look(LONG)

    assert (found.differing, found.open, found.source) == ((), "", 3)
    assert found.overlap == 1


def test_an_outage_from_before_the_first_minute_on_is_made_up_for() -> None:
    here = world()
    here.source.add(read(START - 60, "a"), read(START + 5, "b"))
    here.target.add(read(START + 150, "a", "b"))
    after(here, START + 160)
    found = here.look(LONG)

    assert (found.differing, found.open) == ((), "")
    assert found.source == found.target == 2


def test_the_same_words_again_after_a_while_do_not_hide_that_they_were_lost_once() -> None:
    here = world()
    for n in range(5):
        here.source.add(read(SOON + 100 * n, "beat"))
        if n != 2:
            here.target.add(read(SOON + 100 * n + 3, "beat"))
    after(here)

    found = here.look(LONG)

    assert [(one.source, one.target) for one in found.differing] == [(1, 0)]


def test_the_tail_of_a_file_that_wakes_up_is_overlap() -> None:
    here = world()
    here.both(read(SOON, "a"))
    here.both(replace(read(SOON + 200, "new"), tags=(("__path__", "/idle"),)))
    here.target.add(replace(read(SOON + 200, "old", "older"), tags=(("__path__", "/idle"),)))
    here.both(file(read(SOON + 300, "newer"), "/idle"))

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
    for host in HOSTS:
        after(here, LONG - 300, host)
    answered(here, looks)
    found = here.look(LONG + 2 * SETTLE)

    assert found.differing
    assert not all(host.equal for host in found.hosts)
