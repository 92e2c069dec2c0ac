"""Places in files: kept per config, over truncation and the agent's own restarts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.hosts.journal import What
from sandbox.sls.door import Delivered
from tests.unit.agent_kit import Bench, delivered

FORCED = {"force_multiconfig": True}


def in_a(**wanted: Any) -> Delivered:
    return delivered("app-a", project="project-a", created=200, **wanted)


def test_each_config_has_its_own_place_in_a_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.write("two\n")
    bench.deliver(delivered(), in_a(advanced=FORCED))
    bench.write("three\n")
    bench.round(1)

    assert bench.door.lines() == ["one", "two", "three"]
    assert bench.door.lines("app-a-store") == ["one", "two", "three"]


def test_a_config_that_is_not_forced_waits_until_the_older_one_is_gone(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered(), in_a())
    before = bench.door.lines("app-a-store")
    bench.deliver(in_a())
    bench.write("two\n")
    bench.round(1)

    assert before == []
    assert bench.door.lines("app-a-store") == ["one", "two"]


def test_a_place_is_forgotten_when_its_config_leaves(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.deliver()
    bench.deliver(delivered())
    bench.write("two\n")
    bench.round(1)

    assert bench.door.lines() == ["one", "one", "two"]
    assert [entry.offset for entry in bench.agent.journal.of(What.LEFT)] == [4]


def test_a_place_is_forgotten_when_another_config_wins_its_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered("young", created=200))
    bench.deliver(delivered("young", created=200), delivered("old"))
    bench.write("two\n")
    bench.round(1)

    assert bench.door.lines("old-store") == ["one", "two"]
    assert [entry.config for entry in bench.agent.journal.of(What.LEFT)] == [
        "##1.0##project-b$young"
    ]


def test_a_place_is_forgotten_when_its_config_turns_to_another_folder(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.deliver(delivered(logPath="/var/log/other"))
    bench.write("two\n")
    bench.write("there\n", "/var/log/other/app.log")
    bench.round(1)

    assert bench.door.lines() == ["one", "there"]
    assert [entry.offset for entry in bench.agent.journal.of(What.LEFT)] == [4]


def test_a_changed_config_goes_on_where_it_was(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.deliver(delivered(enableRawLog=True))
    bench.write("two\n")
    bench.round(1)

    assert bench.door.fields() == [{"content": "one"}, {"content": "two", "__raw__": "two"}]


def test_after_a_clean_restart_nothing_is_read_twice(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.restart(clean=True)
    bench.write("two\n")
    bench.round(1)

    assert bench.door.lines() == ["one", "two"]
    assert [entry.offset for entry in bench.agent.journal.of(What.RESUMED)] == [4]


def test_after_a_kill_lines_since_the_last_dump_are_read_again_and_the_journal_knows_which(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.round(900)
    bench.write("two\n")
    bench.round(1)
    reached = bench.agent
    bench.restart(clean=False)
    [resumed] = bench.agent.journal.of(What.RESUMED)
    [stop] = reached.journal.of(What.REACHED)

    assert bench.door.lines() == ["one", "two", "two"]
    assert (resumed.offset, stop.offset) == (4, 8)


def test_places_are_dumped_every_fifteen_minutes(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    checkpoint = bench.root / "tmp/logtail_check_point"
    bench.round(899)
    before = checkpoint.read_text()
    bench.round(1)

    assert '"offset"' not in before
    assert '"offset": 4' in checkpoint.read_text()


def test_a_file_truncated_and_begun_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("a first line\n")
    bench.deliver(delivered())
    bench.path().write_text("")
    bench.write("anew\n")
    bench.round(1)

    assert bench.door.lines() == ["a first line", "anew"]
    assert [entry.offset for entry in bench.agent.journal.of(What.TRUNCATED)] == [0]


def test_a_file_cut_back_with_the_same_beginning_goes_on_at_its_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    head = "head " * 300 + "\n"
    bench.write(head + "two\n")
    bench.deliver(delivered())
    bench.path().write_text(head)
    bench.round(1)
    bench.write("three\n")
    bench.round(1)

    assert bench.door.lines() == [head[:-1], "two", "three"]


def test_an_inode_used_again_by_another_file_does_not_inherit_the_place(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.agent.stop(bench.now)
    bench.path().write_text("another file altogether\n")
    bench.touch(bench.now)
    bench.restart(clean=True)

    assert bench.door.lines() == ["one", "another file altogether"]


def test_a_file_written_anew_to_the_very_same_size_is_another_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.path().write_text("two\n")
    bench.touch(bench.now + 1)
    bench.round(1)

    assert bench.door.lines() == ["one", "two"]
    assert [entry.offset for entry in bench.agent.journal.of(What.TRUNCATED)] == [0]


def test_a_touched_file_is_not_read_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.touch(bench.now + 1)
    bench.round(1)

    assert bench.door.lines() == ["one"]
    assert bench.agent.journal.of(What.TRUNCATED) == []


def test_an_inode_that_was_away_and_holds_another_file_now_is_read_from_its_beginning(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.path().rename(tmp_path / "away")
    bench.round(1)
    (tmp_path / "away").write_text("another file altogether\n")
    (tmp_path / "away").rename(bench.path())
    bench.round(1)

    assert bench.door.lines() == ["one", "another file altogether"]


def test_a_file_that_was_away_and_came_back_goes_on_where_it_was(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.path().rename(tmp_path / "away")
    bench.round(1)
    (tmp_path / "away").rename(bench.path())
    bench.write("two\n")
    bench.round(1)

    assert bench.door.lines() == ["one", "two"]


def test_the_first_kib_tells_files_apart_and_what_follows_it_does_not(tmp_path: Path) -> None:
    found = {}
    for at in (1000, 1030):
        bench = Bench(tmp_path / str(at))
        bench.write("x" * at + "old\n" + "y" * 1100 + "\n")
        bench.deliver(delivered())
        bench.path().write_text("x" * at + "new\n")
        bench.touch(bench.now + 1)
        bench.round(1)
        found[at] = len(bench.door.lines())

    assert found == {1000: 3, 1030: 2}


def test_a_file_begun_anew_is_known_by_its_new_beginning(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("a first line, and a long one\n")
    bench.deliver(delivered())
    bench.path().write_text("another\nmore\n")
    bench.round(1)
    bench.path().write_text("another\n")
    bench.round(1)
    bench.write("last\n")
    bench.round(1)

    assert bench.door.lines()[:3] == ["a first line, and a long one", "another", "more"]


def test_a_removed_file_is_let_go_and_its_successor_is_read_from_the_beginning(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered(advanced={"tail_size_kb": 0}))
    bench.path().rename(tmp_path / "elsewhere")
    bench.round(1)
    bench.write("two\n")
    bench.round(1)
    bench.round(1)

    assert bench.door.lines() == ["two"]
    assert [entry.offset for entry in bench.agent.journal.of(What.LOST)] == [4]


@pytest.mark.parametrize("clean", [True, False])
def test_a_life_that_heard_of_no_config_hands_the_places_on(tmp_path: Path, clean: bool) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.agent.stop(bench.now)
    bench.agent.start(bench.now)
    (bench.agent.stop if clean else bench.agent.kill)(bench.now)
    bench.write("two\n")
    bench.restart(clean=True)

    assert bench.door.lines() == ["one", "two"]


def test_a_stopped_agent_reads_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    bench.agent.stop(bench.now)
    bench.write("two\n")
    bench.round(1)

    assert bench.door.lines() == ["one"]
    assert bench.agent.behind() == 4
