"""Pages of the wire summed up: the same lines have the same sums, and nothing else has."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from aliyun.log.proto import LogGroupListRaw
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.log_groups import groups_of, lines_of
from bot.scan import HEAD, LATE, exactly, on_wire, summed
from sandbox.sls.wire import frame
from workflows.ports import Line, Lines, Scanned
from workflows.proof.cells import Cell, Place

NOW = 1_800_000_000
MINUTE = NOW // 60 * 60
TEXTS = st.binary(max_size=9).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
PAIRS = st.tuples(TEXTS, TEXTS)
TIMES = st.integers(NOW, NOW + 90) | st.integers(0, 2**32 - 1)
LINE = st.builds(
    Line, TIMES, st.lists(PAIRS, max_size=3).map(tuple), st.none() | st.integers(0, 999_999_999)
)
TAG = PAIRS | st.tuples(st.just("__path__"), TEXTS)
LINES = st.builds(
    Lines, st.lists(LINE, min_size=1, max_size=6).map(tuple), TEXTS, TEXTS,
    st.lists(TAG, max_size=3).map(tuple), st.just(0) | st.integers(1, 2**32),
)  # fmt: skip
PAGES = st.lists(LINES, max_size=5)


def page_of(*groups: Lines) -> bytes:
    """As the service sends them; it notes the receipt where it knows it."""
    page: Any = LogGroupListRaw()
    for lines in groups:
        for group in groups_of(lines):
            if lines.received:
                group.LogTags.add(Key="__receive_time__", Value=str(lines.received))
            page.LogGroups.append(group)
    return bytes(page.SerializeToString())


def scanned(page: bytes, since: int = NOW) -> Scanned:
    return summed(on_wire(page), 60, since=since)


def exact(*groups: Lines) -> Scanned:
    return summed(map(exactly, groups), 60, since=NOW)


def path_of(lines: Lines) -> str:
    return dict(lines.tags).get("__path__", "")


def told(page: bytes) -> Counter[tuple[str, str, Line]]:
    """Every line as the SDK reads it, with its host and file."""
    groups = map(lines_of, LogGroupListRaw.FromString(page).LogGroups)
    return Counter((one.source, path_of(one), line) for one in groups for line in one.lines)


def numbers(found: Scanned) -> dict[Place, int]:
    return {place: cell.lines for place, cell in found.cells.items()}


def sums(found: Scanned) -> dict[Place, tuple[int, int]]:
    return {place: (cell.lines, cell.sum) for place, cell in found.cells.items()}


def a_line(text: str = "x", at: int = NOW) -> Line:
    return Line(at, (("content", text), ("level", "INFO")))


def lines(*texts: str, host: str = "10.0.0.11", file: str = "/a.log", received: int = NOW) -> Lines:
    tags = (("__hostname__", "h1"), ("__path__", file), ("__pack_id__", "5F-1"))
    return Lines(tuple(map(a_line, texts)), "topic", host, tags, received)


@given(PAGES)
def test_lines_are_counted_where_the_sdk_reads_them(groups: list[Lines]) -> None:
    page = page_of(*groups)
    expected: Counter[Place] = Counter()
    for (host, file, line), number in told(page).items():
        expected[Place(line.time // 60 * 60, host, file)] += number

    assert numbers(scanned(page)) == expected
    assert numbers(exact(*groups)) == expected


@given(PAGES, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_their_groups_do_not_count(groups: list[Lines], by: Random) -> None:
    alone = [replace(one, lines=(line,)) for one in groups for line in one.lines]
    by.shuffle(alone)

    assert scanned(page_of(*alone)).cells == scanned(page_of(*groups)).cells
    assert exact(*alone).cells == exact(*groups).cells


@given(PAGES, PAGES)
def test_what_has_the_same_sums_has_the_same_lines(one: list[Lines], other: list[Lines]) -> None:
    first, second = page_of(*one), page_of(*other)

    assert (sums(scanned(first)) == sums(scanned(second))) == (told(first) == told(second))


@settings(max_examples=400)
@given(st.lists(LINES, min_size=1, max_size=4), st.data())
def test_a_garbled_page_is_refused_or_has_other_sums(groups: list[Lines], data: Any) -> None:
    page = page_of(*groups)
    start = data.draw(st.integers(0, len(page)))
    end = data.draw(st.integers(start, min(len(page), start + 9)))
    junk = page[:start] + data.draw(st.binary(max_size=9)) + page[end:]
    try:
        found = scanned(junk)
    except ValueError:
        return

    assert sums(found) != sums(scanned(page)) or told(junk) == told(page)


@given(st.lists(LINES, min_size=1, max_size=4), st.data())
def test_a_page_that_ends_too_early_is_refused_or_short(groups: list[Lines], data: Any) -> None:
    page = page_of(*groups)
    short = page[: data.draw(st.integers(0, len(page) - 1))]
    try:
        found = scanned(short)
    except ValueError:
        return

    assert sum(numbers(found).values()) < sum(numbers(scanned(page)).values())


@given(st.binary(max_size=60))
def test_any_bytes_are_a_page_or_refused(raw: bytes) -> None:
    """Nothing but a ValueError, which is what stands for "not what was asked for"."""
    with suppress(ValueError):
        assert isinstance(on_wire(raw), list)


@pytest.mark.parametrize(
    "other", [("y", "x"), ("x", "x", "x"), ("x",), ("X", "x"), ()], ids="".join
)
def test_a_line_lost_doubled_or_altered_is_another_sum(other: tuple[str, ...]) -> None:
    assert sums(scanned(page_of(lines("x", "x")))) != sums(scanned(page_of(lines(*other))))
    assert sums(exact(lines("x", "x"))) != sums(exact(lines(*other)))


def test_a_misdated_line_is_another_sum_in_the_same_minute() -> None:
    one, other = lines(), lines()
    one, other = replace(one, lines=(a_line(),)), replace(other, lines=(a_line(at=NOW + 1),))

    assert sums(scanned(page_of(one))) != sums(scanned(page_of(other)))
    assert sums(exact(one)) != sums(exact(other))


def test_a_line_of_finer_time_is_another_sum() -> None:
    one = lines("x")
    other = replace(one, lines=(replace(one.lines[0], nanos=1),))

    assert sums(scanned(page_of(one))) != sums(scanned(page_of(other)))
    assert sums(exact(one)) != sums(exact(other))


def test_what_the_agent_stamps_on_a_batch_does_not_count() -> None:
    tags = (("__hostname__", "other"), ("__path__", "/a.log"), ("__pack_id__", "9A-7"))
    one = lines("x", "y")
    other = replace(one, tags=tags, topic="other", received=NOW + 9)

    assert scanned(page_of(one)).cells == scanned(page_of(other)).cells
    assert exact(one).cells == exact(other).cells


def test_the_order_of_fields_counts_on_the_wire_and_not_exactly() -> None:
    one = lines("x")
    turned = tuple(reversed(one.lines[0].fields))
    other = replace(one, lines=(replace(one.lines[0], fields=turned),))

    assert sums(exact(one)) == sums(exact(other))
    assert sums(scanned(page_of(one))) != sums(scanned(page_of(other)))


def test_a_time_behind_the_fields_is_read_all_the_same() -> None:
    """No agent writes it so; two lines then begin alike and have times of their own."""
    fields = raw_line("x", NOW)[HEAD:]
    times = [raw_line("x", at)[:HEAD] for at in (MINUTE, MINUTE + 60, MINUTE)]
    found = scanned(frame(b"".join(frame(fields + time) for time in times)))

    assert numbers(found) == {Place(MINUTE, "", ""): 2, Place(MINUTE + 60, "", ""): 1}


def test_a_line_without_a_time_is_refused() -> None:
    with pytest.raises(ValueError, match="a page of log groups"):
        on_wire(frame(frame(raw_line("x", NOW)[HEAD:])))


def raw_line(text: str, at: int) -> bytes:
    (group,) = groups_of(Lines((a_line(text, at),)))
    return bytes(group.Logs[0].SerializeToString())


def test_what_is_not_known_yet_is_passed_over() -> None:
    """The service may add to its messages; what is there stays readable."""
    (group,) = groups_of(replace(lines("x"), received=0, tags=()))
    more = frame(group.SerializeToString() + b"\x4a\x03new") + b"\x3a\x05newer"

    assert scanned(more).cells == scanned(page_of(lines("x", file=""))).cells


def test_lines_that_came_long_after_their_time_are_late() -> None:
    late = replace(lines("x", file="/b.log"), received=NOW + LATE + 1)
    found = scanned(page_of(replace(lines("x"), received=NOW + LATE), late))

    assert found.late == (Place(MINUTE, "10.0.0.11", "/b.log"),)
    assert found.late == exact(replace(lines("x"), received=NOW + LATE), late).late


def test_a_page_tells_when_each_file_was_first_received_and_when_the_newest() -> None:
    a, b = ("10.0.0.11", "/a.log"), ("10.0.0.12", "/a.log")
    groups = [
        lines("x", host=b[0], received=NOW + 2),
        *(lines("x", received=NOW + n) for n in (5, 3, 4)),
    ]
    found = scanned(page_of(*groups))

    assert found.begun == {a: NOW + 3, b: NOW + 2}
    assert found.newest == {"10.0.0.11": NOW + 5, "10.0.0.12": NOW + 2}
    assert found.received == NOW + 5
    assert (exact(*groups).begun, exact(*groups).received) == (found.begun, found.received)


def test_groups_that_do_not_say_take_the_receipt_of_their_page() -> None:
    page = page_of(lines("x", received=0), lines("y", received=NOW + 90, file="/b.log"))
    found = scanned(page, since=NOW + 70)

    assert found.begun == {("10.0.0.11", "/a.log"): NOW + 70, ("10.0.0.11", "/b.log"): NOW + 90}
    assert found.received == NOW + 90
    assert found.newest == {"10.0.0.11": NOW + 90}  # the page's own time is none of a host's
    assert len(found.late) == 2


@given(PAGES)
def test_sizes_are_those_of_keys_and_values_or_of_the_wire(groups: list[Lines]) -> None:
    def size(text: str) -> int:
        return len(text.encode("utf-8", "surrogateescape"))

    bare = sum(
        size(key) + size(value)
        for one in groups
        for line in one.lines
        for key, value in line.fields
    )
    wire = sum(cell.size for cell in scanned(page_of(*groups)).cells.values())

    assert sum(cell.size for cell in exact(*groups).cells.values()) == bare
    assert bare <= wire <= len(page_of(*groups))


def test_places_may_be_of_any_span() -> None:
    page = page_of(replace(lines(), lines=(a_line(at=NOW), a_line(at=NOW + 90))))
    by_hour = summed(on_wire(page), 3600, since=NOW).cells

    assert by_hour.keys() == {Place(NOW // 3600 * 3600, "10.0.0.11", "/a.log")}
    assert sum(cell.lines for cell in by_hour.values()) == 2
    assert Cell() not in by_hour.values()
