"""Lines that were read and refused, and then their config or their file went away."""

from __future__ import annotations

from pathlib import Path

from sandbox.hosts.journal import What
from tests.unit.agent_kit import Bench, delivered

SIX_HOURS = 6 * 3600


def refused(folder: Path) -> Bench:
    """Return a bench whose one line was read and refused."""
    bench = Bench(folder)
    bench.deliver(delivered())
    bench.door.status = 503
    bench.write("read\n")
    bench.round(1)
    return bench


def test_lines_that_were_read_for_a_config_that_left_are_still_sent(tmp_path: Path) -> None:
    bench = refused(tmp_path)
    bench.deliver()
    bench.write("after\n")
    waiting = bench.agent.behind()
    bench.door.status = 200
    bench.round(3)
    bench.round(3)

    assert bench.door.lines() == ["read"]
    assert (waiting, bench.agent.behind()) == (5, 0)
    assert [entry.offset for entry in bench.agent.journal.of(What.LEFT)] == [5]
    assert bench.agent.journal.of(What.DISCARDED) == []


def test_what_a_config_left_behind_is_given_up_as_any_other_line(tmp_path: Path) -> None:
    bench = refused(tmp_path)
    bench.deliver()
    bench.round(SIX_HOURS)
    bench.door.status = 200
    bench.round(3)
    [gone] = bench.agent.journal.of(What.DISCARDED)

    assert bench.door.lines() == []
    assert (gone.offset, gone.until) == (0, 5)


def test_what_a_config_left_behind_is_lost_with_the_agents_life_and_the_journal_says_so(
    tmp_path: Path,
) -> None:
    bench = refused(tmp_path)
    bench.deliver()
    life = bench.agent
    bench.restart(clean=True)
    bench.door.status = 200
    bench.round(3)
    [gone] = life.journal.of(What.DISCARDED)

    assert bench.door.lines() == []
    assert (gone.offset, gone.until) == (0, 5)


def test_a_config_that_left_and_came_back_begins_anew_beside_what_it_left_behind(
    tmp_path: Path,
) -> None:
    bench = refused(tmp_path)
    bench.deliver()
    bench.write("new\n")
    bench.touch(bench.now + 170)
    bench.door.status = 200
    bench.deliver(delivered())

    assert sorted(bench.door.lines()) == ["new", "read", "read"]


def test_lines_that_were_read_are_sent_although_their_file_is_removed(tmp_path: Path) -> None:
    bench = refused(tmp_path)
    bench.path().unlink()
    bench.round(1)
    bench.door.status = 200
    bench.round(3)

    assert bench.door.lines() == ["read"]
    assert bench.agent.behind() == 0


def test_one_config_that_is_refused_does_not_hold_up_the_other_in_the_same_file(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    forced = {"force_multiconfig": True}
    both = (delivered(), delivered("app-a", project="project-a", advanced=forced))
    bench.deliver(*both)
    bench.door.refuses = "project-b"
    for text in ("one\n", "two\n"):
        bench.write(text)
        bench.round(3)
    ahead = (bench.door.lines(), bench.door.lines("app-a-store"))
    bench.door.refuses = ""
    bench.round(3)

    assert ahead == ([], ["one", "two"])
    assert bench.door.lines() == ["one", "two"]
    assert bench.door.lines("app-a-store") == ["one", "two"]
