"""How long both sides collect: people are asked at the end, and it ends by itself if nobody answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.windows import Windows
from handlers.blocks import EXTEND, ROLL_BACK
from handlers.cards import decided
from handlers.lines import line
from handlers.messages import root
from tests.fakes import FakeClock, FakeNotifier, FakeQueue, FakeStore
from tests.unit.chat_kit import ALICE, AT, BOB, MALLORY, accept, buttons, read
from workflows.apps import App, People, Prices, Side, Waits
from workflows.errors import Refused
from workflows.logmigrate import LOGMIGRATE
from workflows.model import Event, EventKind, Job, JobKind, JobState, Record, RecordState
from workflows.service import Service
from workflows.window import asks, ends_at, extended, is_open, noted, unanswered, window

WAITS = Waits(dual=7200, answer=600, watch=300)
HOUR = 3600.0
SIDE = Side("p", "l", "c", "g")
ASKED = "Both sides collected for 2 h, and nobody said what is to be"


def moving(
    at: str = "stop?", state: JobState = JobState.WAITING, mark: str = "asked", **more: Any
) -> Job:
    """A move that has come to the row `at`; the rows before it are done since AT."""
    names = [row.name for row in LOGMIGRATE.rows(JobKind.MOVE)]
    place = names.index(at)
    states = [RecordState.DONE] * place + [RecordState(mark)]
    states += [RecordState.PENDING] * (len(names) - len(states))
    records = tuple(
        Record(name, one, since=AT if one is not RecordState.PENDING else 0.0)
        for name, one in zip(names, states, strict=True)
    )
    given = {"id": "J1", "app": "app-b", "requested_by": ALICE, "channel": "C0", "created": AT}
    return Job(**given, records=records, state=state, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "state", "mark", "open_"),
    [
        ("both", JobState.RUNNING, "being proven", False),
        ("proof", JobState.RUNNING, "being proven", True),
        ("proof", JobState.STOPPED, "being proven", True),
        ("stop?", JobState.WAITING, "asked", True),
        ("stop?", JobState.RUNNING, "agreed", False),
        ("stop", JobState.RUNNING, "doing", False),
        ("stop", JobState.STOPPED, "being proven", False),
        ("stop", JobState.UNDOING, "being taken back", False),
        ("alone", JobState.RUNNING, "being proven", False),
        ("delete?", JobState.WAITING, "asked", False),
        ("stop?", JobState.UNDOING, "asked", False),
        ("stop?", JobState.SUCCEEDED, "asked", False),
    ],
)
def test_it_is_open_from_both_until_it_is_agreed_to_stop(
    at: str, state: JobState, mark: str, open_: bool
) -> None:
    assert is_open(moving(at, state, mark)) is open_


def test_it_begins_when_both_is_done_and_lasts_as_the_settings_say() -> None:
    found = window(moving(), WAITS)

    assert found is not None
    assert (found.since, found.until, found.asked) == (AT, AT + 7200, 0.0)


def test_it_begins_anew_where_a_red_came_back_to_it() -> None:
    found = window(moving(asked={"dual_from": AT + HOUR}), WAITS)

    assert found is not None
    assert found.until == AT + HOUR + 7200


def test_people_are_asked_once_at_the_end() -> None:
    assert asks(moving(), WAITS, AT + 7199, ends=True) is None
    question = asks(moving(), WAITS, AT + 7200, ends=True)
    assert question is not None
    job, event = question

    assert event.kind is EventKind.DEADLINE
    assert event.text == (
        "both sides have collected for 2 h; unless somebody answers by 2023-11-15 00:23 UTC, all is "
        "rolled back by itself"
    )
    assert event.hint == "Extend it for another 2 h, or answer the open question; or Roll back."
    assert asks(job, WAITS, AT + 9000, ends=True) is None
    assert job.state is JobState.WAITING
    assert job.record("stop?").state is RecordState.ASKED


def test_where_it_does_not_end_by_itself_people_are_asked_once_a_day() -> None:
    question = asks(moving(), WAITS, AT + 7200, ends=False)
    assert question is not None
    job, event = question

    assert "rolled back" not in event.text
    assert asks(job, WAITS, AT + 7200 + 86399, ends=False) is None
    assert asks(job, WAITS, AT + 7200 + 86400, ends=False) is not None


def test_it_is_unanswered_only_after_it_was_asked() -> None:
    asked = moving(asked={"dual_asked": AT + 7200})

    assert unanswered(moving(), WAITS, AT + 100 * HOUR) == ""
    assert unanswered(asked, WAITS, AT + 7799) == ""
    assert unanswered(asked, WAITS, AT + 7800) == ASKED


def test_extending_adds_as_much_again_to_the_end_or_to_now() -> None:
    early = extended(moving(), WAITS, AT + HOUR)
    late = extended(moving(asked={"dual_asked": AT + 7200}), WAITS, AT + 3 * HOUR)

    assert ends_at(early) == AT + 4 * HOUR
    assert ends_at(late) == AT + 5 * HOUR
    assert unanswered(late, WAITS, AT + 4 * HOUR) == ""
    assert asks(late, WAITS, AT + 5 * HOUR, ends=True) is not None


def test_what_it_costs_so_far_is_told_by_the_lines_that_were_compared() -> None:
    compared = {"size": 5_000_000_000, "start": AT, "end": AT + 1800}
    job = moving().noted("stop?", before={"evidence": {"comparison": compared}})
    told = noted(job, WAITS, Prices("CNY", ingest=0.2, index=0.35), AT + HOUR)

    assert told.asked["dual_cost"] == "5.50 CNY"
    assert "Both sides collect until" in read(root(told, LOGMIGRATE))
    assert "Paid twice so far: about 5.50 CNY." in read(root(told, LOGMIGRATE))


def test_without_prices_only_the_end_is_told() -> None:
    told = noted(moving(), WAITS, Prices(), AT + HOUR)

    assert told.asked == {"dual_until": AT + 7200}
    assert "Paid twice" not in read(root(told, LOGMIGRATE))


def test_the_end_is_not_told_once_the_source_is_stopped() -> None:
    job = moving("alone", JobState.RUNNING, "being proven", asked={"dual_until": AT + 7200})

    assert "Both sides collect until" not in read(root(job, LOGMIGRATE))


class Rounds(FakeStore):
    """The fake with what a round asks; `busy` as if somebody else had the round."""

    busy = False

    def once(self, key: str, seconds: float) -> bool:
        return not self.busy

    def newest(self, limit: int) -> Iterator[Job]:
        yield from self.jobs(limit)


@dataclass
class Story:
    """A job, a worker's rounds and people."""

    job: Job
    ends: bool = True

    def __post_init__(self) -> None:
        self.clock = FakeClock(AT)
        self.store, self.notifier = Rounds(self.clock), FakeNotifier()
        self.store.saved["J1"] = self.job
        self.store.locks["app-b"] = "J1"
        self.windows = Windows(
            self.store, LOGMIGRATE, self.notifier, self.clock, WAITS, Prices(), ends=self.ends
        )
        people = People(approvers=frozenset({BOB}))
        apps = {"app-b": App("app-b", "app-b", SIDE, SIDE, ())}
        self.service = Service(
            LOGMIGRATE, apps, people, self.store, FakeQueue(), self.clock, lambda: "J2", WAITS
        )

    def rounds_until(self, at: float) -> Job:
        while self.clock.now() < at:
            self.clock.tick(150)
            self.windows.round()
        return self.store.saved["J1"]

    @property
    def kinds(self) -> list[EventKind]:
        return [event.kind for event in self.store.told["J1"]]


@pytest.mark.parametrize(
    ("at", "state", "mark"),
    [
        ("stop?", JobState.WAITING, "asked"),
        ("proof", JobState.STOPPED, "being proven"),
        ("proof", JobState.RUNNING, "being proven"),
    ],
)
def test_nobody_answers_and_it_is_rolled_back_by_itself(
    at: str, state: JobState, mark: str
) -> None:
    story = Story(moving(at, state, mark))
    job = story.rounds_until(AT + 7200)
    assert (job.state, story.kinds) == (state, [EventKind.DEADLINE])
    job = story.rounds_until(AT + 7800)

    assert (job.state, job.reason) == (JobState.UNDOING, ASKED)
    assert story.kinds == [EventKind.DEADLINE, EventKind.TURNED]
    assert job.turned_back
    assert "J1" in story.store.due_at
    assert story.notifier.shown


def test_a_window_that_may_stay_open_is_never_rolled_back() -> None:
    story = Story(moving(), ends=False)
    job = story.rounds_until(AT + 30 * HOUR)

    assert job.state is JobState.WAITING
    assert story.kinds == [EventKind.DEADLINE, EventKind.DEADLINE]


def test_extending_answers_and_the_next_end_asks_again() -> None:
    story = Story(moving())
    story.rounds_until(AT + 7200)
    story.service.extend("J1", ALICE)
    job = story.rounds_until(AT + 3 * HOUR)

    assert job.state is JobState.WAITING
    story.rounds_until(AT + 4 * HOUR + 300)
    assert story.kinds == [EventKind.DEADLINE, EventKind.EXTENDED, EventKind.DEADLINE]


def test_an_approval_answers_too() -> None:
    story = Story(moving().noted("stop?", shown="abc"))
    story.rounds_until(AT + 7200)
    story.service.approve("J1", "stop?", "abc", BOB)
    job = story.rounds_until(AT + 9000)

    assert job.state is JobState.RUNNING
    assert EventKind.TURNED not in story.kinds


def test_an_approval_that_turns_out_void_is_an_answer_all_the_same() -> None:
    story = Story(moving().noted("stop?", shown="abc"))
    story.rounds_until(AT + 7200)
    story.clock.tick(500)
    story.service.approve("J1", "stop?", "abc", BOB)
    job = story.store.saved["J1"]
    story.store.amend(job.noted("stop?", state=RecordState.PENDING, by="", shown="", since=0.0))
    job = story.rounds_until(AT + 8300)

    assert job.state is JobState.RUNNING
    assert story.kinds == [EventKind.DEADLINE, EventKind.APPROVED, EventKind.DEADLINE]


def test_a_retry_is_an_answer_too() -> None:
    story = Story(moving("proof", JobState.STOPPED, "being proven"))
    story.rounds_until(AT + 7200)
    story.clock.tick(500)
    story.service.retry("J1", ALICE)

    assert story.rounds_until(AT + 8000).state is JobState.RUNNING
    assert story.rounds_until(AT + 12000).state is JobState.UNDOING  # it was asked anew


def test_one_jobs_trouble_keeps_no_other_window_open() -> None:
    broken = replace(moving(), id="J0", app="c", created=AT + 1, asked={"dual_until": "tomorrow"})
    story = Story(moving())
    story.store.create(broken, Event(AT, "J0", EventKind.STARTED))
    job = story.rounds_until(AT + 7800)

    assert job.state is JobState.UNDOING


def test_somebody_who_moves_the_job_meanwhile_wins() -> None:
    story = Story(moving(asked={"dual_asked": AT, "dual_until": AT}))
    story.clock.tick(700)
    seen = story.store.saved["J1"]
    story.service.extend("J1", BOB)
    story.windows._look(seen)

    assert story.store.saved["J1"].state is JobState.WAITING
    assert story.kinds == [EventKind.EXTENDED]


def test_a_job_that_a_worker_holds_is_asked_about_in_another_round() -> None:
    story = Story(moving("proof", JobState.RUNNING, "being proven"))
    story.clock.tick(7200)
    claim = story.store.claim("J1")
    assert claim is not None
    story.windows.round()
    assert story.kinds == []
    story.store.release(claim, 10.0)
    story.windows.round()

    assert story.kinds == [EventKind.DEADLINE]


def test_a_round_that_somebody_else_has_does_nothing() -> None:
    story = Story(moving())
    story.store.busy = True
    story.rounds_until(AT + 9000)

    assert story.kinds == []


def test_a_worker_that_dies_after_a_save_saves_nothing_twice() -> None:
    story = Story(moving())
    story.clock.tick(7200)
    for _ in range(3):
        story.windows.round()
    story.clock.tick(600)
    for _ in range(3):
        story.windows.round()

    assert story.kinds == [EventKind.DEADLINE, EventKind.TURNED]


def test_only_the_requester_and_approvers_extend() -> None:
    story = Story(moving())

    with pytest.raises(Refused, match="not an approver"):
        story.service.extend("J1", MALLORY)


def test_what_is_not_open_cannot_be_extended_and_says_so() -> None:
    story = Story(moving("alone", JobState.RUNNING, "being proven"))

    with pytest.raises(Refused, match="there is no time to extend") as refused:
        story.service.extend("J1", ALICE)
    assert refused.value.hint == "/logmigrate status app-b shows how far it is."


def test_the_question_has_both_buttons_and_calls_who_may_answer() -> None:
    found = asks(moving(), WAITS, AT + 7200, ends=True)
    assert found is not None
    said = line(found[1], found[0], LOGMIGRATE, {BOB})

    assert said is not None
    accept(said)
    assert buttons(said) == {EXTEND.action_id: "J1", ROLL_BACK.action_id: "J1"}
    assert "(@alice, @bob)" in read(said)


def test_that_nobody_answered_is_told_without_a_name() -> None:
    event = Event(AT, "J1", EventKind.TURNED, text=ASKED)
    job = replace(moving(), state=JobState.UNDOING)
    said = line(event, job, LOGMIGRATE)
    asked = Event(AT, "J1", EventKind.ASKED, "stop?")

    assert said is not None
    assert read(said) == f"↩ {ASKED}: it is rolled back by itself. (@alice)"
    assert "logmigrate rolled back" in read(decided(asked, event, job, LOGMIGRATE))


def test_who_extends_is_told_with_the_new_end() -> None:
    story = Story(moving())
    story.service.extend("J1", ALICE)
    event = story.store.told["J1"][-1]
    said = line(event, story.job, LOGMIGRATE)

    assert said is not None
    assert read(said).startswith("@alice lets both sides collect until ")


def test_red_is_told_with_its_evidence_and_the_requester() -> None:
    event = Event(AT, "J1", EventKind.RED, "alone", text="h2 fell silent", hint="Look at h2.")
    said = line(event, moving("alone", JobState.UNDOING, "being proven"), LOGMIGRATE)

    assert said is not None
    assert "h2 fell silent. Going back by itself to where both sides collect. (@alice)" in read(
        said
    )
    assert "Look at h2." in read(said)


def test_the_live_message_says_that_it_goes_back_only_so_far() -> None:
    job = moving(
        "stop", JobState.UNDOING, "being taken back", back_to="proof", reason="h2 is silent"
    )

    assert "Going back to where both sides collect: h2 is silent" in read(root(job, LOGMIGRATE))
