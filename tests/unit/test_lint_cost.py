"""How the time of a match grows: told from the regex alone, and in bounded steps."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.lint.regex import chars
from workflows.lint.regex import cost as costs
from workflows.lint.regex.automaton import Automaton, automaton
from workflows.lint.regex.cost import Cost, cost
from workflows.lint.regex.graph import Steps, TooMuch, knots
from workflows.lint.regex.read import read
from workflows.lint.regex.source import Unread

ACCESS = r'(\S+) - (\S+) \[([^\]]+)\] "(\w+) ([^"]*)" (\d+) (\d+) "([^"]*)" "([^"]*)".*'


def told(regex: str) -> Cost:
    return cost(regex, read(regex).root)


@pytest.mark.parametrize(
    ("regex", "part"),
    [
        ("(a+)+b", "`a+` at character 2"),
        ("(a*)*b", "`a*` at character 2"),
        ("(a|a)*b", "`(a|a)*` at character 1"),
        ("x(a|b|ab)*c", "`(a|b|ab)*` at character 2"),
        (r"(\w+\s?)*:", r"`(\w+\s?)*` at character 1"),
        (r"(\s*\S+\s*)*;", r"`(\s*\S+\s*)*` at character 1"),
        ("(a?b?)*c", "`(a?b?)*` at character 1"),
        ("(x(y*|z*)w)*q", "`(x(y*|z*)w)*` at character 1"),
        ("(?=(a+)+b).*", "`a+` at character 5"),
        ("(a{1,20}){1,20}b", "`a{1,20}` at character 2"),
        ("(?i)(a|A)*b", "`(a|A)*` at character 5"),
        ("((a?)+b)+c", "`((a?)+b)+` at character 1"),
        ("(a?){500}b", "`(a?){500}` at character 1"),
        ("(a|a){30}b", "`(a|a){30}` at character 1"),
    ],
)
def test_an_exponential_regex_is_told_with_the_part_that_makes_it_so(regex: str, part: str) -> None:
    found = told(regex)

    assert (found.degree, found.felt, found.blame) == (None, None, (part,))


@pytest.mark.parametrize(
    "regex",
    [
        ACCESS,
        r"(\d+-\d+-\d+ \d+:\d+:\d+),(\d+) (\w+) (\S+) (.*)",
        r"(?:\w+\s)*x",
        r"(\d{1,3}\.){3}\d{1,3}",
        "([^,]*,){10}[^,]*",
        "(a{32})*b",
        "([0-9a-f]{2}:){12}x",
        "(?>a+)+b",
        "(a++)+b",
        "(一|二)*三",
        r"\[(.*?)\] \[(.*?)\] (.*)",
        "(.*) (.*) (.*)",
        "(a+)+.*",
    ],
)
def test_a_regex_of_which_no_line_is_tried_again_and_again_is_left_alone(regex: str) -> None:
    assert told(regex).felt == 1


@pytest.mark.parametrize(
    ("regex", "power"),
    [(".*.*x", 2), ("(.*)-(.*) END (.*)", 2), (r"(.*)(\d+)(.*)x", 3), ("a*a*a*a*b", 4)],
)
def test_a_slow_regex_is_told_with_the_power_and_the_parts(regex: str, power: int) -> None:
    found = told(regex)

    assert found.felt == power
    assert len(found.blame) == 2


def test_steps_are_bounded_whatever_the_regex_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "MOST_STEPS", 1000)

    with pytest.raises(Unread, match="too many ways"):
        told("(" + "|".join(f"{letter}{letter}*b*" for letter in "abcdefghij" * 3) + ")*z")


@pytest.mark.parametrize(
    "regex", ["((((((a{6}){6}){6}){6}){6}){6})", "(?:" * 12 + "()" + "{6})" * 12, "a{1,5}" * 99]
)
def test_a_regex_that_grows_too_large_when_written_out_is_said_to_be_so(regex: str) -> None:
    with pytest.raises(Unread, match="it has more than"):
        told(regex)


def test_a_regex_that_leaves_too_many_choices_open_is_said_to_do_so() -> None:
    with pytest.raises(Unread, match="too many choices"):
        told("a?" * 30 + "a" * 30)
    with pytest.raises(Unread, match="too many choices"):
        told("(((a?)?){6}){6}b")
    with pytest.raises(Unread, match="a repetition of nothing at character 1"):
        told("((^)?)*b")


def test_a_knot_is_what_reaches_each_other() -> None:
    ways = {1: [2], 2: [3, 4], 3: [1], 4: [5], 5: []}

    assert [sorted(knot) for knot in knots(ways, ways.__getitem__, Steps(100))] == [
        [5],
        [4],
        [1, 2, 3],
    ]
    with pytest.raises(TooMuch):
        knots(ways, ways.__getitem__, Steps(3))


LEAVES = st.sampled_from(["a", "b", ".", "a?", "[ab]"])
REGEXES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda both: f"(?:{both[0]}|{both[1]})"),
        st.tuples(inner, st.sampled_from("*+?")).map(lambda both: f"(?:{both[0]}){both[1]}"),
    ),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None)
@given(REGEXES)
def test_the_verdict_agrees_with_counting_the_ways_of_every_text(regex: str) -> None:
    degree = told(regex).degree
    some, many = most_ways(regex, (6, 9))

    assert (some == many) == (degree == 1)


def most_ways(regex: str, lengths: tuple[int, ...]) -> list[int]:
    """On how many ways the most ambiguous text of each length leads from one place to another."""
    made = automaton(read(regex).root)
    places = range(len(made.masks))
    rows = {tuple(tuple(int(p == q) for q in places) for p in places)}
    most = []
    for _ in range(max(lengths)):
        rows = {_stepped(made, row, chars.bit(letter)) for row in rows for letter in "ab"}
        most.append(max(ways for row in rows for one in row for ways in one))
    return [most[length - 1] for length in lengths]


def _stepped(
    made: Automaton, row: tuple[tuple[int, ...], ...], bit: int
) -> tuple[tuple[int, ...], ...]:
    """The ways after one more character."""
    to = [
        [made.follow[p].get(q, 0) if made.masks[q] & bit else 0 for q in range(len(row))]
        for p in range(len(row))
    ]
    return tuple(
        tuple(sum(ways * to[p][q] for p, ways in enumerate(one)) for q in range(len(row)))
        for one in row
    )
