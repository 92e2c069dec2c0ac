"""Rotation: a renamed file is read to its end, its successor from the beginning, neither twice."""

from __future__ import annotations

from pathlib import Path

from sandbox.hosts.journal import What
from tests.unit.agent_kit import LOG, Bench, delivered


def test_a_renamed_file_is_read_to_its_end_and_then_the_new_one_from_its_beginning(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered(advanced={"tail_size_kb": 0}))
    bench.write("two\n")
    bench.path().rename(bench.path(f"{LOG}.1"))
    bench.write("three\n")
    bench.round(1)

    assert bench.door.lines() == ["two", "three"]
    assert [entry.offset for entry in bench.agent.journal.of(What.ROTATED)] == [0]


def test_a_line_written_late_into_the_renamed_file_still_arrives(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered(filePattern="app.log*"))
    bench.path().rename(bench.path(f"{LOG}.1"))
    bench.write("three\n")
    bench.round(1)
    bench.write("two\n", f"{LOG}.1")
    bench.round(1)

    assert sorted(bench.door.lines()) == ["one", "three", "two"]


def test_a_line_written_late_under_a_name_that_does_not_match_is_not_heard_of(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered(filePattern="app.log"))
    bench.path().rename(bench.path(f"{LOG}.1"))
    bench.write("three\n")
    bench.round(1)
    bench.write("two\n", f"{LOG}.1")
    bench.round(1)

    assert bench.door.lines() == ["one", "three"]
    assert bench.agent.behind() == 0


def test_a_renamed_file_is_let_go_ten_minutes_after_its_last_write(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered(filePattern="app.log*"))
    bench.path().rename(bench.path(f"{LOG}.1"))
    bench.write("new\n")
    bench.round(1)
    held = []
    for pause in (599, 599, 601):
        bench.write("late\n", f"{LOG}.1")
        bench.round(pause)
        held.append(len(list(bench.agent._collector.places())))

    assert held == [2, 2, 2]
    assert bench.door.lines() == ["one", "new", "late", "late", "late"]
    bench.round(599)
    assert len(list(bench.agent._collector.places())) == 2
    bench.round(1)
    assert len(list(bench.agent._collector.places())) == 1


def test_a_rotation_while_the_agent_is_down_loses_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.agent.stop(bench.now)
    bench.write("two\n")
    bench.path().rename(bench.path(f"{LOG}.1"))
    bench.write("three\n")
    bench.restart(clean=True)
    bench.restart(clean=True)

    assert bench.door.lines() == ["one", "two", "three"]


def test_a_renamed_file_that_still_matches_is_not_read_twice(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered(filePattern="app.log*"))
    bench.path().rename(bench.path(f"{LOG}.1"))
    bench.write("two\n")
    bench.round(1)
    bench.round(1)

    assert bench.door.lines() == ["one", "two"]


def test_a_renamed_file_that_its_reader_has_left_is_not_begun_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered(filePattern="app.log*"))
    bench.path().rename(bench.path(f"{LOG}.1"))
    bench.write("two\n")
    bench.round(1)
    bench.round(600)
    bench.path(f"{LOG}.1").rename(bench.path(f"{LOG}.2"))
    bench.round(1)

    assert bench.door.lines() == ["one", "two"]
    assert len(bench.agent.journal.of(What.TAKEN)) == 1
