"""What was written at the service is told once, by the next event, with its request ids."""

from __future__ import annotations

import pytest

from tests.fakes import FakeClock, FakeNotifier, FakeStore
from tests.unit.report_kit import a_job
from workflows.errors import Conflict
from workflows.model import Event, EventKind
from workflows.turn import Turn
from workflows.written import MOST, Written, lines, plus

POST, PUT = "target POST /configs", "target POST /logstores/app-b/shards/lb"


def written(*calls: tuple[str, str]) -> Written:
    found: Written = ()
    for call, request in calls:
        found = plus(found, call, request)
    return found


def test_each_call_is_told_with_its_own_id() -> None:
    found = lines(written((POST, "R1"), (POST, "R2")))

    assert found == (f"{POST} R1", f"{POST} R2")


def test_of_lines_that_were_put_the_first_and_the_last_id_are_told_and_how_many() -> None:
    found = lines(written((PUT, "R1"), (POST, "R2"), (PUT, "R3"), (PUT, "R4")))

    assert found == (f"{PUT} R1 … R4, 3 calls", f"{POST} R2")


def test_of_very_many_calls_the_rest_is_counted() -> None:
    found = lines(written(*((POST, f"R{n}") for n in range(MOST + 3))))

    assert len(found) == MOST + 1
    assert found[-2:] == (f"{POST} R{MOST - 1}", "and 3 more")


def a_turn(store: FakeStore) -> Turn:
    claim = store.claim("7Q2K")
    assert claim is not None
    return Turn(store, FakeNotifier(), FakeClock(), claim, lambda claim: None)


@pytest.fixture
def store() -> FakeStore:
    store = FakeStore()
    store.create(a_job(), Event(1.0, "7Q2K", EventKind.STARTED))
    return store


def test_what_one_move_wrote_is_told_by_the_event_of_a_later_one(store: FakeStore) -> None:
    turn = a_turn(store)
    turn.wrote(POST, "R1")
    turn.save(turn.job)
    store.release(turn.claim, 0.0)
    later = a_turn(store)
    later.wrote(POST, "R2")
    later.save(later.job, later.event(EventKind.DONE))

    assert store.told["7Q2K"][-1].requests == (f"{POST} R1", f"{POST} R2")
    assert later.job.written == ()


def test_an_event_tells_only_what_was_written_since_the_one_before(store: FakeStore) -> None:
    turn = a_turn(store)
    turn.wrote(POST, "R1")
    turn.save(turn.job, turn.event(EventKind.DONE))
    turn.save(turn.job, turn.event(EventKind.DONE))

    assert [event.requests for event in store.told["7Q2K"][1:]] == [(f"{POST} R1",), ()]


def test_what_could_not_be_saved_is_still_to_be_told(store: FakeStore) -> None:
    turn = a_turn(store)
    turn.wrote(POST, "R1")
    store.amend(store.load("7Q2K"))
    with pytest.raises(Conflict):
        turn.save(turn.job, turn.event(EventKind.DONE))

    assert turn.untold
