"""The engine's four rules, on a toy workflow whose world is a dict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.fakes import FakeClock, FakeNotifier, FakeQueue, FakeStore
from workflows.apps import App, People, Side, Waits
from workflows.engine import Engine
from workflows.errors import (
    ClaimLost,
    NotYet,
    Refused,
    StepFailed,
    StoreAway,
    Unavailable,
    UnknownApp,
)
from workflows.model import EventKind, Evidence, Facts, Job, JobState, Plan, RecordState
from workflows.patience import growing
from workflows.service import Service
from workflows.step import Approval, Context, Grip, Step, Workflow

SIDE = Side("p", "l", "c", "g")
APP = App("app-b", "app-b", SIDE, SIDE, ())
WAITS = Waits(look=5, approval=3600, outage=600)


@dataclass
class Toy:
    """A world of two switches, `first` and `second`, with a question between them."""

    switches: dict[str, bool] = field(default_factory=lambda: {"first": False, "second": False})
    calls: list[str] = field(default_factory=list)
    trouble: dict[str, BaseException] = field(default_factory=dict)
    plan: tuple[str, ...] = ("turn the second switch",)
    waits: Waits = WAITS

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        self.store, self.notifier = FakeStore(self.clock), FakeNotifier()
        self.workflow = Workflow("toy", (self.step("first"), self.question(), self.step("second")))
        people = People(approvers=frozenset({"UBOB", "UCAROL"}))
        ids = iter(["J1", "J2", "J3"])
        self.service = Service(
            self.workflow,
            {"app-b": APP},
            people,
            self.store,
            FakeQueue(),
            self.clock,
            lambda: next(ids),
        )
        self.engine = Engine(
            self.workflow,
            self.store,
            self.notifier,
            self.clock,
            self.waits,
            lambda app: self.context(),
        )

    def context(self) -> Context:
        port: Any = None
        return Context(APP, WAITS, port, port, port, self.clock)

    def step(self, name: str) -> Step:
        return Step(
            name=name, title=f"Turn {name}",
            check=lambda context: self.met(f"check {name}", {"was": self.switches[name]}),
            do=lambda context, before: self.turn(f"do {name}", name, to=True),
            verify=lambda context, before: self.on(name),
            undo=lambda context, before: self.back(name, before),
            would=lambda context, before: f"turn {name}",
            patience=lambda waits: 60.0,
        )  # fmt: skip

    def question(self) -> Approval:
        return Approval(
            name="go?", title="Go?",
            show=lambda context: Plan(self.met("show", self.plan)),
            green=lambda context: self.met("green", Evidence("all is well")),
        )  # fmt: skip

    def met(self, call: str, answer: Any) -> Any:
        self.calls.append(call)
        if call in self.trouble:
            raise self.trouble[call]
        return answer

    def turn(self, call: str, name: str, *, to: bool) -> None:
        self.met(call, None)
        self.switches[name] = to

    def on(self, name: str) -> Evidence:
        self.met(f"verify {name}", None)
        if not self.switches[name]:
            raise NotYet(f"{name} is off")
        return Evidence(f"{name} is on")

    def back(self, name: str, before: Facts) -> str:
        self.turn(f"undo {name}", name, to=before["was"])
        return f"{name} is as it was"

    @property
    def job(self) -> Job:
        return self.store.load("J1")

    def start(self) -> Toy:
        self.service.start("app-b", "UALICE", "C1")
        return self

    def look(self) -> float | None:
        claim = self.store.claim("J1")
        assert claim is not None
        latest = [claim]
        seconds = self.engine.advance(claim, saved=latest.append)
        self.store.release(latest[-1], seconds)
        return seconds

    def run(self) -> Toy:
        while self.look() == 0.0:
            pass
        return self

    def kinds(self) -> list[EventKind]:
        return [event.kind for event in self.store.told["J1"]]

    def approve(self, by: str = "UBOB") -> None:
        self.service.approve("J1", "go?", self.job.record("go?").shown, by)


def test_a_job_runs_to_its_question_and_after_the_click_to_its_end() -> None:
    toy = Toy().start().run()
    assert toy.job.state is JobState.WAITING
    toy.approve()
    toy.run()

    assert toy.job.state is JobState.SUCCEEDED
    assert toy.switches == {"first": True, "second": True}
    assert toy.kinds() == [
        EventKind.STARTED,
        EventKind.DONE,
        EventKind.ASKED,
        EventKind.APPROVED,
        EventKind.DONE,
        EventKind.SUCCEEDED,
    ]
    assert toy.store.holder("app-b") is None


def test_before_is_saved_before_do_and_never_read_again() -> None:
    toy = Toy(trouble={"do first": KeyboardInterrupt()}).start()
    with pytest.raises(KeyboardInterrupt):
        toy.look()
    record = toy.job.record("first")
    assert (record.state, record.before) == (RecordState.DOING, {"was": False})
    toy.switches["first"] = True  # our own half-done work must not become "how it was"
    toy.trouble.clear()
    toy.clock.tick(16)
    toy.run()

    assert toy.calls.count("check first") == 1
    assert toy.job.record("first").before == {"was": False}


def test_what_was_so_before_is_not_ours_to_undo() -> None:
    toy = Toy(switches={"first": True, "second": False}).start().run()
    toy.service.roll_back("J1", "UALICE")
    toy.run()

    assert toy.job.state is JobState.UNDONE
    assert toy.switches == {"first": True, "second": False}
    assert "undo first" not in toy.calls


def test_waiting_for_proof_looks_again_without_doing_again_and_ends() -> None:
    toy = Toy(trouble={"verify first": NotYet("first is slow")}).start()
    assert toy.look() == WAITS.look
    toy.clock.tick(61)
    assert toy.look() is None

    assert toy.calls.count("do first") == 1
    assert toy.job.state is JobState.STOPPED
    assert toy.job.reason == "Turn first: first is slow, waited 61 s"


def test_a_retry_does_the_step_again_with_patience_anew() -> None:
    toy = Toy(trouble={"verify first": NotYet("first is slow")}).start()
    toy.look()
    toy.clock.tick(61)
    toy.look()
    toy.service.retry("J1", "UALICE")
    assert toy.look() == WAITS.look
    toy.trouble.clear()
    toy.run()

    assert toy.calls.count("do first") == 2
    assert toy.job.record("first").state is RecordState.DONE


def test_a_click_is_only_recorded() -> None:
    toy = Toy().start().run()
    toy.calls.clear()
    toy.approve()

    assert toy.calls == []
    assert toy.job.record("go?").state is RecordState.AGREED


def test_an_approval_counts_only_for_what_was_shown() -> None:
    toy = Toy().start().run()
    shown = toy.job.record("go?").shown
    toy.approve()
    toy.plan = ("turn the second switch", "and a third")
    toy.run()

    assert toy.job.state is JobState.WAITING
    assert EventKind.VOID in toy.kinds()
    assert toy.switches["second"] is False
    with pytest.raises(Refused, match="out of date"):
        toy.service.approve("J1", "go?", shown, "UBOB")


def test_an_approval_is_void_when_the_evidence_turned_red() -> None:
    toy = Toy().start().run()
    toy.approve()
    toy.trouble["green"] = StepFailed("three lines are missing")
    toy.run()

    assert toy.job.state is JobState.STOPPED
    assert toy.switches["second"] is False
    void = next(event for event in toy.store.told["J1"] if event.kind is EventKind.VOID)
    assert void.text == "three lines are missing"


def test_nobody_approves_what_they_started_even_as_an_approver() -> None:
    toy = Toy()
    toy.service.start("app-b", "UBOB", "C1")
    toy.run()

    with pytest.raises(Refused, match="somebody else"):
        toy.approve("UBOB")
    with pytest.raises(Refused, match="not an approver"):
        toy.approve("UMALLORY")
    assert toy.job.state is JobState.WAITING


def test_two_clicks_approve_once() -> None:
    toy = Toy().start().run()
    shown = toy.job.record("go?").shown
    toy.approve("UBOB")

    with pytest.raises(Refused, match="decided this already"):
        toy.service.approve("J1", "go?", shown, "UCAROL")
    assert toy.kinds().count(EventKind.APPROVED) == 1


def test_a_declined_job_asks_anew_after_a_retry() -> None:
    toy = Toy().start().run()
    toy.service.decline("J1", "go?", toy.job.record("go?").shown, "UBOB")
    assert toy.job.state is JobState.STOPPED
    toy.service.retry("J1", "UALICE")
    toy.run()

    assert toy.job.state is JobState.WAITING
    assert toy.kinds().count(EventKind.ASKED) == 2


def test_an_unanswered_question_expires_by_the_records_time() -> None:
    toy = Toy().start().run()
    toy.clock.tick(1800)
    assert toy.look() == pytest.approx(1800)
    toy.clock.tick(1801)
    assert toy.look() is None

    assert toy.job.state is JobState.STOPPED
    assert toy.kinds()[-1] is EventKind.EXPIRED


def test_whoever_may_approve_is_reminded_once_before_the_question_expires() -> None:
    toy = Toy(waits=Waits(look=5.0, approval=3600, reminder=600)).start().run()
    toy.clock.tick(1000)
    until_reminder = toy.look()
    toy.clock.tick(until_reminder or 0)
    left = toy.look()
    toy.look()

    assert until_reminder == pytest.approx(2000)
    assert left == pytest.approx(600)
    assert toy.kinds().count(EventKind.REMINDED) == 1
    reminded = next(e for e in toy.store.told["J1"] if e.kind is EventKind.REMINDED)
    assert reminded.text == "10 min"


def test_a_question_asked_anew_reminds_anew() -> None:
    toy = Toy(waits=Waits(look=5.0, approval=3600, reminder=600)).start().run()
    toy.clock.tick(3100)
    toy.look()
    toy.clock.tick(600)
    toy.look()
    toy.service.retry("J1", "UALICE")
    toy.run()
    toy.clock.tick(3100)
    toy.look()

    assert toy.kinds().count(EventKind.REMINDED) == 2


def test_an_outage_is_said_once_and_looked_at_with_growing_delays() -> None:
    toy = Toy(trouble={"check first": Unavailable("source: no connection")}).start()
    delays = []
    for _ in range(4):
        delays.append(toy.look())
        toy.clock.tick(delays[-1] or 0)

    assert delays == [5.0, 10.0, 20.0, 40.0]
    assert toy.kinds().count(EventKind.AWAY) == 1
    assert toy.job.state is JobState.QUEUED


def test_an_outage_that_lasts_stops_the_job() -> None:
    toy = Toy(trouble={"check first": Unavailable("source: no connection")}).start()
    toy.look()
    toy.clock.tick(601)
    toy.look()

    assert toy.job.state is JobState.STOPPED
    assert "no connection for 601 s" in toy.job.reason


def test_delays_grow_up_to_five_minutes() -> None:
    assert [growing(n, 10) for n in range(7)] == [10, 20, 40, 80, 160, 300, 300]
    assert growing(10_000, 10) == 300


def test_rolling_back_undoes_last_first_and_puts_everything_as_it_was() -> None:
    toy = Toy().start().run()
    toy.approve()
    toy.run()
    toy.service.roll_back("app-b", "UBOB")
    toy.run()

    assert toy.job.state is JobState.UNDONE
    assert toy.switches == {"first": False, "second": False}
    undone = [call for call in toy.calls if call.startswith("undo")]
    assert undone == ["undo second", "undo first"]


def test_a_retry_of_a_stopped_roll_back_goes_on_backwards() -> None:
    toy = Toy().start().run()
    toy.trouble["undo first"] = StepFailed("the switch is stuck")
    toy.service.roll_back("J1", "UALICE")
    toy.run()
    assert toy.job.state is JobState.STOPPED
    toy.trouble.clear()
    toy.service.retry("J1", "UALICE")
    toy.run()

    assert toy.job.state is JobState.UNDONE
    assert toy.switches["first"] is False


def test_cancelling_before_anything_was_changed_ends_the_job() -> None:
    toy = Toy().start()
    toy.service.cancel("app-b", "UALICE")
    toy.run()

    assert toy.job.state is JobState.UNDONE
    assert toy.store.holder("app-b") is None


def test_cancelling_later_stops_and_keeps_the_lock() -> None:
    toy = Toy().start().run()
    toy.service.cancel("app-b", "UALICE")
    toy.run()

    assert toy.job.state is JobState.STOPPED
    assert toy.job.record("go?").state is RecordState.PENDING
    assert toy.store.holder("app-b") == "J1"


def test_a_cancel_in_the_middle_of_a_move_is_found_out_at_the_commit() -> None:
    toy = Toy().start()
    turn = toy.step("first").do

    def cancelled_meanwhile(context: Context, before: Facts) -> None:
        toy.service.cancel("app-b", "UALICE")
        turn(context, before)

    steps = (replace(toy.step("first"), do=cancelled_meanwhile), *toy.workflow.steps[1:])
    toy.engine = replace(toy.engine, workflow=Workflow("toy", steps))
    assert toy.look() == 0.0

    assert toy.job.state is JobState.STOPPED
    assert toy.store.due() == ("J1",)
    toy.service.roll_back("J1", "UALICE")
    toy.run()
    assert toy.switches["first"] is False


def test_a_second_start_names_the_holder() -> None:
    toy = Toy().start()

    with pytest.raises(Refused, match="held by job J1 of <@UALICE>"):
        toy.service.start("app-b", "UBOB", "C1")
    assert list(toy.store.saved) == ["J1"]


def test_an_unknown_app_writes_nothing() -> None:
    toy = Toy()

    with pytest.raises(Refused, match="no app “app-c”"):
        toy.service.start("app-c", "UALICE", "C1")
    assert toy.store.saved == {}


def test_a_plan_says_what_each_step_would_do_and_does_nothing() -> None:
    toy = Toy(switches={"first": True, "second": False})
    toy.service.plan("app-b", "UALICE", "C1")
    toy.run()

    planned = toy.store.told["J1"][-1]
    assert planned.kind is EventKind.PLANNED
    assert planned.lines == (
        "Turn first: already so, first is on",
        "Go? An approver other than the requester decides.\nturn the second switch",
        "Turn second: turn second",
    )
    assert not [call for call in toy.calls if call.startswith("do")]
    assert toy.store.holder("app-b") is None


def test_a_step_needs_an_undo_or_the_reason_for_none() -> None:
    make: Callable[..., Step] = Step
    parts = {"check": None, "do": None, "verify": None, "would": None}

    with pytest.raises(TypeError, match="undo or no_undo_because"):
        make(name="x", title="x", **parts)
    with pytest.raises(TypeError, match="undo or no_undo_because"):
        make(name="x", title="x", undo=print, no_undo_because="both", **parts)


def test_a_store_that_is_away_is_no_trouble_of_the_step() -> None:
    toy = Toy(trouble={"do first": StoreAway("asking Redis: connection refused")}).start()
    with pytest.raises(StoreAway):
        toy.look()

    assert toy.job.state is JobState.RUNNING
    assert EventKind.STOPPED not in toy.kinds()


def test_an_error_that_nobody_foresaw_stops_the_job_with_its_number() -> None:
    toy = Toy().start()
    claim = toy.store.claim("J1")
    assert claim is not None
    toy.engine.give_up(claim, "3f2a91")

    assert toy.job.state is JobState.STOPPED
    assert "3f2a91" in toy.job.reason


def test_a_retried_question_has_its_patience_anew() -> None:
    toy = Toy(trouble={"green": NotYet("the sides differ")}).start().run()
    toy.clock.tick(901)
    toy.run()
    assert toy.job.state is JobState.STOPPED
    toy.service.retry("J1", "UALICE")

    assert toy.look() == WAITS.look
    assert toy.job.state is JobState.RUNNING


def test_an_outage_does_not_eat_the_patience() -> None:
    toy = Toy(trouble={"verify first": NotYet("first is slow")}).start()
    toy.look()
    toy.clock.tick(50)
    toy.look()
    toy.trouble["verify first"] = Unavailable("source: no connection")
    toy.look()
    toy.clock.tick(300)
    toy.trouble["verify first"] = NotYet("first is slow")
    assert toy.look() == WAITS.look
    toy.clock.tick(11)  # 50 s before the outage, 11 s after it
    toy.look()

    assert toy.job.state is JobState.STOPPED
    assert toy.job.reason == "Turn first: first is slow, waited 61 s"


def test_an_outage_ends_with_the_first_answer_though_it_says_the_same_as_before() -> None:
    toy = Toy(trouble={"verify first": NotYet("first is slow")}).start()
    toy.look()
    for answer in (Unavailable("no connection"), NotYet("first is slow")):
        toy.trouble["verify first"] = answer
        toy.look()
    record = toy.job.record("first")
    assert (record.attempts, record.away) == (0, 0.0)
    toy.trouble["verify first"] = Unavailable("no connection")
    toy.look()

    assert toy.kinds().count(EventKind.AWAY) == 2


def test_a_retry_after_an_outage_gives_the_service_its_time_anew() -> None:
    toy = Toy(trouble={"do first": Unavailable("no connection")}).start()
    toy.look()
    toy.clock.tick(601)
    toy.look()
    assert toy.job.state is JobState.STOPPED
    toy.service.retry("J1", "UALICE")

    assert toy.look() == WAITS.look
    assert toy.job.state is JobState.RUNNING


def test_an_approval_is_used_up_only_by_the_step_it_allows() -> None:
    toy = Toy().start().run()
    toy.approve()
    toy.trouble["check second"] = StepFailed("the second switch is missing")
    toy.run()
    assert toy.job.reason == "Turn second: the second switch is missing"
    assert toy.job.record("go?").state is RecordState.AGREED
    toy.trouble.clear()
    toy.plan = ("turn the second switch", "and a third")
    toy.service.retry("J1", "UALICE")
    toy.run()

    assert toy.job.state is JobState.WAITING
    assert EventKind.VOID in toy.kinds()
    assert toy.switches["second"] is False


def test_a_cancel_after_the_click_takes_the_approval_back() -> None:
    toy = Toy().start().run()
    toy.approve()
    toy.trouble["check second"] = Unavailable("no connection")
    toy.look()
    toy.service.cancel("app-b", "UBOB")
    toy.trouble.clear()
    toy.service.retry("J1", "UALICE")
    toy.run()

    assert toy.job.state is JobState.WAITING
    assert toy.switches["second"] is False


def test_a_roll_back_that_stopped_before_its_first_step_never_turns_forwards() -> None:
    toy = Toy().start().run()
    good = toy.engine

    def gone(grip: Grip) -> Context:
        raise UnknownApp(f"There is no app “{grip.job().app}”.")

    toy.service.roll_back("J1", "UALICE")
    toy.engine = replace(good, world=gone)
    toy.run()
    assert toy.job.state is JobState.STOPPED
    toy.engine = good
    toy.service.retry("J1", "UALICE")
    toy.run()

    assert toy.job.state is JobState.UNDONE
    assert toy.switches["first"] is False


@pytest.mark.parametrize("back", [False, True])
def test_a_name_edited_in_the_settings_stops_the_job_before_it_acts_on_another(back: bool) -> None:
    toy = Toy().start().run()
    other = replace(APP, target=replace(SIDE, machine_group="somebody-elses"))
    toy.engine = replace(toy.engine, world=lambda app: replace(toy.context(), app=other))
    if back:
        toy.service.roll_back("J1", "UALICE")
    else:
        toy.approve()
    toy.run()

    assert toy.job.state is JobState.STOPPED
    assert "apps.app-b.target.machine_group is 'somebody-elses' and was 'g'" in toy.job.reason
    assert toy.switches == {"first": True, "second": False}


def test_a_plan_says_once_that_a_service_is_away() -> None:
    toy = Toy(trouble={"check first": Unavailable("source: no connection")})
    toy.service.plan("app-b", "UALICE", "C1")
    delays = [toy.look(), toy.look()]
    assert delays == [WAITS.look, WAITS.look]
    assert toy.kinds() == [EventKind.STARTED, EventKind.AWAY]
    toy.clock.tick(601)
    toy.look()

    assert toy.job.state is JobState.STOPPED


def test_only_an_approver_declines_retries_cancels_or_rolls_back_for_others() -> None:
    toy = Toy().start().run()
    shown = toy.job.record("go?").shown
    asked = [
        lambda by: toy.service.decline("J1", "go?", shown, by),
        lambda by: toy.service.cancel("J1", by),
        lambda by: toy.service.roll_back("J1", by),
    ]
    for ask in asked:
        with pytest.raises(Refused, match="not an approver"):
            ask("UMALLORY")
    toy.service.cancel("J1", "UBOB")
    with pytest.raises(Refused, match="not an approver"):
        toy.service.retry("J1", "UMALLORY")

    assert toy.job.state is JobState.STOPPED


def test_patience_for_an_approved_question_that_is_no_longer_green_ends_in_a_void() -> None:
    toy = Toy().start().run()
    toy.approve()
    toy.trouble["green"] = NotYet("the sides differ")
    assert toy.look() == WAITS.look
    toy.clock.tick(901)
    assert toy.look() == 0.0

    assert toy.kinds()[-1] is EventKind.VOID
    assert toy.job.record("go?").state is RecordState.PENDING


@pytest.mark.parametrize("back", [False, True])
def test_a_claim_that_ended_during_the_last_save_lets_no_effect_begin(back: bool) -> None:
    toy = Toy().start()
    if back:
        toy.run()
        toy.service.roll_back("J1", "UALICE")
    claim = toy.store.claim("J1")
    assert claim is not None
    answers = iter([None, ClaimLost("over")])  # the first is asked before the look

    def ours() -> None:
        if trouble := next(answers):
            raise trouble

    toy.calls.clear()
    assert toy.engine.advance(claim, ours=ours) == 0.0

    assert not [call for call in toy.calls if call.startswith(("do", "undo"))]
