"""What was green turns red: back by itself to the last green state, and a person goes on from there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.test_engine import Toy
from workflows.errors import NotYet, Red, Refused, StepFailed, Unavailable
from workflows.model import EventKind, JobKind, JobState, RecordState
from workflows.others import taken_back
from workflows.step import Step

RED = Red("h2 fell silent", "Look at h2.")


def rows(toy: Toy) -> dict[str, str]:
    return {record.name: str(record.state) for record in toy.job.records}


class Watched(Toy):
    """`begun`, `green` (which looks), the question, `stopped` and `watched`, red behind `green`."""

    def __post_init__(self) -> None:
        self.switches = dict.fromkeys(("begun", "green", "stopped", "watched"), False)
        super().__post_init__()

    def step(self, name: str) -> Step:
        return super().step({"first": "begun", "second": "stopped"}.get(name, name))

    def watching(self) -> Watched:
        begun, question, stopped = self.workflow.steps
        green = replace(self.step("green"), do=lambda context, before: None, looks=True)
        assert isinstance(stopped, Step)
        stopped = replace(stopped, red_back_to="green")
        watched = replace(self.step("watched"), looks=True, red_back_to="green")
        steps = (begun, green, question, stopped, watched)
        self.switches["green"] = True
        self.workflow = replace(self.workflow, steps=steps)
        self.engine = replace(self.engine, workflow=self.workflow)
        self.service = replace(self.service, workflow=self.workflow)
        self.start().run()
        self.approve()
        return self


def red() -> Watched:
    """At the moment when the watch has turned red and nothing is taken back yet."""
    toy = Watched().watching()
    toy.trouble["verify watched"] = RED
    while toy.job.state is not JobState.UNDOING:
        toy.look()
    return toy


def test_a_red_watch_takes_back_what_is_behind_the_green_row_and_stops_there() -> None:
    toy = red().run()

    assert toy.switches == {"begun": True, "green": True, "stopped": False, "watched": False}
    assert toy.job.state is JobState.STOPPED
    assert toy.job.back_to == ""
    assert not toy.job.going_back
    assert rows(toy) == {
        "begun": "done",
        "green": "pending",
        "go?": "pending",
        "stopped": "pending",
        "watched": "pending",
    }


def test_the_event_carries_the_failing_evidence_and_the_stop_says_where_it_went() -> None:
    toy = red().run()
    told = {event.kind: event for event in toy.store.told["J1"]}

    assert (told[EventKind.RED].text, told[EventKind.RED].step) == ("h2 fell silent", "watched")
    assert toy.kinds()[-3:] == [EventKind.RED, EventKind.TAKEN_BACK, EventKind.STOPPED]
    assert toy.job.reason == (
        "Turn watched: h2 fell silent. Went back to “Turn green”: both sides collect again"
    )
    assert toy.job.hint.startswith("Retry proves again")


def test_nothing_that_only_looked_is_taken_back() -> None:
    toy = red().run()

    assert [call for call in toy.calls if call.startswith("undo")] == ["undo stopped"]


def test_while_it_goes_back_the_job_is_not_turned_back() -> None:
    toy = red()

    assert toy.job.back_to == "green"
    assert toy.job.going_back
    assert not toy.job.turned_back
    assert taken_back(toy.store, "app-b") == ""


def test_retry_proves_anew_and_asks_again() -> None:
    toy = red().run()
    checks = toy.calls.count("check green")
    toy.trouble.clear()
    toy.service.retry("J1", "UALICE")
    toy.run()

    assert toy.calls.count("check green") == checks + 1
    assert toy.job.state is JobState.WAITING
    assert rows(toy)["go?"] == "asked"


def test_the_first_consent_does_not_count_for_the_second_stop() -> None:
    toy = red().run()
    toy.trouble.clear()
    toy.service.retry("J1", "UALICE")
    toy.run()

    assert toy.switches["stopped"] is False


def test_what_the_step_kept_of_the_first_time_is_gone() -> None:
    toy = red().run()

    assert toy.job.record("stopped").before == {}


def test_an_outage_on_the_way_back_or_in_the_watch_is_looked_at_as_often_as_ever() -> None:
    toy = red()
    toy.trouble["undo stopped"] = Unavailable("source: no connection")
    back = [toy.look() for _ in range(4)]
    watch = Watched().watching()
    watch.trouble["verify watched"] = Unavailable("target: no connection")
    watch.run()

    assert back == [5.0] * 4
    assert [watch.look() for _ in range(4)] == [5.0] * 4


def test_a_roll_back_meanwhile_takes_all_back() -> None:
    toy = red()
    toy.service.roll_back("J1", "UBOB")
    toy.run()

    assert toy.job.state is JobState.UNDONE
    assert toy.job.turned_back
    assert toy.switches["begun"] is False


def test_a_roll_back_right_before_it_arrives_takes_all_back() -> None:
    toy = red()
    toy.look()
    assert rows(toy)["stopped"] == "undone"
    toy.service.roll_back("J1", "UBOB")
    toy.run()

    assert toy.job.state is JobState.UNDONE
    assert toy.switches["begun"] is False


def test_a_roll_back_after_it_takes_all_back() -> None:
    toy = red().run()
    toy.service.roll_back("J1", "UBOB")
    toy.run()

    assert toy.job.state is JobState.UNDONE
    assert toy.switches["begun"] is False


def test_where_the_way_back_is_blocked_a_retry_goes_on_with_it() -> None:
    toy = red()
    toy.trouble["undo stopped"] = StepFailed("the group is gone", "Make it again.")
    toy.run()
    assert (toy.job.state, toy.job.back_to) == (JobState.STOPPED, "green")
    toy.trouble.pop("undo stopped")
    toy.service.retry("J1", "UALICE")
    assert toy.job.state is JobState.UNDOING
    toy.run()

    assert (toy.job.state, toy.job.back_to) == (JobState.STOPPED, "")
    assert toy.switches["stopped"] is False


def test_patience_that_ends_in_a_watched_row_turns_red_too() -> None:
    toy = Watched().watching()
    toy.trouble["verify watched"] = NotYet("nobody was heard")
    toy.run()
    toy.clock.tick(61)
    toy.run()

    assert EventKind.RED in toy.kinds()
    assert toy.switches["stopped"] is False


def test_patience_that_ends_while_it_goes_back_stops_the_job() -> None:
    toy = red()
    toy.trouble["undo stopped"] = NotYet("the agents do not hold it yet")
    toy.run()
    toy.clock.tick(61)
    toy.run()

    assert toy.job.state is JobState.STOPPED
    assert toy.kinds().count(EventKind.RED) == 1
    assert toy.job.back_to == "green"


def test_a_service_that_is_away_is_no_red() -> None:
    toy = Watched().watching()
    toy.trouble["verify watched"] = Unavailable("no answer")
    toy.run()
    toy.clock.tick(601)
    toy.run()

    assert toy.job.state is JobState.STOPPED
    assert EventKind.RED not in toy.kinds()
    assert toy.switches["stopped"] is True


def test_trouble_that_is_not_red_stops_as_ever() -> None:
    toy = Watched().watching()
    toy.trouble["verify watched"] = StepFailed("somebody attached it again")
    toy.run()

    assert toy.job.state is JobState.STOPPED
    assert toy.switches["stopped"] is True


def test_where_nothing_is_ours_to_take_back_red_stops_the_job() -> None:
    toy = Watched()
    toy.switches["stopped"] = True  # before we came
    toy.watching()
    toy.trouble["verify watched"] = RED
    toy.run()

    assert toy.job.state is JobState.STOPPED
    assert toy.job.reason == "Turn watched: h2 fell silent"
    assert rows(toy)["stopped"] == "already so"
    assert EventKind.RED not in toy.kinds()


def test_both_sides_collect_for_their_whole_time_anew() -> None:
    toy = red()
    toy.clock.tick(100)
    toy.run()

    assert toy.job.asked == {"dual_from": toy.clock.now()}


def test_going_back_refuses_a_cancel_with_a_way_out() -> None:
    toy = red()

    with pytest.raises(Refused) as refused:
        toy.service.cancel("J1", "UALICE")
    assert "Roll back" in refused.value.hint
    assert toy.job.kind is JobKind.MOVE
    assert toy.job.record("stopped").state is RecordState.UNDOING
