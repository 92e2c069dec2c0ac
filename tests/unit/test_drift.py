"""Findings over time, as pure values: what is told once, what is kept, what is settled."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.listing import story
from handlers.adrift import counted
from handlers.lines import line
from handlers.messages import root
from tests.unit.chat_kit import ALICE, AT, BOB, WORKFLOW, job, read
from workflows.drift.agreed import over, watched
from workflows.drift.sight import AWAY, Change, away, compared, ending, events
from workflows.model import Drift, EventKind, JobKind, JobState, RecordState

OUTAGE = 3600.0
NOTHING = Change(())
EDITED = Drift("source/config app-b edited", "config app-b was edited", "Put it back.")
GONE = Drift("target/logstore app-b gone", "logstore app-b was deleted")


def silent(number: int) -> Drift:
    return Drift(f"beats/h{number}", "no heartbeat", "Look at it.", f"h{number}")


def seen(*found: Drift, was: Change = NOTHING, at: float = AT, unlooked: str = "") -> Change:
    return compared(was.drift, found, (unlooked,) if unlooked else (), at, OUTAGE)


def told(change: Change) -> list[tuple[str, str]]:
    return [(event.kind, event.text) for event in events(job(), change, AT)]


def test_a_finding_is_told_once_and_stays_open_since_it_was_first_seen() -> None:
    first = seen(EDITED)
    second = seen(EDITED, was=first, at=AT + 300)

    assert told(first) == [("drift", "config app-b was edited")]
    assert told(second) == []
    assert second.drift == (replace(EDITED, since=AT),)


def test_a_finding_that_reads_otherwise_is_the_same_finding() -> None:
    first = seen(EDITED)
    second = seen(replace(EDITED, text="config app-b was edited: two fields"), was=first, at=AT + 9)

    assert told(second) == []
    assert [(one.text, one.since) for one in second.drift] == [
        ("config app-b was edited: two fields", AT)
    ]


def test_a_finding_that_is_no_more_is_told_as_settled() -> None:
    change = seen(GONE, was=seen(EDITED, GONE))

    assert told(change) == [("settled", "config app-b was edited")]
    assert [one.key for one in change.drift] == [GONE.key]


def test_what_cannot_be_seen_is_neither_found_nor_settled() -> None:
    blind = away("source/", "the source account", "no answer")
    change = seen(blind, was=seen(EDITED, GONE))

    assert told(change) == [("settled", "logstore app-b was deleted")]
    assert {one.key for one in change.drift} == {EDITED.key, f"{AWAY}source/"}


def test_a_service_that_is_away_is_told_after_the_outage_and_when_it_is_back() -> None:
    blind = away("source/", "the source account", "no answer", "It is asked again.")
    first = seen(blind)
    later = seen(blind, was=first, at=AT + OUTAGE)
    late = seen(blind, was=later, at=AT + OUTAGE + 1)
    still = seen(blind, was=late, at=AT + 2 * OUTAGE)
    back = seen(was=still, at=AT + 3 * OUTAGE)

    text = "the source account cannot be watched: no answer"
    assert [told(one) for one in (first, later, late, still, back)] == [
        [],
        [],
        [("drift", text)],
        [],
        [("settled", text)],
    ]


def test_the_number_of_a_request_makes_no_other_finding_of_it() -> None:
    one, other = (
        away("source/", "the source account", f"ProjectNotExist: none (request {number})")
        for number in ("5D1A", "77F0")
    )

    assert one == other
    assert one.text == "the source account cannot be watched: ProjectNotExist: none"


def test_a_short_outage_is_told_to_nobody() -> None:
    first = seen(away("source/", "the source account", "no answer"))
    back = seen(was=first, at=AT + 300)

    assert first.drift[0].quiet
    assert told(back) == []
    assert back.drift == ()


def test_what_was_not_looked_at_this_time_stays_as_it_was() -> None:
    lacking = Drift("hosts/h2/custom id", "the target's custom id is gone", host="h2")
    dead = away("hosts/h3/", "what it holds", "no route", host="h3")
    first = seen(lacking, dead, EDITED)
    second = seen(was=first, at=AT + 9, unlooked="hosts/")

    assert told(second) == [("settled", "config app-b was edited")]
    assert {one.key for one in second.drift} == {lacking.key, dead.key}


def test_a_host_that_does_not_answer_hides_its_own_findings_alone() -> None:
    lacking = [Drift(f"hosts/{name}/custom id", "gone", host=name) for name in ("h1", "h12")]
    change = seen(away("hosts/h1/", "what it holds", "no route", host="h1"), was=seen(*lacking))

    assert told(change) == [("settled", "h12: gone")]


def test_many_hosts_with_one_trouble_are_one_message() -> None:
    change = seen(*(silent(number) for number in range(5)), GONE)
    found = events(job(), change, AT)

    assert [(one.text, len(one.hosts)) for one in found] == [
        ("5 hosts", 5),
        ("logstore app-b was deleted", 0),
    ]
    assert found[0].hint == "Look at it."
    assert not any(host.ok for host in found[0].hosts)
    (settled,) = events(job(), seen(GONE, was=change), AT)
    assert settled.text == "5 hosts"
    assert [host.said for host in settled.hosts] == ["no longer: no heartbeat"] * 5


def test_a_few_hosts_are_told_by_name() -> None:
    assert told(seen(silent(1), silent(2))) == [
        ("drift", "h1: no heartbeat"),
        ("drift", "h2: no heartbeat"),
    ]


KEYS = [EDITED.key, GONE.key, "hosts/h1/custom id", "hosts/h2/custom id", "lines/h1"]
FAMILIES = ["source/", "target/", "hosts/", "hosts/h1/", "lines/"]
LOOKS = st.lists(
    st.tuples(st.sets(st.sampled_from(KEYS)), st.sets(st.sampled_from(FAMILIES))), max_size=12
)


@given(LOOKS)
def test_each_finding_is_told_and_settled_by_turns_and_nothing_unseen_is_judged(
    looks: list[tuple[set[str], set[str]]],
) -> None:
    open_before, change = set[str](), Change(())
    for number, (there, blind) in enumerate(looks):
        hidden = tuple(blind)
        found = [Drift(key, key) for key in there if not key.startswith(hidden)]
        aways = [away(keys, keys, "away") for keys in blind]
        change = seen(*found, *aways, was=change, at=AT + number)
        opened = {one.key for one in change.opened}
        settled = {one.key for one in change.settled}

        assert not opened & open_before
        assert settled <= open_before
        assert not any(key.startswith(hidden) for key in opened | settled)
        open_before = (open_before | opened) - settled
        assert {one.key for one in change.drift if not one.quiet} == open_before


def test_of_each_app_the_newest_move_is_watched_while_it_rests() -> None:
    older = job(id="OLD", state=JobState.SUCCEEDED)
    plan = job(id="PLAN", kind=JobKind.PLAN, state=JobState.SUCCEEDED)
    other = job(id="OTHER", app="app-c", state=JobState.STOPPED)
    moving = job(id="NEW", app="app-d", state=JobState.RUNNING)
    before = job(id="PAST", app="app-d", state=JobState.SUCCEEDED)

    assert [one.id for one in watched((plan, older, other, moving, before))] == ["OLD", "OTHER"]


@pytest.mark.parametrize("state", [JobState.UNDOING, JobState.UNDONE, JobState.STOPPED])
def test_a_move_that_is_taken_back_is_not_watched(state: JobState) -> None:
    back = job(state=state).noted("first", state=RecordState.UNDOING)

    assert watched((back,)) == ()


def test_the_watch_ends_so_many_days_after_the_move_and_says_what_it_leaves() -> None:
    moved = job(state=JobState.SUCCEEDED).noted("second", state=RecordState.DONE, since=AT)
    left = replace(moved, drift=seen(EDITED, away("lines/", "lines", "away")).drift)
    waiting = replace(moved, state=JobState.WAITING)

    assert not over(moved, AT + 14 * 86400 - 1, 14.0)
    assert over(moved, AT + 14 * 86400, 14.0)
    assert not over(waiting, AT + 99 * 86400, 14.0)
    assert ending(moved, 14.0, AT) == ()
    assert [event.text for event in ending(left, 14.0, AT)] == [
        "app-b is no longer watched, 14 days after its move; 1 finding was open to the end"
    ]


def test_the_thread_tells_a_finding_with_its_way_out_and_calls_who_asked() -> None:
    (event,) = events(job(), seen(EDITED), AT)
    (end,) = events(job(), seen(was=seen(EDITED)), AT)

    opened, settled = line(event, job(), WORKFLOW), line(end, job(), WORKFLOW)

    assert opened
    assert settled
    assert read(opened).splitlines() == [
        "⚠ No longer as agreed: config app-b was edited. (@alice)",
        "Put it back.",
    ]
    assert read(settled) == "✔ Settled: config app-b was edited."


def test_the_live_message_shows_what_is_open_and_no_longer_once_the_job_goes_on() -> None:
    quiet = away("source/", "the source account", "no answer")
    waiting = job(state=JobState.WAITING, drift=seen(EDITED, silent(2), quiet).drift)

    shown = read(root(waiting, WORKFLOW))

    assert "No longer as agreed\n⚠ h2: no heartbeat, seen 2023-11-14 22:13 UTC\n" in shown
    assert "⚠ config app-b was edited, seen 2023-11-14 22:13 UTC" in shown
    assert "cannot be watched" not in shown
    for state in (JobState.RUNNING, JobState.UNDOING, JobState.UNDONE):
        assert "agreed" not in read(root(replace(waiting, state=state), WORKFLOW))


def test_the_terminal_shows_what_is_open_and_what_is_not_told_yet() -> None:
    quiet = away("source/", "the source account", "no answer")
    shown = story(job(state=JobState.WAITING, drift=seen(silent(2), quiet).drift), ())

    assert "2023-11-14 22:13:20Z  open          h2: no heartbeat" in shown
    assert "not told yet  the source account cannot be watched: no answer" in shown


def test_the_state_of_a_job_says_how_much_is_open() -> None:
    one, two = seen(EDITED).drift, seen(EDITED, GONE).drift

    assert counted(job(state=JobState.WAITING, drift=one)) == ", ⚠ 1 finding"
    assert counted(job(state=JobState.SUCCEEDED, drift=two)) == ", ⚠ 2 findings"
    assert counted(job(state=JobState.RUNNING, drift=two)) == ""
    assert counted(job(state=JobState.WAITING)) == ""


def test_thousands_of_findings_fit_into_a_live_message() -> None:
    drift = seen(*(silent(number) for number in range(3000))).drift

    shown = read(root(job(state=JobState.STOPPED, drift=drift), WORKFLOW))

    assert "… 2,990 more" in shown


def test_what_a_finding_says_calls_nobody() -> None:
    loud = Drift("lines/x", "‹!channel› <!channel> <@U0BOB00001|x> &", host="<!here>")
    (event,) = events(job(), seen(loud), AT)

    shown = line(event, job(), WORKFLOW)

    assert shown
    assert "<!channel>" not in str(shown.blocks)
    assert "<!here>" not in str(shown.blocks)
    assert f"<@{BOB}>" not in str(shown.blocks)
    assert f"<@{ALICE}>" in str(shown.blocks)
    assert event.kind is EventKind.DRIFT
