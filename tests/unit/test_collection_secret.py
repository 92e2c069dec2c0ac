"""What is told of a config's JSON: all of it but passwords, keys and sample lines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.collection.secret import HIDDEN, hidden


@pytest.mark.parametrize(
    "field",
    ["Password", "password", "AccessKeySecret", "access_key", "SaslPassword", "Authorization",
     "token", "access_token", "authToken", "client_secret", "pwd", "PrivateKey", "logSample",
     "apikey", "X-Api-Key", "Auth", "Pass", "AuthPassphrase", "Community", "Cookie", "DataSource",
     "dsn", "Key", "IV", "DB_PASSWORD"],
)  # fmt: skip
def test_values_of_fields_that_speak_of_secrets_are_hidden(field: str) -> None:
    body = {"inputs": [{"detail": {field: "s3cret", "Host": "db"}}]}

    assert hidden(body) == {"inputs": [{"detail": {field: HIDDEN, "Host": "db"}}]}


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://me:s3cret@db:80/x", "http://***@db:80/x"),
        ("redis://me:s3@cret@db/0", "redis://***@db/0"),
        ("kafka://:s3cret@db", "kafka://***@db"),
        ("me:s3cret@tcp(db:3306)/shop", "me:***@tcp(db:3306)/shop"),
        ("me:s3@cr:et@(db)/shop", "me:***@(db)/shop"),
        ("https://db/x?access_token=s3cret&page=1", "https://db/x?access_token=***&page=1"),
        ("https://db:80/x?page=1@2", "https://db:80/x?page=1@2"),
        ("tcp://db:3306 and me@example.org", "tcp://db:3306 and me@example.org"),
    ],
)
def test_a_password_in_an_address_is_hidden(address: str, told: str) -> None:
    assert hidden({"Url": address, "All": [address]}) == {"Url": told, "All": [told]}


def test_what_lies_below_a_secret_name_is_secret() -> None:
    body = {"Passwords": ["a", "b"], "Credentials": {"user": "a", "deep": [{"value": "b"}]}}

    assert hidden(body) == {
        "Passwords": [HIDDEN, HIDDEN],
        "Credentials": {"user": HIDDEN, "deep": [{"value": HIDDEN}]},
    }


def test_json_within_a_string_is_looked_at_too() -> None:
    plugin = json.dumps({"inputs": [{"detail": {"Password": "s3cret", "路径": "/a"}}]})

    told = hidden({"plugin": plugin})["plugin"]

    assert json.loads(told) == {"inputs": [{"detail": {"Password": HIDDEN, "路径": "/a"}}]}


def test_separators_and_switches_are_no_secret() -> None:
    index = {"line": {"token": [",", " "]}, "EnablePassword": False, "Password": "", "Keys": ["a"]}

    assert hidden(index) == index


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_any_json_is_told_without_error_and_in_its_shape(body: Any) -> None:
    seen = hidden(body)

    assert type(seen) is type(body)
    if isinstance(body, dict):
        assert seen.keys() == body.keys()
