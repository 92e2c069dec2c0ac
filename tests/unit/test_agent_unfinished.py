"""Lines and records that are not finished yet, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.hosts.chunks import READ_AT_ONCE
from sandbox.hosts.reader import line_start
from sandbox.hosts.records import Records, line_pattern
from tests.unit.agent_kit import LOG, Bench, delivered
from tests.unit.test_agent_pipeline import pipeline

STACK = r"\d+ .*"


@pytest.mark.parametrize(("version", "seconds"), [("1.8.8", 5), ("2.0.7", 5), ("3.0.5", 60)])
def test_a_line_without_its_end_is_shipped_after_the_versions_timeout(
    tmp_path: Path, version: str, seconds: float
) -> None:
    bench = Bench(tmp_path, version)
    bench.write("half")
    bench.deliver(delivered())
    bench.round(seconds - 1)
    early = bench.door.lines()
    bench.round(1)

    assert early == []
    assert bench.door.lines() == ["half"]


def test_what_comes_after_a_flushed_half_is_a_line_of_its_own_and_nothing_doubles(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.write("half")
    bench.deliver(delivered())
    bench.round(5)
    bench.write(" a line\nnext\n")
    bench.round(1)

    assert bench.door.lines() == ["half", " a line", "next"]


def test_a_line_end_after_a_flushed_line_makes_no_empty_line(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("whole")
    bench.deliver(delivered())
    bench.round(5)
    bench.write("\n")
    bench.round(1)
    alone = bench.agent.behind()
    bench.write("next\n")
    bench.round(1)

    assert alone == 0
    assert bench.door.lines() == ["whole", "next"]


def test_the_timeout_begins_anew_with_every_byte(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("a")
    bench.deliver(delivered())
    for letter in "bcd":
        bench.round(4)
        bench.write(letter)
    bench.round(4)
    early = bench.door.lines()
    bench.write("\n")
    bench.round(1)

    assert early == []
    assert bench.door.lines() == ["abcd"]


def test_a_pipeline_can_set_its_own_timeout(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "3.3.5")
    bench.write("half")
    bench.deliver(pipeline(FlushTimeoutSecs=10))
    bench.round(10)

    assert bench.door.lines("store") == ["half"]


def test_an_agent_says_when_a_flush_is_due(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "3.3.5")
    bench.write("half")
    bench.deliver(delivered())
    due = bench.agent._collector.next_due()
    bench.round(60)

    assert due == bench.now
    assert bench.agent._collector.next_due() == float("inf")


def test_a_rotated_file_does_not_wait_with_its_last_half(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\nhalf")
    bench.deliver(delivered())
    bench.path().rename(bench.path(f"{LOG}.1"))
    bench.write("two\n")
    bench.round(0.5)

    assert bench.door.lines() == ["one", "half", "two"]


def test_a_stack_trace_is_one_record_though_it_came_in_three_writes(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.deliver(delivered(logBeginRegex=STACK))
    for part in ("1 boom\n  at a\n", "  at b\n", "2 fine\n"):
        bench.write(part)
        bench.round(2)
    waiting = bench.door.lines()
    bench.round(5)

    assert waiting == ["1 boom\n  at a\n  at b"]
    assert bench.door.lines() == ["1 boom\n  at a\n  at b", "2 fine"]


def test_a_record_across_a_rotation_ends_with_its_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("1 boom\n  at a\n")
    bench.deliver(delivered(logBeginRegex=STACK, discardUnmatch=False))
    bench.path().rename(bench.path(f"{LOG}.1"))
    bench.write("  at b\n2 fine\n")
    bench.round(1)
    bench.round(5)

    assert bench.door.fields() == [
        {"content": "1 boom\n  at a"},
        {"content": "  at b"},
        {"content": "2 fine"},
    ]


def test_a_crash_between_read_and_flush_loses_and_doubles_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("1 boom\n  at a\n")
    bench.deliver(delivered(logBeginRegex=STACK))
    bench.restart(clean=False)
    bench.round(5)
    bench.restart(clean=True)
    bench.round(5)

    assert bench.door.lines() == ["1 boom\n  at a"]


def test_reading_begins_after_lines_that_begin_no_record(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"0 a\n  at x\n  at y\n1 b\n  at z\n")
    rule = Records(begin=line_pattern(STACK, (1, 8, 8)))
    with (tmp_path / "log").open("rb") as file:
        assert line_start(file, 1, 31, rule) == 18
        assert line_start(file, 1, 31, Records()) == 4
        assert line_start(file, 23, 31, rule) == 23


def test_a_very_long_line_arrives_in_pieces_and_whole(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    line = "ä" * READ_AT_ONCE
    bench.deliver(delivered(advanced={"tail_size_kb": 4096}))
    bench.write(f"before\n{line}\nafter\n")
    bench.round(1)
    [first, *pieces, last] = bench.door.lines()

    assert (first, last) == ("before", "after")
    assert "".join(pieces) == line
    assert len(pieces) == 2
    assert bench.agent.alarms.counts["SPLIT_LOG_FAIL_ALARM", "##1.0##project-b$app-b"] > 0
