"""Claims are renewed while moves run, and a move is told when its claim is no longer sure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.pulse import Hold, Pulse
from workflows.errors import ClaimLost, StoreAway
from workflows.model import Claim, Job

EVERY = 0.02


@dataclass
class Renewals:
    """A store that can be told how to answer."""

    answer: bool = True
    away: bool = False
    renewed: list[Claim] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def renew(self, claim: Claim) -> bool:
        if self.away:
            raise StoreAway("asking Redis: away")
        self.renewed.append(claim)
        return self.answer

    def note_working(self, claim: Claim, said: str) -> bool:
        self.said.append(said)
        return self.answer


def a_claim(version: int = 0) -> Claim:
    job = Job(
        id="7Q2", app="a", requested_by="U", channel="C", created=1.0, records=(), version=version
    )
    return Claim(job, "token")


def until(true: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)


def lost(hold: Hold) -> bool:
    try:
        hold.ours()
    except ClaimLost:
        return True
    return False


@pytest.fixture
def store() -> Renewals:
    return Renewals()


@pytest.fixture
def pulse(store: Renewals) -> Iterator[Pulse]:
    one = Pulse(store, every=EVERY)
    one.start()
    yield one
    one.stop()


def test_a_held_claim_is_renewed_until_it_is_let_go(store: Renewals, pulse: Pulse) -> None:
    with pulse.holding(a_claim()) as hold:
        until(lambda: len(store.renewed) > 5)
        hold.ours()
    seen = len(store.renewed)

    with pulse.holding(Claim(a_claim().job, "another")):
        until(lambda: len(store.renewed) > seen + 3)

    assert [claim.token for claim in store.renewed[seen + 1 :]].count("token") == 0


def test_after_a_commit_the_newer_claim_is_renewed(store: Renewals, pulse: Pulse) -> None:
    with pulse.holding(a_claim()) as hold:
        hold.now(a_claim(version=3))
        until(lambda: store.renewed and store.renewed[-1].job.version == 3)

        assert hold.claim.job.version == 3


def test_a_refused_renewal_ends_the_claim(store: Renewals, pulse: Pulse) -> None:
    store.answer = False

    with pulse.holding(a_claim()) as hold:
        until(lambda: lost(hold))

        with pytest.raises(ClaimLost, match="job 7Q2"):
            hold.ours()


def test_renewals_that_do_not_get_through_end_the_claim_until_one_does(
    store: Renewals, pulse: Pulse
) -> None:
    with pulse.holding(a_claim()) as hold:
        until(lambda: store.renewed)
        store.away = True
        until(lambda: lost(hold))
        store.away = False

        until(lambda: not lost(hold))


def test_one_miss_is_forgiven_and_two_in_a_row_are_not() -> None:
    hold = Hold(a_claim(), asked=time.monotonic(), length=60.0)

    hold.missed()
    hold.ours()
    hold.renewed(time.monotonic())
    hold.missed()
    hold.ours()
    hold.missed()

    assert lost(hold)


def test_a_claim_is_not_ours_longer_than_it_was_given_for() -> None:
    hold = Hold(a_claim(), asked=time.monotonic() - 15.0, length=15.0)

    assert lost(hold)


def test_what_a_move_says_reaches_the_store(store: Renewals, pulse: Pulse) -> None:
    with pulse.holding(a_claim()) as hold:
        hold.say("h1 of 3")

        until(lambda: store.said and store.said[-1] == "h1 of 3")


def test_where_redis_answers_slowly_words_do_not_cost_claims() -> None:
    class Slow(Renewals):
        """Ten renewals take half a claim, and as many words would take as long again."""

        def renew(self, claim: Claim) -> bool:
            return threading.Event().wait(0.08) or super().renew(claim)

        def note_working(self, claim: Claim, said: str) -> bool:
            return threading.Event().wait(0.08) or super().note_working(claim, said)

    slow = Slow()
    pulse = Pulse(slow, every=0.6)
    pulse.start()
    with ExitStack() as ends:
        claims = [Claim(a_claim().job, f"token {number}") for number in range(10)]
        holds = [ends.enter_context(pulse.holding(claim)) for claim in claims]
        until(lambda: len(slow.renewed) > 25 or any(lost(hold) for hold in holds))
        all_ours = not any(lost(hold) for hold in holds)
    pulse.stop()

    assert all_ours


def test_the_beat_outlives_an_error_and_touches_the_file(tmp_path: Path) -> None:
    class Broken(Renewals):
        def renew(self, claim: Claim) -> bool:
            self.renewed.append(claim)
            raise RuntimeError

    store, alive = Broken(), tmp_path / "alive"
    pulse = Pulse(store, EVERY, alive)
    pulse.start()
    with pulse.holding(a_claim()):
        until(lambda: len(store.renewed) > 3)
    until(alive.exists)

    pulse.stop()

    assert alive.exists()
