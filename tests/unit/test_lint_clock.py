"""Times as the agent's own strptime reads them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.lint.clock import reads, unknown


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%Y-%m-%d %H:%M:%S", "2026-11-22 08:00:00"),
        ("%Y-%m-%d %H:%M:%S", "2026-11-22   08:00:00,123 and more"),
        ("%d/%b/%Y:%H:%M:%S", "22/Nov/2026:08:00:00 +0800"),
        ("%A, %B %e %Y %r", "Sunday, november 22 2026 08:00:00 AM"),
        ("%Y-%m-%dT%H:%M:%S.%f%z", "2026-11-22T08:00:00.123456+08:00"),
        ("%s", "1800000000123"),
        ("%c", "Sun Nov 22 08:00:00 2026"),
        ("%D %R", "11/22/26 08:00"),
        ("%F %T %Z", "2026-11-22 08:00:00 GMT"),
        ("%y%j", "26326"),
        ("%H%%%M", "8%05"),
        ("%Ey-%Om", "26-11"),
    ],
)
def test_a_time_of_its_format_is_read(form: str, text: str) -> None:
    assert reads(form, text)
    assert unknown(form) == ()


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%Y-%m-%d", "22/11/2026"),
        ("%H:%M:%S", "24:00:00"),
        ("%d", "32"),
        ("%b", "Nix"),
        ("%H:%M", "8"),
        ("%z", "+8"),
        ("%f", "x"),
        ("%I %p", "11 XM"),
        ("100%", "100"),
    ],
)
def test_what_is_no_time_of_the_format_is_not_read(form: str, text: str) -> None:
    assert not reads(form, text)


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ("%Y %Q %L %Q", ("%Q", "%L")),
        ("%s.%f", ("%s beside others",)),
        ("%", ("%",)),
        ("%EQ", ("%Q",)),
    ],
)
def test_directives_that_the_agent_does_not_know_are_named_once(
    form: str, names: tuple[str, ...]
) -> None:
    assert unknown(form) == names


@given(st.datetimes())
def test_whatever_python_writes_is_read_again(moment: datetime) -> None:
    for form in ("%Y-%m-%d %H:%M:%S.%f", "%d/%b/%y %I:%M:%S %p", "%a %B %d %j %U %w %Y"):
        assert reads(form, moment.strftime(form))


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_format_and_any_text_are_read_without_an_exception(form: str, text: str) -> None:
    assert reads(form, text) in (True, False)
    assert isinstance(unknown(form), tuple)
