"""Records of several lines, cut from bytes."""

from __future__ import annotations

import pytest

from sandbox.hosts.chunks import READ_AT_ONCE, aligned, chunk_of
from sandbox.hosts.records import Records, line_pattern

OLD, NEW = (1, 8, 8), (3, 3, 5)


def records(begin: str = "", go_on: str = "", end: str = "", **more: bool) -> Records:
    patterns = (line_pattern(one, NEW) for one in (begin, go_on, end))
    return Records(*patterns, **more)  # type: ignore[arg-type]


def cut(rule: Records, text: str, *, flush: bool = False) -> tuple[list[str], int]:
    """Return the records and how many bytes are settled."""
    chunk = chunk_of(text.encode(), 0, rule, flush=flush)
    return ([line.decode() for line in chunk.lines], chunk.end) if chunk else ([], 0)


def test_a_record_waits_for_the_next_beginning() -> None:
    rule = records(begin=r"\d+ .*")

    assert cut(rule, "1 a\n at x\n2 b\n at y\n") == (["1 a\n at x"], 10)
    assert cut(rule, "2 b\n at y\n") == ([], 0)
    assert cut(rule, "2 b\n at y\n", flush=True) == (["2 b\n at y"], 10)


def test_lines_before_the_first_beginning_are_kept_singly_or_dropped() -> None:
    text = "lost\nhalf\n1 a\n2 b\n"

    assert cut(records(begin=r"\d"), text)[0] == [
        "lost",
        "half",
        "1 a",
    ]
    assert cut(records(begin=r"\d", keep_unmatched=False), text) == (["1 a"], 14)


def test_begin_and_continue_end_a_record_at_the_first_other_line() -> None:
    rule = records(begin="^B", go_on="^C")

    assert cut(rule, "B\nC\nx\nB\nB\n") == (["B\nC", "x", "B"], 8)


def test_begin_and_end_hold_everything_between() -> None:
    rule = records(begin="^B", end="^E")

    assert cut(rule, "B\nx\nE\ny\nB\nz\n") == (["B\nx\nE"], 6)
    assert cut(rule, "y\nB\nE\nB\nz\n", flush=True) == (["y", "B\nE", "B", "z"], 10)


def test_continue_and_end_make_a_record_and_an_end_alone_is_one() -> None:
    rule = records(go_on="^C", end="^E")

    assert cut(rule, "C\nC\nE\nE\nx\nE\n") == (["C\nC\nE", "E", "x", "E"], 12)


def test_end_alone_divides_after_each_end() -> None:
    rule = records(end="^E")

    assert cut(rule, "a\nb\nE\nE\nc\n") == (["a\nb\nE", "E"], 8)
    assert cut(rule, "a\nE") == ([], 0)


def test_a_pattern_was_about_the_whole_line_and_is_searched_for_since_3_0() -> None:
    old, new = Records(line_pattern("ERROR", OLD)), Records(line_pattern("ERROR", NEW))
    whole = Records(line_pattern(".*ERROR.*", OLD))
    last, first = line_pattern("ERROR", (2, 0, 7)), line_pattern("ERROR", (3, 0, 5))

    assert (old.begins(b"an ERROR here"), new.begins(b"an ERROR here")) == (False, True)
    assert whole.begins(b"an ERROR here")
    assert (Records(last).begins(b"an ERROR"), Records(first).begins(b"an ERROR")) == (False, True)


@pytest.mark.parametrize("says_nothing", ["", ".*"])
def test_a_pattern_of_anything_makes_no_records_of_several_lines(says_nothing: str) -> None:
    assert line_pattern(says_nothing, OLD) is None
    assert not records(begin=says_nothing).of_several_lines


def test_a_record_longer_than_a_read_is_cut_between_characters() -> None:
    text = "x" + "订" * READ_AT_ONCE
    chunk = chunk_of(text.encode()[:READ_AT_ONCE], 7, Records(), flush=False)

    assert chunk
    assert chunk.cut
    assert chunk.end == 7 + len(chunk.lines[0])
    assert chunk.lines[0].decode() == text[: len(chunk.lines[0].decode())]
    assert READ_AT_ONCE - 3 < len(chunk.lines[0]) <= READ_AT_ONCE


def test_a_record_of_many_lines_longer_than_a_read_is_cut_too() -> None:
    rule = records(begin="^B")
    data = (b"B\n" + b"more\n" * READ_AT_ONCE)[:READ_AT_ONCE]
    chunk = chunk_of(data, 0, rule, flush=False)

    assert chunk
    assert chunk.cut
    assert len(chunk.lines) == 1
    assert chunk.end == READ_AT_ONCE


@pytest.mark.parametrize(
    ("text", "encoding", "length"),
    [
        ("ab", "utf8", 2),
        ("a订", "utf8", 4),
        ("a订单", "gbk", 5),
    ],
)
def test_a_cut_never_falls_into_a_character(text: str, encoding: str, length: int) -> None:
    data = text.encode(encoding)

    assert aligned(data, encoding) == length
    if length > len(text):
        assert aligned(data[:-1], encoding) < length - 1


def test_no_chunk_holds_more_than_4096_records() -> None:
    chunk = chunk_of(b"x\n" * 5000, 0, Records(), flush=False)

    assert chunk
    assert (len(chunk.lines), chunk.end) == (4096, 8192)
