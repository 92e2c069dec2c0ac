"""Which lines the source lacks: told line by line, whatever the order and however often they come."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from workflows.ports import Line, Lines
from workflows.steps.gap import Held, Piece, but, joined, marks

WHOLE = Piece(0, 100)
LINES = st.builds(
    Line,
    st.integers(90, 110),
    st.sampled_from(((("a", "1"),), (("a", "1"), ("b", "2")), (("b", "2"), ("a", "1")))),
    st.sampled_from((None, 0, 7)),
)
GROUPS = st.lists(
    st.builds(
        Lines,
        st.lists(LINES, max_size=4).map(tuple),
        topic=st.sampled_from(("", "t")),
        source=st.sampled_from(("10.0.0.1", "10.0.0.2")),
        tags=st.sampled_from(((), (("__hostname__", "h1"),), (("__path__", "/x"),))),
    ),
    max_size=6,
)
SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


def line(time: int, text: str = "x") -> Line:
    return Line(time, (("content", text),))


def counted(groups: list[Lines], piece: Piece = WHOLE) -> Counter[bytes]:
    return Counter(mark for lines in groups for mark, _ in marks(piece.of(lines)))


def compared(source: list[Lines], target: list[Lines], piece: Piece = WHOLE) -> Held:
    held = Held(piece)
    for lines in source:
        held.take(lines)
    for lines in target:
        held.lacks(lines)
    return held


@given(GROUPS, GROUPS)
def test_what_lacks_and_what_is_there_make_what_the_target_has(
    source: list[Lines], target: list[Lines]
) -> None:
    held = Held(WHOLE)
    for lines in source:
        held.take(lines)
    lacking = [held.lacks(lines) for lines in target]

    assert counted(lacking) == counted(target) - counted(source)


@given(GROUPS, GROUPS)
def test_what_is_there_more_often_is_counted_where_the_target_has_it_too(
    source: list[Lines], target: list[Lines]
) -> None:
    more = counted(source) - counted(target)
    known = counted(target)

    again = compared(source, target).again
    assert again == sum(n for mark, n in more.items() if mark in known)


@given(GROUPS, GROUPS, st.data())
def test_what_came_from_us_is_counted_as_written(
    source: list[Lines], target: list[Lines], data: st.DataObject
) -> None:
    """A worker that died after some writes leaves the same sum as one that did not."""
    first = Held(WHOLE)
    for lines in source:
        first.take(lines)
    missing = [some for lines in target if (some := first.lacks(lines)).lines]
    put = data.draw(st.integers(0, len(missing)))
    second = Held(WHOLE)
    for lines in source:
        second.take(lines)
    for lines in missing[:put]:
        second.take(lines, ours=True)
    rest = [second.lacks(lines) for lines in target]

    left = sum(len(lines.lines) for lines in rest)
    assert second.written + left == sum(len(lines.lines) for lines in missing)


def test_a_line_written_twice_is_two_lines() -> None:
    twice = Lines((line(5), line(5)))
    held = Held(WHOLE)
    held.take(Lines((line(5),)))

    assert held.lacks(twice).lines == (line(5),)


def test_a_file_that_was_renamed_has_the_same_lines() -> None:
    held = Held(WHOLE)
    held.take(Lines((line(5),), tags=(("__path__", "/x.1"),), topic="/x.1"))

    assert held.lacks(Lines((line(5),), tags=(("__path__", "/x"),), topic="/x")).lines == ()


def test_fields_in_another_order_make_the_same_line() -> None:
    held = Held(WHOLE)
    held.take(Lines((Line(5, (("a", "1"), ("b", "2"))),)))

    assert held.lacks(Lines((Line(5, (("b", "2"), ("a", "1"))),))).lines == ()
    assert held.lacks(Lines((Line(5, (("a", "2"), ("b", "1"))),))).lines != ()


def test_the_same_words_of_another_host_or_another_nanosecond_are_another_line() -> None:
    held = Held(WHOLE)
    held.take(Lines((line(5),), source="10.0.0.1"))
    finer = replace(line(5), nanos=3)

    assert held.lacks(Lines((line(5),), source="10.0.0.2")).lines == (line(5),)
    assert held.lacks(Lines((finer,), source="10.0.0.1")).lines == (finer,)


def test_what_lacks_keeps_all_but_the_marks_of_the_service() -> None:
    tags = (("__hostname__", "h1"), ("__client_ip__", "10.0.0.1"), ("__pack_id__", "A-1"))
    lines = Lines((line(5), line(200)), topic="t", source="10.0.0.1", tags=tags, received=9)

    lacking = Held(WHOLE).lacks(lines)
    assert lacking == Lines((line(5),), "t", "10.0.0.1", (tags[0], tags[2]), 0)


@given(SPANS)
def test_joined_spans_have_each_second_once(spans: list[tuple[int, int]]) -> None:
    seconds = Counter(second for span in joined(spans) for second in range(*span))

    assert set(seconds) == {second for span in spans for second in range(*span)}
    assert set(seconds.values()) <= {1}


@given(SPANS)
def test_what_is_left_of_a_whole_is_what_no_span_has(spans: list[tuple[int, int]]) -> None:
    left = [second for span in but((5, 25), spans) for second in range(*span)]

    gone = {second for span in spans for second in range(*span)}
    assert left == sorted(set(range(5, 25)) - gone)


def test_lines_without_a_time_of_their_own_are_one_if_they_were_read_about_the_same_time() -> None:
    piece = Piece(100, 160, slack=30)
    held = Held(piece)
    held.take(Lines((line(75, "a"), line(101, "b"), line(189, "c"), line(190, "d")), source="h1"))
    asked = Lines((line(100, "a"), line(130, "b"), line(159, "c"), line(159, "d")), source="h1")

    assert [one.fields[0][1] for one in held.lacks(asked).lines] == ["d"]


def test_a_line_that_was_written_twice_is_two_lines_also_without_a_time_of_its_own() -> None:
    held = Held(Piece(100, 160, slack=30))
    held.take(Lines((line(101, "same"), line(140, "same")), source="h1"))
    asked = Lines(tuple(line(at, "same") for at in (102, 103, 159)), source="h1")

    assert len(held.lacks(asked).lines) == 1
