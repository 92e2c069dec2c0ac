"""Where a config begins in a file it has not read before."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from sandbox.hosts.config import tail_bytes
from sandbox.hosts.journal import What
from sandbox.hosts.reader import line_start, tail_offset
from tests.unit.agent_kit import LOG, Bench, delivered

MIB = 1024 * 1024
LINE = "x" * 1023 + "\n"


@pytest.mark.parametrize(("size", "begin"), [(0, 0), (MIB, 0), (MIB + 1, 1), (5 * MIB, 4 * MIB)])
def test_a_new_config_begins_one_mebibyte_before_the_end(size: int, begin: int) -> None:
    assert tail_offset(size, MIB) == begin


def test_reading_begins_at_a_line_start_and_gives_up_the_line_it_lands_in() -> None:
    text = b"first\nsecond\nthird\n"

    assert line_start(io.BytesIO(text), 0, len(text)) == 0
    assert line_start(io.BytesIO(text), 2, len(text)) == 6
    assert line_start(io.BytesIO(text), 6, len(text)) == 13


def test_reading_that_lands_in_the_last_line_begins_there_and_then() -> None:
    text = b"first\nsecond\n"

    assert line_start(io.BytesIO(text), 8, len(text)) == 8


def test_the_overlap_is_at_most_the_tail_and_whole_lines(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(LINE * 2000)
    bench.deliver(delivered())

    assert len(bench.door.lines()) == 1023
    assert set(bench.door.lines()) == {LINE.strip()}


def test_tail_size_kb_of_the_config_is_obeyed(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(LINE * 20)
    bench.deliver(delivered(advanced={"tail_size_kb": 10}))

    assert len(bench.door.lines()) == 9


@pytest.mark.parametrize(
    ("kilobytes", "taken"), [(0, 0), (7, 7), (100 << 20, 100 << 20), (101 << 20, 1024), (-1, 1024)]
)
def test_a_tail_size_that_the_agent_does_not_take_is_the_default(
    kilobytes: int, taken: int
) -> None:
    assert tail_bytes(kilobytes) == taken * 1024


def test_a_tail_of_nothing_begins_at_the_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("before\n")
    bench.deliver(delivered(advanced={"tail_size_kb": 0}))
    bench.write("after\n")
    bench.round(1)

    assert bench.door.lines() == ["after"]


def test_a_file_not_written_for_two_minutes_waits_for_its_next_write(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("old\n")
    bench.touch(bench.now - 120)
    bench.deliver(delivered())
    bench.round(1)
    waiting = bench.door.lines()
    bench.write("new\n")
    bench.round(1)

    assert waiting == []
    assert bench.door.lines() == ["old", "new"]


def test_the_clock_scales_the_two_minutes(tmp_path: Path) -> None:
    bench = Bench(tmp_path, speed=60.0)
    bench.write("old\n")
    bench.touch(bench.now - 2)
    bench.deliver(delivered())

    assert bench.door.lines() == []


def test_a_file_that_appears_later_is_read_whatever_its_age(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.deliver(delivered())
    bench.write("copied\n")
    bench.touch(bench.now - 3600)
    bench.round(1)

    assert bench.door.lines() == ["copied"]


def test_a_file_that_is_made_later_is_read_from_its_beginning(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered(advanced={"tail_size_kb": 0}))
    bench.write("two\n", "/var/log/app-b/pay.log")
    bench.write("three\n", "/var/log/app-b/2026/app.log")
    bench.round(1)

    assert bench.door.lines() == ["two"]


def test_a_file_that_was_written_before_it_is_moved_to_the_folder_begins_at_its_tail(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n", "/var/log/elsewhere.log")
    bench.deliver(delivered(advanced={"tail_size_kb": 0}))
    bench.path("/var/log/app-b").mkdir()
    bench.round(1)
    bench.path("/var/log/elsewhere.log").rename(bench.path())
    bench.round(1)

    assert bench.door.lines() == []


def test_a_file_that_lay_there_under_another_name_begins_at_its_tail(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n", "/var/log/app-b/app.part")
    bench.deliver(delivered(advanced={"tail_size_kb": 0}))
    bench.write("two\n", "/var/log/app-b/app.part")
    bench.path("/var/log/app-b/app.part").rename(bench.path())
    bench.round(1)

    assert bench.door.lines() == []


def test_where_no_line_ends_within_128_kib_reading_begins_in_the_middle_of_one() -> None:
    nearly, far = b"x" * (128 * 1024 - 2) + b"\nnext\n", b"x" * (128 * 1024) + b"\nnext\n"

    assert line_start(io.BytesIO(b"y" + nearly), 1, len(nearly) + 1) == 128 * 1024
    assert line_start(io.BytesIO(b"y" + far), 1, len(far) + 1) == 1


def test_a_file_written_a_little_less_than_two_minutes_ago_is_begun_at_once(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.write("young\n")
    bench.touch(bench.now - 119)
    bench.deliver(delivered())

    assert bench.door.lines() == ["young"]


def test_a_config_that_came_back_judges_an_idle_file_anew(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("old\n")
    bench.touch(bench.now - 120)
    bench.deliver(delivered())
    bench.deliver()
    bench.touch(bench.now - 120)
    bench.deliver(delivered())
    idle = bench.door.lines()
    bench.deliver()
    bench.deliver(delivered(tailExisted=True))

    assert idle == []
    assert bench.door.lines() == ["old"]


def test_only_whole_lines_are_shipped(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("whole\nhal")
    bench.deliver(delivered())
    half = bench.door.lines()
    bench.write("f\n")
    bench.round(1)

    assert half == ["whole"]
    assert bench.door.lines() == ["whole", "half"]


def test_a_line_longer_than_one_read_is_shipped_in_pieces(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("y" * (512 * 1024 + 10) + "\n")
    bench.deliver(delivered())

    assert [len(line) for line in bench.door.lines()] == [512 * 1024, 10]


def test_the_journal_holds_the_moment_the_size_and_the_first_byte(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(LINE * 2000)
    bench.deliver(delivered())
    [taken] = bench.agent.journal.of(What.TAKEN)
    journal = bench.agent.journal.path
    assert journal is not None
    told = [json.loads(line) for line in journal.read_text().splitlines()]

    assert (taken.at, taken.config, taken.file) == (bench.now, "##1.0##project-b$app-b", LOG)
    assert (taken.size, taken.offset) == (2000 * 1024, 2000 * 1024 - MIB + 1024)
    assert taken.inode == bench.path().stat().st_ino
    assert [entry["what"] for entry in told] == ["agent started", "taken"]
    assert told[1]["size"] == taken.size


def test_the_journal_lies_outside_the_hosts_root(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    journal = bench.agent.journal.path

    assert journal is not None
    assert not journal.is_relative_to(bench.root)
