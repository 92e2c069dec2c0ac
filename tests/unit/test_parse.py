"""What somebody typed, and what was understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.parse import parse
from handlers.requests import (
    Cancel,
    Diagnose,
    Help,
    LeaveOut,
    List,
    Plan,
    Request,
    RollBack,
    Start,
    Status,
    Unknown,
    as_typed,
)
from handlers.words import nearest

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
        ("diagnose app-b", Diagnose("app-b")),
        ("diagnose app-b h7", Diagnose("app-b", ("h7",))),
        ("diagnose app-b h7,h9", Diagnose("app-b", ("h7", "h9"))),
        ("without app-b h7,h9", LeaveOut("app-b", ("h7", "h9"))),
        ("without 7Q2 h7", LeaveOut("7Q2", ("h7",))),
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


@pytest.mark.parametrize(
    "text",
    [
        "start app-b --without h7,h9",
        "start app-b --without=h7,h9",
        "start app-b --without h7, h9",
        "start app-b --without h7 ,h9,",
        "start app-b --without h7 h9",
        "start app-b --without h7 --without h9",
        "start app-b --without h7,h9,h7",
        "start app-b \u2014without h7,h9",
        "start app-b \u2014without=h7,h9",
        "start app-b \u2014 without h7,h9",
        "start app-b -- without h7,h9",
        "start app-b \u2013without h7,h9",
        "start app-b --WITHOUT h7,h9",
        "start App-B --without “h7, h9”",
        "start app-b --without `h7`, `h9`",
    ],
)
def test_hosts_are_left_out_however_it_is_written(text: str) -> None:
    assert parse(text, APPS) == Start("app-b", ("h7", "h9"))
    assert parse(text.replace("start", "plan"), APPS) == Plan("app-b", ("h7", "h9"))


def test_a_host_that_slack_took_for_an_address_is_its_name_again() -> None:
    linked = "<http://h7.example.com|h7.example.com>,<http://10.0.0.9|10.0.0.9>"

    found = parse(f"start app-b --without {linked}", APPS)

    assert found == Start("app-b", ("h7.example.com", "10.0.0.9"))


@pytest.mark.parametrize(
    ("text", "why", "meant"),
    [
        (
            "start app-b --witout h7,h9",
            "There is no option “--witout”, only --without h7,h9 and --stop-first.",
            "/logmigrate start app-b --without h7,h9",
        ),
        ("start app-b --now", "There is no option “--now”", "/logmigrate start app-b"),
        ("status app-b --without h7", "“status” takes no option.", "/logmigrate status app-b"),
        (
            "without app-b --hosts h7",
            "“without” takes no option.",
            "/logmigrate without app-b h7",
        ),
        (
            "diagnose app-b --host=h7",
            "“diagnose” takes no option.",
            "/logmigrate diagnose app-b h7",
        ),
        ("start app-b --without", "“--without” needs the names of hosts: ", ""),
        ("start app-b --without ,", "“--without” needs the names of hosts: ", ""),
        ("without app-b", "“without” needs the names of hosts: ", ""),
        ("without", "“without” needs the name of an app.", ""),
        ("start --without h7", "“start” needs the name of an app.", ""),
        ("start app-x --without h7", "There is no app", "/logmigrate start app-b --without h7"),
        ("diagnose ap-b h7", "There is no app", "/logmigrate diagnose app-b h7"),
    ],
)
def test_hosts_that_are_not_understood_are_asked_back(text: str, why: str, meant: str) -> None:
    found = parse(text, APPS)

    assert isinstance(found, Unknown)
    assert found.why.startswith(why)
    assert found.meant == meant


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

    assert not isinstance(found, Start | Plan | Diagnose) or found.app in apps


@given(st.text(max_size=12))
def test_the_nearest_name_is_a_known_one(name: str) -> None:
    assert nearest(name, APPS) in {"", *APPS}


def test_stopping_first_is_asked_for_by_name() -> None:
    assert parse("start app-b --stop-first", APPS) == Start("app-b", stop_first=True)
    assert parse("plan app-b --stop-first --without h7", APPS) == Plan(
        "app-b", ("h7",), stop_first=True
    )
    assert as_typed(Start("app-b", ("h7",), stop_first=True)) == (
        "/logmigrate start app-b --stop-first --without h7"
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("start app-b --stop-first h7", "/logmigrate start app-b --stop-first"),
        ("start app-x --stop-first", "/logmigrate start app-b --stop-first"),
    ],
)
def test_stopping_first_misspelt_is_asked_back(text: str, meant: str) -> None:
    found = parse(text, APPS)

    assert isinstance(found, Unknown)
    assert found.meant == meant
