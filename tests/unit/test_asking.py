"""A card's button stands for what was shown: the plan, and the evidence in the approver's hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.unit.evidence_kit import START, compared
from tests.unit.test_engine import Toy
from workflows.errors import NotYet, Refused, StepFailed
from workflows.evidence import digest, in_full, plan_changed, substance_changed
from workflows.model import Event, EventKind, Evidence, JobState, Plan, Record, RecordState
from workflows.step import Approval, Workflow

FACTS: dict[str, Any] = {
    "verdict": "equal",
    "comparison": compared(3).facts,
    "hosts": ["h1"],
    "idle": ["h2"],
    "expected": ["h1", "h2"],
}
SHOWN = Evidence("equal: 300 lines", (), FACTS, ("verdict: equal", "hosts compared: h1"))


@dataclass
class Proven(Toy):
    """Its approval has figures, which grow at every look, and sentences, which do not."""

    evidence: Evidence = SHOWN
    looks: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        first, question, second = self.workflow.steps
        assert isinstance(question, Approval)
        proven = replace(question, green=lambda _: self.met("green", self.grown()))
        self.workflow = Workflow("toy", (first, proven, second))
        self.service = replace(self.service, workflow=self.workflow)
        self.engine = replace(self.engine, workflow=self.workflow)

    def grown(self) -> Evidence:
        self.looks += 1
        facts = {**self.evidence.facts, "at": self.looks}
        return replace(self.evidence, text=f"equal: look {self.looks}", facts=facts)

    def told(self, kind: EventKind) -> list[Event]:
        return [event for event in self.store.told["J1"] if event.kind is kind]


def asked(**given: Any) -> Proven:
    """Its card is out."""
    toy = Proven(**given)
    toy.start().run()
    return toy


def test_a_card_stands_for_its_plan_and_its_evidence() -> None:
    plan = Plan(("detach",))
    others = [
        digest(Plan(("detach", "delete")), SHOWN),
        digest(plan, replace(SHOWN, text="equal: 301 lines")),
        digest(plan, replace(SHOWN, facts={**FACTS, "idle": []})),
        digest(plan, replace(SHOWN, substance=())),
    ]

    assert digest(plan, SHOWN) == digest(Plan(("detach",)), replace(SHOWN, facts={**FACTS}))
    assert digest(plan, SHOWN) not in others
    assert len(set(others)) == 4


def test_the_job_keeps_what_the_card_showed() -> None:
    toy = asked()
    record, (card,) = toy.job.record("go?"), toy.told(EventKind.ASKED)

    assert record.before["plan"] == ["turn the second switch"]
    assert card.facts == {**FACTS, "at": 1}
    assert record.before["substance"] == ["verdict: equal", "hosts compared: h1"]
    assert record.before["fresh"] == 900.0
    assert record.before["at"] == card.at
    assert record.before["shown"] == record.shown == card.shown
    assert record.note == "equal: look 1"
    assert card.text.splitlines()[:2] == [
        "equal: both sides hold the same lines",
        "Lines: source 300 = target 300 in 3 minutes, 2023-11-14 22:14 to 22:17 UTC",
    ]


def test_counts_may_have_grown_at_the_click() -> None:
    toy = asked()
    toy.approve()
    toy.run()

    assert toy.job.state is JobState.SUCCEEDED
    assert toy.job.record("go?").before["proven"]["text"] == "equal: look 2"


def test_what_was_proven_at_the_click_stands_in_the_event_of_what_was_done_upon_it() -> None:
    toy = asked()
    toy.approve()
    toy.run()
    first, second = (event.facts for event in toy.told(EventKind.DONE))

    assert "proven" not in first
    assert second["proven"] == {"step": "go?", **toy.job.record("go?").before["proven"]}


def test_the_button_of_an_older_card_does_not_count_though_the_plan_is_the_same() -> None:
    toy = asked()
    older = toy.job.record("go?").shown
    toy.service.decline("J1", "go?", older, "UBOB")
    toy.service.retry("J1", "UALICE")
    toy.run()

    assert toy.job.record("go?").before["plan"] == ["turn the second switch"]
    with pytest.raises(Refused, match="out of date"):
        toy.service.approve("J1", "go?", older, "UBOB")


def test_evidence_that_says_something_else_voids_the_approval_and_says_what() -> None:
    toy = asked()
    toy.approve()
    toy.evidence = replace(SHOWN, substance=("verdict: equal", "hosts compared: h1, h2"))
    toy.run()
    (void,) = toy.told(EventKind.VOID)

    assert void.text == (
        "the evidence is not what was shown: "
        "before “hosts compared: h1”, now “hosts compared: h1, h2”"
    )
    assert toy.switches["second"] is False
    assert toy.job.state is JobState.WAITING
    assert toy.job.record("go?").before["substance"][1] == "hosts compared: h1, h2"


def test_a_plan_that_differs_voids_the_approval_and_says_which_lines() -> None:
    toy = asked(plan=("detach a", "detach b", "watch"))
    toy.approve()
    toy.plan = ("detach b", "watch", "detach c")
    toy.run()
    (void,) = toy.told(EventKind.VOID)

    assert void.text == (
        "the plan is no longer the one that was shown: gone is “detach a”; new is “detach c”"
    )
    assert toy.switches["second"] is False


def test_red_evidence_voids_the_approval_with_its_reason() -> None:
    toy = asked()
    toy.approve()
    toy.trouble["green"] = StepFailed("different: h2 lacks 3 lines")
    toy.run()

    assert [void.text for void in toy.told(EventKind.VOID)] == ["different: h2 lacks 3 lines"]
    assert toy.switches["second"] is False


def test_what_cannot_be_told_at_the_click_is_awaited_and_voids_when_patience_ends() -> None:
    toy = asked()
    toy.approve()
    toy.trouble["green"] = NotYet("inconclusive: no line of h2")
    toy.run()
    assert toy.job.record("go?").state is RecordState.AGREED
    toy.clock.tick(toy.waits.proof + 1)
    toy.run()
    (void,) = toy.told(EventKind.VOID)

    assert void.text.startswith("inconclusive: no line of h2, waited ")
    assert toy.switches["second"] is False


def test_a_click_while_it_was_open_counts_once_it_is_equal_again() -> None:
    toy = asked()
    toy.approve()
    toy.trouble["green"] = NotYet("inconclusive: no line of h2")
    toy.run()
    toy.trouble.clear()
    toy.run()

    assert toy.job.state is JobState.SUCCEEDED
    assert toy.told(EventKind.VOID) == []


def a_card(plan: list[str]) -> Record:
    return Record("go?", RecordState.AGREED, before={"shown": "d1", "plan": plan}, shown="d1")


def test_the_card_of_an_older_version_is_held_against_the_plan_it_was_named_by() -> None:
    older = Record("go?", RecordState.AGREED, shown=Plan(("detach",)).digest)

    assert plan_changed(older, Plan(("detach",))) == ""
    assert plan_changed(older, Plan(("delete",))) == (
        "the plan is no longer the one that was shown"
    )
    assert substance_changed(older, SHOWN) == ""


def test_lines_that_only_changed_places_are_told_so() -> None:
    record = a_card(["a", "b"])

    assert plan_changed(record, Plan(("b", "a"))).endswith("its lines stand in another order")
    assert plan_changed(record, Plan(("a", "b"))) == ""


def test_a_long_change_is_told_in_short() -> None:
    record = a_card(["x" * 500])
    told = plan_changed(record, Plan(tuple(f"detach {n}" for n in range(9))))

    assert "“" + "x" * 160 + "…”" in told
    assert "“detach 0”, “detach 1”, “detach 2” and 6 more" in told


def test_a_line_that_stands_twice_and_once_no_more_is_noticed() -> None:
    record = a_card(["a", "a"])

    assert plan_changed(record, Plan(("a",))).endswith("gone is “a”")


def test_the_totals_name_who_is_covered_idle_left_out_and_missing() -> None:
    found = compared(3, overlap=4096, doubled=7, restarts=5, repeated=2, late=1, strange=3)
    names = [f"h{n:02}" for n in range(30)]
    facts = {**FACTS, "comparison": found.facts, "expected": ["h1", "h2", *names]}
    told = in_full(replace(SHOWN, facts=facts), ["h7"]).text.splitlines()

    assert told == [
        "equal: both sides hold the same lines",
        "Lines: source 300 = target 300 in 3 minutes, 2023-11-14 22:14 to 22:17 UTC",
        "Hosts: 1 of 32 compared; idle h2; left out h7",
        "Missing: h00, h01, h02, h03, h04, h05, h06, h07, h08, h09 and 20 more",
        "Doubled in the target: 7 (5 as an agent began anew); repeated in the source: 2; late: 1",
        "Not counted: 4,096 lines from before the target's start, 3 of other hosts",
        "Compared by reading every line of both sides",
    ]


def test_a_comparison_over_midnight_names_both_days() -> None:
    found = compared(3, end=START + 7200)
    told = in_full(replace(SHOWN, facts={**FACTS, "comparison": found.facts}), ()).text

    assert "2023-11-14 22:14 to 2023-11-15 00:14 UTC" in told


def test_a_comparison_of_seconds_names_them() -> None:
    found = compared(3, end=START + 14)
    told = in_full(replace(SHOWN, facts={**FACTS, "comparison": found.facts}), ()).text

    assert "2023-11-14 22:14:00 to 22:14:14 UTC" in told


def test_evidence_without_a_comparison_stays_as_it_is() -> None:
    bare = Evidence("the logstore is empty")

    assert in_full(bare, ["h7"]) == bare
