"""Seeded mistakes: a small round, and that the round itself could fail."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from sandbox.sls import wire
from tests.faults import untimed_trial
from tests.faults.great import EACH, Great
from tests.faults.lines import BEGIN, reordered, shipped, turned, written
from tests.faults.run import FIRST, UNTIMED, Totals, run, trial, trials
from tests.faults.seeded import FAULTS
from tests.faults.trial import CLEAN, LATE_KIND, ONE_LINE, Outcome, Trial, play
from workflows.model import Facts
from workflows.proof.comparison import Comparison, Minute
from workflows.proof.verdict import Verdict
from workflows.step import Context
from workflows.steps import by_content, by_pull

SEED = 17


def blind(context: Context, state: Facts) -> tuple[Comparison, Facts]:
    """An engine that counts minutes and sees no difference."""
    found, after = by_pull.compared(context, state)
    minutes = tuple(replace(one, equal=True) for one in found.minutes)
    return replace(found, minutes=minutes, differing=(), open=""), after


def by_number(context: Context, state: Facts) -> tuple[Comparison, Facts]:
    """An engine without checksums."""
    found, after = by_pull.compared(context, state)
    minutes = tuple(replace(one, equal=one.source == one.target) for one in found.minutes)
    return replace(found, minutes=minutes, differing=()), after


def test_a_small_round_finds_every_mistake_and_nothing_else() -> None:
    totals = run(trials(SEED, 105, 105))

    assert list(totals.lines())[-1] == "faults: found 105 of 105, false alarms 0 of 120"
    assert totals.well
    assert set(totals.found) == {*FAULTS, CLEAN}


def test_of_lines_without_a_time_of_their_own_every_mistake_is_found_and_no_outage_alarms() -> None:
    totals = run(trials(SEED, 0, 0, untimed=60))

    assert list(totals.lines())[-1] == "faults: found 40 of 40, false alarms 0 of 20"
    assert set(totals.seeded) == set(UNTIMED)


@pytest.mark.parametrize("number", range(FIRST, FIRST + len(UNTIMED)))
def test_an_engine_by_content_that_sees_no_difference_misses_every_kind(number: int) -> None:
    def seeing_nothing(context: Context, state: Facts) -> tuple[Comparison, Facts]:
        found, after = by_content.compared(context, state)
        end = int(context.clock.now()) // 60 * 60
        minutes = tuple(Minute(at, 9, 9, equal=True) for at in range(found.start, end, 60))
        hosts = tuple(replace(one, source=9, target=9) for one in found.hosts)
        return replace(found, end=end, minutes=minutes, hosts=hosts, differing=(), open="", late=0), after  # fmt: skip

    outcome = untimed_trial.play(trial(SEED, number), seeing_nothing)

    assert not outcome.found
    assert outcome.last is Verdict.EQUAL


@pytest.mark.parametrize("kind", ONE_LINE)
def test_one_line_is_found_among_a_hundred_thousand(kind: str) -> None:
    outcome = play(Trial(SEED, 1, kind, 100_000))

    assert outcome.first is outcome.last is Verdict.DIFFERENT


def test_a_hundred_thousand_lines_in_another_order_are_equal() -> None:
    assert play(Trial(SEED, 1, CLEAN, 100_000)).first is Verdict.EQUAL


def test_a_host_that_is_late_is_not_green_before_it_has_come_and_then_is() -> None:
    outcome = play(Trial(SEED, 5, LATE_KIND, 300))

    assert outcome.first is not Verdict.EQUAL
    assert outcome.last is Verdict.EQUAL


@pytest.mark.parametrize("kind", FAULTS)
def test_an_engine_that_sees_no_difference_misses_every_kind(kind: str) -> None:
    outcome = play(Trial(SEED, 9, kind, 200), blind)

    assert outcome.found == (outcome.first is Verdict.INCONCLUSIVE)


def test_an_engine_that_only_counts_misses_altered_lines_and_it_is_said_which() -> None:
    totals = Totals()
    totals.add(play(Trial(SEED, 3, "one byte altered", 200), by_number))
    *_, missed, last = totals.lines()

    assert not totals.well
    assert missed.endswith(f"one byte altered in 200 lines (again: --seed {SEED} --only 3)")
    assert last == "faults: found 0 of 1, false alarms 0 of 0"


def test_an_alarm_over_equal_logstores_is_counted_and_named() -> None:
    totals = Totals()
    quiet = Trial(SEED, 2, CLEAN, 10)
    totals.add(Outcome(quiet, Verdict.DIFFERENT, Verdict.DIFFERENT, "12:00:00Z source 1"))
    totals.add(Outcome(quiet, Verdict.DIFFERENT, Verdict.EQUAL, ""))  # it went by, but stops a job
    totals.add(Outcome(quiet, Verdict.INCONCLUSIVE, Verdict.EQUAL, ""))

    assert not totals.well
    assert "nothing wrong in 10 lines" in totals.wrong[0]
    assert list(totals.lines())[-1] == "faults: found 0 of 0, false alarms 2 of 3"


@pytest.mark.parametrize("kind", FAULTS)
def test_a_mistake_changes_what_a_side_holds(kind: str) -> None:
    for number in range(20):
        rng = random.Random(number)
        whole = written(rng, 30)
        batches = shipped(rng, whole.files)

        assert FAULTS[kind](rng, whole, batches) != batches


def test_order_of_lines_and_of_fields_changes_no_line() -> None:
    rng = random.Random(SEED)
    batches = shipped(rng, written(rng, 200).files)
    fields = [sorted(row.fields) for one in batches for row in one.rows]

    assert reordered(rng, batches) != batches
    assert [sorted(row.fields) for one in turned(batches) for row in one.rows] == fields


def test_what_is_compared_was_received_before_it_is_asked_for() -> None:
    rng = random.Random(SEED)
    whole = written(rng, 500)
    late = [
        one.received - row.time
        for one in shipped(rng, whole.files)
        for row in one.rows
        if row.time >= BEGIN
    ]

    assert whole.compared > 0
    assert 0 < max(late) < 60


@pytest.mark.parametrize("backwards", [False, True])
def test_a_group_that_is_made_from_its_pattern_is_what_its_lines_say(backwards: bool) -> None:
    great = Great(5 * EACH, backwards=backwards)
    for number in range(great.groups):
        made, told = wire.decode(great.raw(number)), wire.decode(great.batch(number).raw)

        assert made == told
        assert len(made.Logs) == EACH


def test_a_trial_is_the_same_whichever_others_are_played() -> None:
    assert trial(SEED, 199).lines == trial(SEED, 200).lines == 100_000
    assert [one for one in trials(SEED, 5, 3) if one.number == 3] == [trial(SEED, 3)]
    assert trial(SEED, 3) != trial(SEED + 1, 3)
