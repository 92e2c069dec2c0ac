"""What a person reads: the live message, the thread's lines, the cards."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outbox import Working
from handlers.blocks import Message
from handlers.cards import card, decided, verdicts
from handlers.lines import SENTENCES, SILENT, line
from handlers.messages import root
from handlers.text import fit, pages, told
from tests.unit.chat_kit import (
    ALICE,
    BOB,
    WORKFLOW,
    accept,
    buttons,
    event,
    hosts,
    job,
    read,
)
from workflows.logmigrate import LOGMIGRATE
from workflows.model import Event, EventKind, Job, JobKind, JobState, Record, RecordState

LONG = "ä&<>" * 2500  # 10,000 characters that escaping makes longer
ASKED = event(EventKind.ASKED, "go?", text="3 minutes are equal", lines=("detach it",), shown="d1")


def proving(**changes: object) -> Job:
    running = job().moved(JobState.RUNNING).noted("first", state=RecordState.PROVING)
    return running.noted("first", **changes)


def stopped(reason: str = "no heartbeat of h2", hint: str = "Start its agent.") -> Job:
    return proving(hosts=hosts(2, failing=1)).moved(JobState.STOPPED, reason, hint)


def lines(told: Event, about: Job | None = None) -> str:
    message = line(told, about or job(), WORKFLOW)

    assert message
    return read(message)


def test_the_live_message_tells_what_runs_and_how_far_it_is() -> None:
    shown = read(root(proving(note="1 of 2 hosts", hosts=hosts(2, failing=1, said="")), WORKFLOW))

    assert shown.splitlines() == [
        "app-b: moving log collection to the target account",
        "▶ Running, step 1 of 3",
        "▶ Create the group",
        "○ Stop the source?",
        "○ Detach the source",
        "Waiting: 1 of 2 hosts",
        "h1 FAIL",
        "h0 OK",
        "job 7Q2, asked by @alice 2023-11-14 22:13 UTC",
    ]


def test_a_move_under_way_says_since_when_and_what_it_does() -> None:
    shown = read(root(proving(), WORKFLOW, Working(100.0, 112.4, "asking h2")))

    assert "still working, 12 s: asking h2" in shown


def test_a_job_that_waits_says_for_whom() -> None:
    shown = read(root(replace(job(), state=JobState.WAITING), WORKFLOW))

    assert "An approver other than @alice decides: the question is in the thread." in shown


def test_a_stopped_job_says_why_and_offers_both_ways_out() -> None:
    message = root(stopped(), WORKFLOW)

    assert buttons(message) == {"retry": "7Q2", "roll_back": "7Q2"}
    assert "✖ Create the group" in read(message)
    assert "no heartbeat of h2\nStart its agent." in read(message)
    assert "h1 FAIL" in read(message)


def test_rolling_back_asks_with_what_it_costs() -> None:
    done = replace(job(), state=JobState.STOPPED).noted("second", state=RecordState.DONE)
    (actions,) = [b for b in root(done, WORKFLOW).blocks if b["type"] == "actions"]

    assert "it forgets its position" in actions["elements"][1]["confirm"]["text"]["text"]


def test_a_finished_job_says_what_taking_it_back_costs_before_anybody_types_it() -> None:
    moved = replace(job(), state=JobState.SUCCEEDED).noted("second", state=RecordState.DONE)

    assert "Taking it back costs: it forgets its position." in read(root(moved, WORKFLOW))
    assert "Taking it back costs" not in read(root(proving(), WORKFLOW))


def test_a_job_that_stopped_while_rolling_back_can_only_be_retried() -> None:
    turned = stopped().noted("first", state=RecordState.UNDOING)

    assert buttons(root(turned, WORKFLOW)) == {"retry": "7Q2"}


def test_a_job_that_runs_has_no_buttons() -> None:
    assert buttons(root(proving(), WORKFLOW)) == {}


def test_the_way_back_names_the_job_for_the_app_may_have_another_by_then() -> None:
    moved = replace(job(), state=JobState.SUCCEEDED)

    assert "/logmigrate rollback 7Q2 takes it back" in read(root(moved, WORKFLOW))


def test_a_job_that_rolls_back_says_who_wanted_it() -> None:
    turned = replace(job(), state=JobState.UNDOING, reason=f"<@{BOB}> asked to roll back")

    assert "↩ Rolling back: @bob asked to roll back" in read(root(turned, WORKFLOW))


def test_a_plan_says_what_would_do_it() -> None:
    plan = job(kind=JobKind.PLAN, state=JobState.SUCCEEDED)

    assert "Plan for app-b" in read(root(plan, WORKFLOW))
    assert "/logmigrate start app-b does it" in read(root(plan, WORKFLOW))


def test_a_job_cancelled_before_it_did_anything_claims_no_rollback() -> None:
    gone = job(state=JobState.UNDONE)

    assert "Cancelled before anything was changed" in read(root(gone, WORKFLOW))
    assert "Cancelled before anything was changed" in lines(event(EventKind.UNDONE), gone)


@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize("kind", JobKind)
def test_slack_takes_every_state_at_its_worst(state: JobState, kind: JobKind) -> None:
    silent = hosts(1000, failing=1000, said=LONG)
    records = tuple(
        Record(row.name, said, note=LONG, hosts=silent, by=LONG)
        for row, said in zip(LOGMIGRATE.rows(kind), cycle(RecordState), strict=False)
    )
    worst = job(kind=kind, state=state, records=records, reason=LONG, hint=LONG, app=LONG)
    names = tuple(f"{n:063}" for n in range(1000))
    worst = replace(worst, requested_by=LONG, without=names, only=names)

    accept(root(worst, LOGMIGRATE, Working(0, 9e9, LONG)))


@pytest.mark.parametrize("kind", sorted(set(EventKind) - SILENT))
def test_slack_takes_every_line_at_its_worst(kind: EventKind) -> None:
    worst = event(kind, "go?", who=LONG, text=LONG, hint=LONG, lines=(LONG,) * 300)
    message = line(replace(worst, hosts=hosts(1000, 1000, LONG)), job(), WORKFLOW)

    assert message
    accept(message)


def test_slack_takes_a_card_at_its_worst() -> None:
    worst = replace(ASKED, text="\n".join([LONG] * 90), lines=(LONG,) * 1000)
    worst = replace(worst, hosts=hosts(1000, 1000, LONG))

    accept(card(worst, job(), WORKFLOW, [f"U{n:08}" for n in range(1000)]))
    accept(decided(worst, event(EventKind.VOID, "go?", text=LONG), job(), WORKFLOW))


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_is_told_or_told_elsewhere_on_purpose(kind: EventKind) -> None:
    message = line(event(kind, "go?", who=BOB, text="because"), job(), WORKFLOW)

    assert (message is None) == (kind in SILENT)
    assert (kind in SENTENCES) != (kind in SILENT)


def test_a_done_step_shows_its_evidence_host_by_host() -> None:
    done = event(EventKind.DONE, "first", text="2 of 2 hosts have a heartbeat", hosts=hosts(2))

    assert lines(done) == "✔ Create the group: 2 of 2 hosts have a heartbeat\nh0 OK ok\nh1 OK ok"


def test_a_stop_calls_the_one_who_asked_and_names_the_way_out() -> None:
    stop = event(EventKind.STOPPED, "first", text="no heartbeat of h2", hint="Start its agent.")

    assert lines(stop) == "🛑 Create the group: no heartbeat of h2. (@alice)\nStart its agent."


def test_a_plan_is_told_line_by_line() -> None:
    plan = event(EventKind.PLANNED, lines=("Create the group: create g", "Detach: detach c"))

    assert "1. Create the group: create g\n2. Detach: detach c" in lines(plan)


def test_a_step_of_an_older_version_is_told_by_its_name() -> None:
    assert "✔ forgotten" in lines(event(EventKind.DONE, "forgotten"))


def test_what_hosts_say_means_nothing_to_slack() -> None:
    shout = "<!channel> <https://evil.example|click> <!subteam^S1> & <b>"
    message = root(proving(note=shout, hosts=hosts(1, 1, said=shout)), WORKFLOW)

    assert "<!channel>" not in str(message.blocks)
    assert "<https:" not in str(message.blocks)
    assert shout in read(message)


def test_our_own_sentences_keep_people_and_dates() -> None:
    ours = "held by <@U0ALICE001> since <!date^1^{time}|1970> <@u1> <!date^x^{time}|>"

    assert told(ours) == (
        "held by <@U0ALICE001> since <!date^1^{time}|1970> &lt;@u1&gt; &lt;!date^x^{time}|&gt;"
    )


def test_a_card_shows_plan_evidence_costs_and_who_may() -> None:
    shown = read(card(ASKED, job(), WORKFLOW, {ALICE, BOB}))

    assert shown.splitlines() == [
        "Stop the source?",
        "1. detach it",
        "Evidence",
        "3 minutes are equal",
        "What taking it back costs",
        "Detach the source: it forgets its position",
        "Job 7Q2: someone other than @alice decides: @bob.",
        "[Approve] [Decline]",
    ]


def test_a_cards_buttons_carry_what_was_shown_and_ask_once_more() -> None:
    message = card(ASKED, job(), WORKFLOW)

    assert buttons(message) == {"approve": "7Q2:go?:d1", "decline": "7Q2:go?:d1"}
    assert all(button["confirm"] for button in message.blocks[-1]["elements"])


def test_a_decided_card_has_a_name_and_a_time_instead_of_buttons() -> None:
    message = decided(ASKED, event(EventKind.APPROVED, "go?", who=BOB), job(), WORKFLOW)

    assert buttons(message) == {}
    assert read(message).endswith("✔ Approved by @bob 2023-11-14 22:13 UTC")
    assert "1. detach it" in read(message)


def story(*kinds: EventKind) -> list[tuple[str, Event]]:
    about = {EventKind.CANCELLED, EventKind.TURNED, EventKind.RETRIED, EventKind.UNDONE}
    told = [event(kind, "" if kind in about else "go?") for kind in kinds]
    return [(f"{n}-0", one) for n, one in enumerate(told, 1)]


@pytest.mark.parametrize(
    ("kinds", "ended"),
    [
        ([EventKind.ASKED], {}),
        ([EventKind.ASKED, EventKind.APPROVED], {"1-0": EventKind.APPROVED}),
        ([EventKind.ASKED, EventKind.CANCELLED], {"1-0": EventKind.CANCELLED}),
        ([EventKind.ASKED, EventKind.TURNED, EventKind.UNDONE], {"1-0": EventKind.TURNED}),
        ([EventKind.ASKED, EventKind.APPROVED, EventKind.TURNED], {"1-0": EventKind.APPROVED}),
        (
            [EventKind.ASKED, EventKind.APPROVED, EventKind.VOID, EventKind.ASKED],
            {"1-0": EventKind.VOID},
        ),
        (
            [EventKind.ASKED, EventKind.DECLINED, EventKind.RETRIED, EventKind.ASKED],
            {"1-0": EventKind.DECLINED},
        ),
        ([EventKind.ASKED, EventKind.ASKED], {"1-0": EventKind.ASKED}),
    ],
)
def test_a_card_is_open_until_something_ends_it(
    kinds: list[EventKind], ended: dict[str, EventKind]
) -> None:
    found = verdicts(story(*kinds))

    assert {asked: verdict.kind for asked, verdict in found.items()} == ended


@given(st.lists(st.text(alphabet="ab", max_size=90)), st.integers(100, 900))
def test_what_does_not_fit_is_counted(texts: list[str], limit: int) -> None:
    shown = fit(texts, limit)
    *kept, last = shown.split("\n")
    missing = re.fullmatch("… ([0-9,]+) more lines", last)

    assert len(shown) <= limit
    assert kept == texts[: len(kept)]
    assert len(texts) == len(kept) + int(missing[1]) if missing else shown == "\n".join(texts)


@given(st.lists(st.text(alphabet="ab\u2028", max_size=90), max_size=60), st.integers(100, 400))
def test_pages_lose_no_line_that_fits(texts: list[str], limit: int) -> None:
    found = pages(texts, limit, most=1000)

    assert "\n".join(found) == "\n".join(texts)
    assert all(len(page) <= limit for page in found)


def test_every_message_has_words_for_a_notification() -> None:
    assert root(stopped(), WORKFLOW) == Message(
        "app-b: moving log collection to the target account: "
        "stopped, step 1 of 3: Create the group\nno heartbeat of h2",
        root(stopped(), WORKFLOW).blocks,
    )
