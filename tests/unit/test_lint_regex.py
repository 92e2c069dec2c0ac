"""Regexes as the agent reads them: what is broken, what is not known, what they match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.lint.regex.judged import judged

MATCHES = [
    ("[[:alpha:]]+", "abc", "ab1"),
    ("[[:^digit:]x]", "x", "1"),
    (r"[^[:space:]]+\z", "a-b", "a b"),
    (r"\<cat\>", "cat", "cats"),
    (r"\Qa.b\E+", "a.bbb", "axb"),
    (r"(?<word>\w)\k<word>", "aa", "ab"),
    (r"(a)(b)\g{-1}", "abb", "aba"),
    (r"(?i)ab", "AB", "A-"),
    (r"a(?i)b|c", "C", "A"),
    (r"a(?i:b)c", "aBc", "aBC"),
    (r"(?x) a b # words", "ab", "a b"),
    (r"a.b", "a\nb", "ab"),
    (r"(?-s)a.b", "a-b", "a\nb"),
    (r"\x41\x{4e2d}", "A中", "A-"),
    ("[一-龥]+", "订单", "ab"),
    ("[]a]+", "]a", "b"),
    ("[+-]", "-", "*"),
    (r"[\]\-&&||~~]+", "]-&|~", "a"),
    ('{"a":(\\d+)}', '{"a":7}', '{"a":x}'),
    ("a{,2}", "a{,2}", "aa"),
    ("a++b", "aab", "b"),
    ("(?>a+)b", "aab", "b"),
    (r"\h\v", "\t\n", "\n\t"),
    (r"\R", "\r\n", "a"),
    (r"\p{alpha}\P{digit}", "ab", "a1"),
    (r"\_\:\/", "_:/", "_"),
    (r"[\u4e00-\u9fa5]", "A", "~"),
    (r"[+-\d]", "a", "e"),
    (r"(a)\10", "aa0", "aa"),
]


@pytest.mark.parametrize(("regex", "fits", "fails"), MATCHES)
def test_a_regex_matches_as_in_the_agent(regex: str, fits: str, fails: str) -> None:
    known = judged(regex)

    assert (known.broken, known.matches(fits), known.matches(fails)) == ("", True, False)


@pytest.mark.parametrize(
    ("regex", "says"),
    [
        ("(a", "`(` at character 1 is never closed"),
        ("a)", "`)` at character 2 closes nothing"),
        ("x[a", "`[` at character 2 is never closed"),
        ("a\\", "ends in a backslash"),
        ("a|*b", "`*` at character 3 has nothing to repeat"),
        ("^+", "has nothing to repeat"),
        ("a{3,1}", "runs backwards"),
        ("[z-a]", "`z-a` before character 5 runs backwards"),
        ("[[:letter:]]", "`[:letter:]` at character 2 is no class"),
        (r"(a)\2", r"`\2` names a group that is not there"),
        (r"\k<no>", "names no group"),
        (r"\x{zz}", "has no hexadecimal number"),
        ("(?<=a+)b", "no fixed length"),
        ("(?<name", "has no `>`"),
    ],
)
def test_what_no_agent_can_read_is_broken_and_says_where(regex: str, says: str) -> None:
    assert says in judged(regex).broken


@pytest.mark.parametrize(
    "regex",
    [
        "(?|a|b)",
        "(?R)",
        "(?(1)a)",
        "a**",
        r"\X",
        "(*FAIL)",
        r"\p{Han}",
        "[[:<:]]a",
        "[!-[:digit:]]",
        "a{5000}",
        "(" * 40,
        "a" * 5000,
    ],
)
def test_what_is_not_understood_here_is_a_doubt_and_never_called_broken(regex: str) -> None:
    known = judged(regex)

    assert known.doubts
    assert (known.broken, known.matches("a")) == ("", None)


def test_a_dash_between_others_in_brackets_is_a_doubt_but_can_be_tried() -> None:
    known = judged(r"[\w-.]+")

    assert "boost refuses" in known.doubts[0]
    assert known.matches("a-b.c") is True


def test_groups_are_counted_without_those_that_do_not_capture() -> None:
    assert judged(r"(a)(?:b)(?<n>c)(?=(d))\(").groups == 3


PLAIN = st.text(alphabet="ab01 .*+?|()[]{}^$\\-,:dws", max_size=12)


@settings(max_examples=300, deadline=None)
@given(PLAIN, st.text(alphabet="ab01 -:", max_size=6))
def test_where_both_can_read_a_regex_it_means_what_python_means_by_it(
    regex: str, text: str
) -> None:
    known = judged(regex)
    try:
        theirs = re.compile(regex, re.ASCII | re.DOTALL | re.MULTILINE)
    except (re.error, FutureWarning):
        return

    if known.pattern and "[[:" not in regex:
        assert bool(known.pattern.fullmatch(text)) == bool(theirs.fullmatch(text))
    elif known.broken:
        assert "nothing to repeat" in known.broken  # ^* is fine for Python


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_judged_without_an_exception(regex: str) -> None:
    known = judged(regex)

    assert known.broken or known.doubts or known.pattern
