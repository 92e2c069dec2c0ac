"""What somebody typed, and what was understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.parse import (
    Cancel,
    Help,
    List,
    Plan,
    Request,
    RollBack,
    Start,
    Status,
    Unknown,
    nearest,
    parse,
)

APPS = ("app-b", "Billing", "web-shop")


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("start app-b", Start("app-b")),
        ("plan app-b", Plan("app-b")),
        ("status app-b", Status("app-b")),
        ("status 7Q2", Status("7Q2")),
        ("cancel 7q2", Cancel("7q2")),
        ("rollback app-b", RollBack("app-b")),
        ("roll back app-b", RollBack("app-b")),
        ("list", List()),
        ("status", List()),
        ("help", Help()),
        ("", Help()),
    ],
)
def test_each_verb_is_one_request(text: str, request_: Request) -> None:
    assert parse(text, APPS) == request_


@pytest.mark.parametrize(
    "text",
    [
        "  start \t app-b\n",
        "START App-B",
        "start <http://app-b|app-b>",
        "start <http://app-b>",
        "start <http://app-b.example|app-b>",
        "start “app-b”",
        "start `app-b`",
        "start *app-b*",
        "start app\u2013b",
        "start\u00a0app-b",
        "start \u200bapp-b\ufeff",
        "start <#C0123456|app-b>",
    ],
)
def test_what_editors_and_slack_do_to_the_words_is_undone(text: str) -> None:
    assert parse(text, APPS) == Start("app-b")


def test_an_app_keeps_its_own_capitals() -> None:
    assert parse("start BILLING", APPS) == Start("Billing")


def test_two_apps_that_differ_in_capitals_only_are_not_guessed_between() -> None:
    found = parse("start APP", ("app", "App"))

    assert isinstance(found, Unknown)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("strat app-b", "/logmigrate start app-b"),
        ("rolback app-b", "/logmigrate rollback app-b"),
        ("start app-bb", "/logmigrate start app-b"),
        ("start websop", "/logmigrate start web-shop"),
        ("start app-b now", "/logmigrate start app-b"),
        ("app-b", "/logmigrate status app-b"),
        ("list app-b", "/logmigrate list"),
    ],
)
def test_a_near_miss_is_asked_back(text: str, meant: str) -> None:
    found = parse(text, APPS)

    assert isinstance(found, Unknown)
    assert found.meant == meant


def test_a_verb_without_its_app_names_the_apps() -> None:
    found = parse("start", APPS)

    assert found == Unknown("“start” needs the name of an app. Apps: Billing, app-b, web-shop.")


def test_an_app_like_no_other_is_refused_without_a_guess() -> None:
    found = parse("start zzzzzz", APPS)

    assert isinstance(found, Unknown)
    assert found.meant == ""
    assert "“zzzzzz”" in found.why


def test_nonsense_is_help() -> None:
    assert parse("🦆🦆 quack <@U0ALICE001>", APPS) == Help()


@given(st.text(), st.lists(st.text(min_size=1), max_size=4))
def test_no_text_is_too_odd(text: str, apps: list[str]) -> None:
    found = parse(text, apps)

    assert not isinstance(found, Start | Plan) or found.app in apps


@given(st.text(max_size=12))
def test_the_nearest_name_is_a_known_one(name: str) -> None:
    assert nearest(name, APPS) in {"", *APPS}
