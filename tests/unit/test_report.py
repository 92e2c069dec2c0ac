"""The report of a job: everything that happened, drawn from its events, without secrets."""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape

from bot.report_page import page
from handlers.lines import line
from tests.unit.report_kit import AT, TITLES, Story, a_move, compared
from workflows.logmigrate import LOGMIGRATE
from workflows.model import Event, EventKind, JobKind, RecordState
from workflows.report.build import until


def test_a_report_has_all_events_with_their_links() -> None:
    story = a_move()
    found = story.report()

    assert [event["kind"] for event in found["events"]] == [event.kind for event in story.events]
    assert [event["link"] for event in found["events"]] == [event.link for event in story.events]
    assert found["chain"] == {"head": story.job.chain, "from": 1}


def test_what_the_checks_saw_is_in_no_report() -> None:
    assert "s3cret" not in json.dumps(a_move().report())


def test_a_row_tells_how_long_it_worked_and_how_long_people_were_waited_for() -> None:
    rows = {row["name"]: row for row in a_move().report()["rows"]}

    assert (rows["hosts"]["worked"], rows["hosts"]["waited"]) == (2, 0)
    assert (rows["identity"]["worked"], rows["identity"]["waited"]) == (15, 300)
    assert (rows["stop?"]["worked"], rows["stop?"]["waited"]) == (4, 600)
    assert (rows["proof"]["began"], rows["proof"]["ended"]) == (AT + 337, AT + 2137)


def test_an_approval_tells_what_was_shown_on_which_evidence_and_who_agreed() -> None:
    (asked,) = a_move().report()["approvals"]

    assert (asked["step"], asked["shown"]) == ("stop?", "0a1b2c")
    assert asked["lines"][0] == "remove config app-b"
    assert asked["facts"] == json.loads(json.dumps(compared()))
    assert [(one["kind"], one["who"]) for one in asked["decided"]] == [("approved", "U2")]


def test_an_approval_that_became_void_keeps_who_had_agreed() -> None:
    story = Story()
    story.tells(EventKind.ASKED, "stop?", lines=("one",), shown="a")
    story.tells(EventKind.APPROVED, "stop?", who="U2")
    story.tells(EventKind.VOID, "stop?", text="the plan is another", who="U2")
    story.tells(EventKind.ASKED, "stop?", lines=("two",), shown="b")
    first, second = story.report()["approvals"]

    assert [one["kind"] for one in first["decided"]] == ["approved", "void"]
    assert second["decided"] == []


def test_an_approval_tells_what_was_proven_again_before_the_act() -> None:
    story = Story()
    story.tells(EventKind.ASKED, "stop?", text="equal: 3 minutes")
    story.tells(EventKind.APPROVED, "stop?", who="U2")
    facts = {"proven": {"step": "stop?", "text": "equal: 5 minutes", "at": 1.0}}
    story.tells(EventKind.DONE, "stop", facts=facts)
    report = story.report()

    assert report["approvals"][0]["proven"] == {"event": 4, "text": "equal: 5 minutes"}
    assert "Proven again at the click: equal: 5 minutes" in page(report, "en")


def test_a_proof_is_summed_up_with_what_was_doubled_and_overlaps() -> None:
    proof, _ = a_move().report()["proofs"]

    assert (proof["verdict"], proof["source"], proof["target"]) == ("equal", 300, 300)
    assert (proof["overlap"], proof["doubled"], proof["minutes"]) == (7, 2, 3)


def test_each_host_has_its_answers_row_by_row() -> None:
    answers = a_move().report()["hosts"]["h1"]

    assert [(one["step"], one["ok"]) for one in answers] == [
        ("hosts", True),
        ("identity", False),
        ("identity", True),
    ]
    assert answers[0]["seconds"] == 0.5


def test_every_call_that_wrote_stands_with_its_event_and_id() -> None:
    calls = a_move().report()["requests"]

    assert calls[0] == {"event": 6, "call": "target POST /configs R1"}
    assert len(calls) == 3


def test_a_report_ends_where_the_record_that_it_is_of_does() -> None:
    """Between the two reads somebody may have saved more."""
    story = a_move()
    older = replace(story.job, chain=story.events[3].link)

    assert len(until(older, story.events)) == 4


def test_a_job_that_still_runs_has_a_report_that_says_so() -> None:
    story = Story()
    story.tells(EventKind.DONE, "hosts")
    found = story.report()

    assert found["job"]["ended"] is False
    assert found["job"]["state"] == "queued"


def test_the_thread_ends_with_the_head_that_a_report_must_show() -> None:
    story = a_move()
    said = line(story.events[-1], story.job, LOGMIGRATE)
    of_a_plan = line(story.events[-1], replace(story.job, kind=JobKind.PLAN), LOGMIGRATE)

    assert said is not None
    assert of_a_plan is not None
    assert f"head `{story.job.chain[:12]}`" in str(said.blocks)
    assert f"logmigrate report {story.id}" in str(said.blocks)
    assert "head" not in str(of_a_plan.blocks)


def test_a_row_that_nobody_needed_and_one_that_only_looked_are_told_apart() -> None:
    story = Story()
    for name, kind in (("hosts", EventKind.DONE), ("pilot", EventKind.ALREADY)):
        job = story.job.noted(name, state=RecordState.ALREADY, note="so")
        story.store.amend(job, Event(AT + 1, story.id, kind, name))
    story.store.amend(story.job.noted("keep?", state=RecordState.ALREADY))
    document = page(story.report(), "en")

    for title, word in (("hosts", "done"), ("pilot", "already so"), ("keep?", "not needed")):
        row = f'<tr><td>{escape(TITLES[title])}</td><td><span class="word">{word}</span>'
        assert row in document
