"""The card in the approver's hand: how old its evidence is, before the click and after it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers.cards import card, decided
from tests.unit.chat_kit import ALICE, AT, BOB, WORKFLOW, accept, event, hosts, job, read
from tests.unit.evidence_kit import compared
from workflows.evidence import in_full
from workflows.model import Event, EventKind, Evidence, Job

FACTS: dict[str, Any] = {
    "verdict": "equal",
    "comparison": compared(32, hosts=4, doubled=3, restarts=3).facts,
    "hosts": ["h1", "h2", "h3", "h4"],
    "idle": ["h5"],
    "expected": ["h1", "h2", "h3", "h4", "h5"],
}
PROVEN = in_full(Evidence("equal: 3,200 = 3,200 lines", facts=FACTS), ["h7"])
ASKED = event(
    EventKind.ASKED, "go?", text=PROVEN.text, lines=("detach it",), shown="d1", facts=FACTS
)


def waiting(fresh: float = 900.0) -> Job:
    return job().noted("go?", before={"shown": "d1", "fresh": fresh})


def click(after: float, kind: EventKind = EventKind.APPROVED, text: str = "") -> Event:
    return replace(event(kind, "go?", who=BOB, text=text), at=AT + after)


def test_a_card_says_what_was_compared_of_whom_and_what_is_missing() -> None:
    shown = read(card(ASKED, waiting(), WORKFLOW, {ALICE, BOB})).splitlines()

    assert shown[:9] == [
        "Stop the source?",
        "1. detach it",
        "Evidence",
        "equal: both sides hold the same lines",
        "Lines: source 3,200 = target 3,200 in 32 minutes, 2023-11-14 22:14 to 22:46 UTC",
        "Hosts: 4 of 5 compared; idle h5; left out h7",
        "Missing: none",
        "Doubled in the target: 3 (3 as an agent began anew); repeated in the source: 0; late: 0",
        "Not counted: 0 lines from before the target's start, 0 of other hosts",
    ]


def test_a_card_says_until_when_its_evidence_is_fresh() -> None:
    shown = read(card(ASKED, waiting(), WORKFLOW, {ALICE, BOB}))

    assert (
        "Evidence of 2023-11-14 22:13 UTC, fresh until 2023-11-14 22:28 UTC; "
        "it is proven again at the click."
    ) in shown


def test_the_card_of_an_older_version_says_nothing_of_its_age() -> None:
    assert "fresh until" not in read(card(ASKED, job(), WORKFLOW))
    assert "stale" not in read(decided(ASKED, click(9e6), job(), WORKFLOW))


def test_a_consent_that_comes_late_says_how_old_its_evidence_was() -> None:
    late = read(decided(ASKED, click(2700), waiting(), WORKFLOW))

    assert late.endswith(
        "✔ Approved by @bob 2023-11-14 22:58 UTC; "
        "the evidence was stale, 45 min old, and is proven again before the act"
    )
    assert "stale" not in read(decided(ASKED, click(900), waiting(), WORKFLOW))


def test_a_void_says_what_changed_and_not_how_old_it_was() -> None:
    void = click(2700, EventKind.VOID, "the evidence is not what was shown: before “a”, now “b”")
    shown = read(decided(ASKED, void, waiting(), WORKFLOW))

    assert "the evidence is not what was shown: before “a”, now “b”" in shown
    assert "stale" not in shown


def test_slack_takes_the_card_of_a_thousand_hosts() -> None:
    names = [f"web-frontend-{n:04}.example.internal" for n in range(1000)]
    facts = {**FACTS, "hosts": [], "idle": names[:500], "expected": names}
    proven = in_full(Evidence("equal", hosts(1000), facts), names)
    worst = replace(ASKED, text=proven.text, hosts=proven.hosts, facts=facts)

    accept(card(worst, waiting(), WORKFLOW, [f"U{n:08}" for n in range(1000)]))
    accept(decided(worst, click(9e6, text="x" * 9999), waiting(), WORKFLOW))
