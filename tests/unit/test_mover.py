"""One look at a job: claimed, moved, given back, whatever the move does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from bot.mover import BROKEN, Mover, by_shape
from bot.pulse import Pulse
from tests.fakes import FakeClock, FakeStore
from tests.unit.test_pulse import Renewals
from workflows.errors import ClaimLost, Conflict, StoreAway
from workflows.model import Claim, Event, EventKind, Job, JobState

Ours = Callable[[], None]
Say = Callable[[str], None]
Saved = Callable[[Claim], None]


@dataclass
class Moves:
    """An engine that makes the move given, and keeps what it gave up."""

    move: Callable[[Claim, Saved], float | None]
    given_up: list[str] = field(default_factory=list)

    def advance(self, claim: Claim, say: Say, ours: Ours, saved: Saved) -> float | None:
        ours()
        return self.move(claim, saved)

    def give_up(self, claim: Claim, ref: str) -> None:
        self.given_up.append(claim.job.id)


def raising(error: Exception) -> Callable[[Claim, Saved], float | None]:
    def move(claim: Claim, saved: Saved) -> float | None:
        raise error

    return move


@pytest.fixture
def store() -> FakeStore:
    one = FakeStore(FakeClock())
    job = Job(id="7Q2", app="a", requested_by="U", channel="C", created=1.0, records=())
    one.create(job, Event(at=1.0, job="7Q2", kind=EventKind.STARTED))
    one.due()
    return one


@pytest.fixture
def pulse() -> Iterator[Pulse]:
    one = Pulse(Renewals(), every=5.0)
    one.start()
    yield one
    one.stop()


def due_in(store: FakeStore) -> float | None:
    at = store.due_at.get("7Q2")
    return None if at is None else at - store.clock.now()


def test_the_job_is_due_again_when_the_move_says(store: FakeStore, pulse: Pulse) -> None:
    Mover(store, Moves(lambda claim, saved: 10.0), pulse).look("7Q2")

    assert due_in(store) == pytest.approx(10.0)
    assert store.claim("7Q2") is not None


def test_a_job_with_nothing_to_do_is_not_due(store: FakeStore, pulse: Pulse) -> None:
    Mover(store, Moves(lambda claim, saved: None), pulse).look("7Q2")

    assert due_in(store) is None


def test_the_newest_saved_claim_is_given_back(store: FakeStore, pulse: Pulse) -> None:
    def move(claim: Claim, saved: Saved) -> float:
        saved(store.commit(claim, claim.job.moved(JobState.RUNNING)))
        return 10.0

    Mover(store, Moves(move), pulse).look("7Q2")

    assert due_in(store) == pytest.approx(10.0)


def test_a_click_while_a_move_is_made_is_heeded_right_after_it(
    store: FakeStore, pulse: Pulse
) -> None:
    seen: list[JobState] = []

    def move(claim: Claim, saved: Saved) -> float:
        seen.append(claim.job.state)
        if len(seen) == 1:
            store.amend(store.load("7Q2").moved(JobState.UNDOING))
            raise Conflict("amended")
        return 10.0

    Mover(store, Moves(move), pulse).look("7Q2")

    assert seen == [JobState.QUEUED, JobState.UNDOING]
    assert due_in(store) == pytest.approx(10.0)


@pytest.mark.parametrize("error", [Conflict("amended"), ClaimLost("lost"), StoreAway("away")])
def test_a_dropped_move_is_looked_at_again_at_once(
    store: FakeStore, pulse: Pulse, error: Exception
) -> None:
    Mover(store, Moves(raising(error)), pulse).look("7Q2")

    assert due_in(store) == pytest.approx(0.0)


def test_a_move_that_breaks_off_is_given_up(store: FakeStore, pulse: Pulse) -> None:
    moves = Moves(raising(ZeroDivisionError()))

    Mover(store, moves, pulse).look("7Q2")

    assert moves.given_up == ["7Q2"]
    assert due_in(store) is None


def test_a_move_that_cannot_even_be_given_up_is_looked_at_later(
    store: FakeStore, pulse: Pulse
) -> None:
    class Stuck(Moves):
        def give_up(self, claim: Claim, ref: str) -> None:
            raise StoreAway(ref)

    Mover(store, Stuck(raising(ZeroDivisionError())), pulse).look("7Q2")

    assert due_in(store) == pytest.approx(BROKEN)


def test_a_job_is_not_moved_twice_at_once_in_one_process(store: FakeStore, pulse: Pulse) -> None:
    begun, go_on, moves = threading.Event(), threading.Event(), []

    def move(claim: Claim, saved: Saved) -> None:
        moves.append(claim)
        begun.set()
        assert go_on.wait(10.0)

    mover = Mover(store, Moves(move), pulse)
    first = threading.Thread(target=mover.look, args=("7Q2",))
    first.start()
    assert begun.wait(10.0)
    store.clock.tick(3600.0)  # the store would give the claim to anybody by now
    mover.look("7Q2")
    go_on.set()
    first.join(10.0)

    assert len(moves) == 1
    mover.look("7Q2")
    assert len(moves) == 2


def test_a_batch_that_is_due_is_looked_at_by_whoever_knows_batches() -> None:
    jobs: list[str] = []
    batches: list[str] = []
    look = by_shape(jobs.append, batches.append)

    for due in ("7Q2", "7Q2/add/3", "8XY"):
        look(due)

    assert jobs == ["7Q2", "8XY"]
    assert batches == ["7Q2/add/3"]
