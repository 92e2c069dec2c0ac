"""Lines as the groups of the wire, and back."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.log_groups import MOST_BYTES, MOST_LINES, groups_of, lines_of
from workflows.ports import Line, Lines

# Whatever bytes an agent sent: names, tags and paths are no UTF-8 either where a host says GBK.
TEXTS = st.binary(max_size=20).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
PAIRS = st.tuples(TEXTS, TEXTS)
LINE = st.builds(
    Line,
    st.integers(0, 2**32 - 1),
    st.lists(PAIRS, max_size=4).map(tuple),
    st.none() | st.integers(0, 999_999_999),
)
LINES = st.builds(
    Lines, st.lists(LINE, min_size=1, max_size=8).map(tuple), TEXTS, TEXTS,
    st.lists(PAIRS.filter(lambda tag: tag[0] != "__receive_time__"), max_size=4).map(tuple),
)  # fmt: skip


@given(LINES)
def test_lines_lose_nothing_on_the_way_there_and_back(lines: Lines) -> None:
    (group,) = groups_of(lines)
    read = type(group).FromString(group.SerializeToString())

    assert lines_of(read) == lines


def test_a_long_tag_that_is_no_utf_8_comes_through() -> None:
    path = ("/日志/" * 5000).encode("gbk").decode("utf-8", "surrogateescape")
    lines = Lines((Line(1, (("content", "x"),)),), tags=(("__path__", path),))
    (group,) = groups_of(lines)

    assert lines_of(type(group).FromString(group.SerializeToString())) == lines


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, MOST_BYTES // 2), min_size=1, max_size=12))
def test_no_group_is_too_large_and_the_order_stays(sizes: list[int]) -> None:
    lines = tuple(Line(n, (("content", "x" * size),)) for n, size in enumerate(sizes))
    groups = list(groups_of(Lines(lines, topic="t")))
    read = [line for group in groups for line in lines_of(group).lines]

    assert tuple(read) == lines
    assert all(group.ByteSize() <= MOST_BYTES for group in groups)
    assert all(group.Topic == "t" for group in groups)


def test_a_line_that_is_too_large_by_itself_goes_alone() -> None:
    small, large = Line(1, (("a", "x"),)), Line(2, (("a", "x" * MOST_BYTES),))
    groups = list(groups_of(Lines((small, large, small))))

    assert [len(group.Logs) for group in groups] == [1, 1, 1]


def test_a_group_has_at_most_so_many_lines() -> None:
    lines = Lines((Line(1, (("a", "x"),)),) * (2 * MOST_LINES + 1))

    assert [len(group.Logs) for group in groups_of(lines)] == [MOST_LINES, MOST_LINES, 1]


def test_what_the_service_stamped_is_told_apart_from_the_tags() -> None:
    (group,) = groups_of(Lines((Line(1, ()),), tags=(("__hostname__", "h1"),)))
    group.LogTags.add(Key="__receive_time__", Value="1700000000")
    read = lines_of(group)

    assert (read.received, read.tags) == (1_700_000_000, (("__hostname__", "h1"),))
    assert [tag.Key for tag in next(groups_of(read)).LogTags] == ["__hostname__"]
    assert replace(read, received=0) == Lines((Line(1, ()),), tags=(("__hostname__", "h1"),))
