"""Equal, different, inconclusive: only equal is green."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes import FakeClock, FakeSls
from workflows.apps import App, Side, Waits
from workflows.errors import Blocked, NotYet
from workflows.step import Context
from workflows.steps import cutover, proof
from workflows.steps.proof import Minute, Verdict, verdict

APP = App("app-b", "app-b", Side("pb", "l", "c", "g"), Side("pa", "l", "c", "g"), ())
TIMED = {"logType": "json_log", "timeKey": "t", "timeFormat": "%s"}
START = 1_700_000_040  # a whole minute
WAITS = Waits(minute=60, minutes=3, settle=30, soak=0)
PER_SECOND = Callable[[int], int]


def steady(second: int) -> int:
    return 2


def silent(second: int) -> int:
    return 0


def context(source: PER_SECOND, target: PER_SECOND, at: float = START) -> Context:
    clock = FakeClock(at)
    sides = []
    for owner, per_second in (("b", source), ("a", target)):
        sls = FakeSls(owner, clock)
        sls.logstore_bodies["l"] = sls.indexes["l"] = {}
        sls.config_bodies["c"] = {"inputType": "file", "inputDetail": TIMED}
        seconds = range(START - 600, int(at))
        sls.lines["l"] = Counter({second: per_second(second) for second in seconds})
        sides.append(sls)
    hosts: Any = None
    return Context(APP, WAITS, hosts, sides[0], sides[1], clock)


def proven(source: PER_SECOND, target: PER_SECOND, after: float) -> str:
    at_start = proof.begin(context(source, target))
    return proof.both_equal(context(source, target, START + after), at_start).text


def test_equal_counts_in_closed_settled_minutes_are_green() -> None:
    said = proven(steady, steady, after=60 + 3 * 60 + 30)

    assert said.startswith("equal: 22:15:00Z 120 = 120, 22:16:00Z 120 = 120")
    assert said.endswith("all 3 minutes together 360 lines each")


def test_one_line_less_in_one_minute_is_different_and_says_where() -> None:
    def one_less(second: int) -> int:
        return 1 if second == START + 130 else 2

    with pytest.raises(NotYet, match="different: 22:16:00Z source 120, target 119 lines"):
        proven(steady, one_less, after=270)


def test_a_minute_that_is_not_settled_is_not_counted() -> None:
    with pytest.raises(NotYet, match="1 of 3 minutes are not closed yet"):
        proven(steady, steady, after=60 + 3 * 60 + 29)


def test_minutes_before_both_collected_do_not_count() -> None:
    def late(second: int) -> int:
        return 2 if second >= START + 60 else 0

    assert "equal" in proven(steady, late, after=270)


def test_a_difference_before_the_newest_minutes_is_found_in_the_whole() -> None:
    def lost_early(second: int) -> int:
        return 0 if second == START + 70 else 2

    with pytest.raises(NotYet, match="different: 22:15:00Z source 1200, target 1198"):
        proven(steady, lost_early, after=60 + 10 * 60 + 30)


def test_silence_on_both_sides_is_inconclusive_and_never_green() -> None:
    with pytest.raises(NotYet, match="inconclusive"):
        proven(silent, silent, after=600)


def test_the_verdict_is_three_valued() -> None:
    assert verdict((Minute(0, 5, 5), Minute(60, 0, 0))) is Verdict.EQUAL
    assert verdict((Minute(0, 5, 5), Minute(60, 0, 1))) is Verdict.DIFFERENT
    assert verdict((Minute(0, 0, 0),)) is Verdict.INCONCLUSIVE


def test_the_soak_lies_before_the_comparison() -> None:
    at_start = {"from": START, "soak_until": START + 1800}

    with pytest.raises(NotYet, match="the soak ends in 25 min"):
        proof.both_equal(context(steady, steady, START + 300), at_start)


def test_a_config_that_takes_the_time_of_reading_cannot_be_compared_by_minute() -> None:
    world = context(steady, steady)
    world.source.config_bodies["c"] = {"inputDetail": {}}  # type: ignore[attr-defined]

    with pytest.raises(Blocked, match="time of reading"):
        proof.begin(world)


def test_after_the_stop_the_target_must_receive_and_the_source_must_not() -> None:
    said = cutover.only_target_receives(context(silent, steady, START + 300)).text
    assert said == "in the last 3 closed minutes the target had 360 lines, the source none"

    with pytest.raises(NotYet, match="the source had 360 lines"):
        cutover.only_target_receives(context(steady, steady, START + 300))
    with pytest.raises(NotYet, match="no line in the target"):
        cutover.only_target_receives(context(silent, silent, START + 300))


def test_lost_here_and_doubled_there_is_no_equal_sum() -> None:
    def shifted(second: int) -> int:
        return {START + 70: 1, START + 130: 3}.get(second, 2)

    with pytest.raises(NotYet, match="different: 22:15:00Z source 120, target 119 lines"):
        proven(steady, shifted, after=60 + 10 * 60 + 30)


def test_what_was_lost_while_the_card_hung_is_found_at_the_click() -> None:
    def lost(second: int) -> int:
        return 0 if second == START + 130 else 2

    world = context(steady, lost, START + 3600)
    assert proof.still_equal(world).text.startswith("equal")
    known = replace(world, known={"proof": {"from": START + 60}})

    with pytest.raises(NotYet, match="different: 22:15:00Z source"):
        proof.still_equal(known)
