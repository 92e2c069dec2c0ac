"""What a plan says, and its digest: the same for the same state, another for every change."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes import FakeClock
from workflows.apps import App, Side, Waits
from workflows.errors import Blocked, NotYet, StepFailed, StoreAway, Unavailable
from workflows.model import Evidence, Facts, Plan
from workflows.planning import Drawn, draw
from workflows.step import Approval, Context, Step, Workflow

SIDE = Side("p", "l", "c", "g")
NO_PORT: Any = None  # none is asked: these rows have nothing to do with the world
CONTEXT = Context(
    App("app-b", "app-b", SIDE, SIDE, ()), Waits(), NO_PORT, NO_PORT, NO_PORT, FakeClock()
)
SEEN: Facts = {
    "at": 1_700_000_000.0,
    "found": {"config": {"key": ["a"], "createTime": 1, "regex": "10 lines", "ttl": 30}},
    "findings": [{"path": "regex", "text": "98 of 100 lines match"}],
}
LINES = ("Look: config a, heartbeat 4 s ago", "Create: create app-b")


def step(name: str, check: Any, verify: Any = None, *, looks: bool = False) -> Step:
    def looked(context: Context) -> Facts:
        return _met(check)

    def verified(context: Context, before: Facts) -> Evidence:
        return Evidence(_met(verify))

    return Step(
        name=name, title=name.capitalize(), check=looked, verify=verified, looks=looks,
        do=_never, undo=_never, would=lambda context, before: f"make {name}",
    )  # fmt: skip


def _met(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


def _never(context: Context, before: Facts) -> Any:
    raise AssertionError("a plan changes nothing")


def lines(*rows: Step | Approval) -> tuple[str, ...]:
    return draw(Workflow("toy", rows), CONTEXT).lines


def question(show: Any, *, needed: bool = True) -> Approval:
    return Approval(
        name="keep?", title="Keep it?", show=lambda context: Plan(_met(show)),
        green=lambda context: Evidence(""), needed=lambda context: needed,
    )  # fmt: skip


def test_what_is_in_the_way_is_told_line_by_line_with_the_way_out_of_a_plan() -> None:
    errors = Blocked(
        "2 errors:\none\nother", "Repair it, then Retry.\nOr Roll back, and start again."
    )

    assert lines(step("one", errors)) == (
        "One: in the way: 2 errors:\none\nother\nRepair it, then plan again.\nOr plan again.",
    )
    assert lines(step("one", Blocked("it differs", "Make it equal and Retry; or Roll back."))) == (
        "One: in the way: it differs. Make it equal and plan again.",
    )


def test_a_row_is_so_already_or_would_do_something_or_is_in_the_way() -> None:
    rows = (
        step("one", {}, "one is there"),
        step("two", {}, NotYet("not there")),
        step("three", Blocked("it differs", "Rename it.")),
        step("four", {}, "saw it", looks=True),
    )

    assert lines(*rows) == (
        "One: already so, one is there",
        "Two: make two",
        "Three: in the way: it differs. Rename it.",
        "Four: saw it",
    )


def test_a_question_says_to_what_people_would_agree() -> None:
    asked = "Keep it? An approver other than the requester decides."

    assert lines(question(("ttl: 30 is wanted, there is 7", "it stays"))) == (
        f"{asked}\nttl: 30 is wanted, there is 7\nit stays",
    )
    assert lines(question(StepFailed("cannot be told yet"))) == (asked,)
    assert lines(step("one", {}, "x; it stays", looks=True), question(("it stays", "y")))[1] == (
        f"{asked}\ny"
    )
    assert lines(question((), needed=False)) == ("Keep it? Not needed.",)


def test_where_the_first_look_fails_the_rest_has_nothing_to_go_by() -> None:
    first = step("source", Blocked("no such logstore", "Correct it."), looks=True)

    assert lines(first, step("two", AssertionError()), question(AssertionError())) == (
        "Source: in the way: no such logstore. Correct it.",
        "Two: not looked at before that",
        "Keep it: not looked at before that",
    )


def test_a_later_row_in_the_way_does_not_hide_the_others() -> None:
    found = lines(
        step("one", {}, "x", looks=True), step("two", Blocked("no")), step("three", {}, "y")
    )

    assert [line.split(":")[0] for line in found] == ["One", "Two", "Three"]


@pytest.mark.parametrize("away", [Unavailable("no answer"), StoreAway("no Redis")])
def test_a_service_that_does_not_answer_is_no_finding_of_the_plan(away: Exception) -> None:
    with pytest.raises(type(away)):
        lines(step("one", away))
    with pytest.raises(type(away)):
        lines(step("one", {}, away))
    with pytest.raises(type(away)):
        lines(question(away))


def test_later_rows_build_upon_what_earlier_ones_saw() -> None:
    second = step("two", {}, NotYet(""))
    told = replace(second, would=lambda context, before: str(context.known["one"]))

    assert lines(step("one", {"roster": 3}, "x"), told)[1] == "Two: {'roster': 3}"


def digest(seen: Facts = SEEN, said: tuple[str, ...] = LINES) -> str:
    return Drawn(said, {"source": seen}).digest


def test_the_digest_is_the_same_however_late_one_looks_and_however_much_is_written() -> None:
    later = copy.deepcopy(SEEN)
    later["at"] += 100.0
    later["found"]["config"]["createTime"] = 2
    later["findings"][0]["text"] = "100 of 100 lines match"
    said = ("Look: config a, heartbeat 17 s ago", LINES[1])

    assert digest(later, said) == digest()
    assert len(digest()) == 12


def _edit(path: tuple[Any, ...], value: Any) -> Callable[[Facts], None]:
    def edit(seen: Facts) -> None:
        inner: Any = seen
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value

    return edit


@pytest.mark.parametrize(
    "edit",
    [
        _edit(("found", "config", "key"), ["b"]),
        _edit(("found", "config", "key"), ["a", "b"]),
        _edit(("found", "config", "regex"), "11 lines"),
        _edit(("found", "config", "ttl"), 31),
        _edit(("found", "config", "ttl"), "30"),
        _edit(("found", "config", "new"), None),
        _edit(("found", "config", "at"), 1),
        _edit(("findings", 0, "path"), "key"),
        _edit(("findings", 0, "text"), "no line matches"),
        _edit(("findings",), []),
    ],
)
def test_a_changed_field_makes_another_digest(edit: Callable[[Facts], None]) -> None:
    seen = copy.deepcopy(SEEN)
    edit(seen)

    assert digest(seen) != digest()


def test_another_word_in_a_line_makes_another_digest() -> None:
    assert digest(said=(LINES[0], "Create: create app-c")) != digest()
    assert digest(said=LINES[:1]) != digest()


def test_the_order_in_which_fields_are_read_means_nothing() -> None:
    turned = dict(reversed(SEEN.items()))

    assert digest(turned) == digest()
