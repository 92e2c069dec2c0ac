"""What is hidden of a line before people see it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.proof.masked import HIDDEN, field, masked

WORDS = st.text("abc XYZ,;:[](){}\"'\n中", max_size=20)
HEX = st.text("0123456789abcdef", min_size=24, max_size=64)
PLAIN = st.text("abcdefghij0123456789", min_size=6, max_size=20)
SECRETS = st.one_of(
    HEX,
    PLAIN.map(lambda text: f"LTAI{text}"),
    PLAIN.map(lambda text: f"Bearer {text}"),
    PLAIN.map(lambda text: f"password={text}"),
    PLAIN.map(lambda text: f'"access_key_secret": "{text}"'),
    PLAIN.map(lambda text: f"{text}@example.com"),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True),
    st.from_regex(r"eyJ[A-Za-z0-9]{8}\.[A-Za-z0-9]{8}", fullmatch=True),
)


def bare(secret: str) -> str:
    """The part that must not be seen."""
    return secret.rsplit("=", 1)[-1].rsplit(": ", 1)[-1].removeprefix("Bearer ").strip('"')


@given(WORDS, SECRETS, WORDS)
def test_a_secret_is_hidden_wherever_it_stands(before: str, secret: str, after: str) -> None:
    shown = masked(f"{before} {secret} {after}")

    assert bare(secret) not in shown
    assert HIDDEN in shown


@given(WORDS, SECRETS, WORDS)
def test_what_is_masked_stays_as_it_is(before: str, secret: str, after: str) -> None:
    once = masked(f"{before} {secret} {after}")

    assert masked(once) == once


@given(st.text())
def test_any_text_can_be_masked(text: str) -> None:
    assert isinstance(masked(text), str)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /cart?id=7&token=a1b2 200", "GET /cart?id=7&token=*** 200"),
        ("redis://user:pw@h:6379/0", "redis://***@h:6379/0"),
        ('{"pwd": "a \\" b", "n": 1}', '{"pwd": ***, "n": 1}'),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("密码：abc123", "密码：***"),
        ("paid 13.50 at 10:00:01", "paid 13.50 at 10:00:01"),
        ("order 12345 took 17 ms", "order 12345 took 17 ms"),
        ("call 138-1234-5678 now", "call *** now"),
        ("card 6222 0212 3456 7890", "card ***"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "***"),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_a_field_that_is_called_a_secret_shows_nothing() -> None:
    assert field("api_key", "x") == "api_key=***"
    assert field("status", "200") == "status=200"


def test_of_a_long_value_the_beginning_is_shown_and_no_secret_that_the_cut_would_bare() -> None:
    shown = field("content", f"{'begin ' * 162}card 6222021234567890 {'x' * 10**6}")

    assert shown.startswith("content=begin begin")
    assert len(shown) < 1000
    assert "6222" not in shown
