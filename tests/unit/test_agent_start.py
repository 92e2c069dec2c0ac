"""Where a config begins in a file it has not read before."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

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
