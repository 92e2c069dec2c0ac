"""Equal, different, inconclusive: only equal is green."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.fake_hosts import FakeHosts
from tests.fakes import FakeClock, FakeSls
from workflows.apps import App, Host, Prices, Side, Waits
from workflows.errors import NotYet, StepFailed
from workflows.model import Facts
from workflows.ports import Line, Lines, Machine
from workflows.proof.comparison import Comparison, Differing, HostCount, Minute
from workflows.proof.verdict import Verdict, judged
from workflows.step import Context
from workflows.steps import comparing, cutover, proof

HOSTS = {"h1": "10.0.0.11", "h2": "10.0.0.12"}
APP = App(
    "app-b", "app-b", Side("pb", "l", "c", "g"), Side("pa", "l", "c", "g"), tuple(map(Host, HOSTS))
)
TIMED = {"logType": "json_log", "timeKey": "t", "timeFormat": "%s"}
START = 1_700_000_040  # a whole minute
WAITS = Waits(minute=60, minutes=3, settle=30, soak=0)
PER_SECOND = Callable[[int], int]  # lines of each host


def steady(second: int) -> int:
    return 2


def silent(second: int) -> int:
    return 0


def context(
    source: PER_SECOND, target: PER_SECOND, at: float = START, kept: Facts | None = None
) -> Context:
    clock = FakeClock(at)
    sides = []
    for owner, per_second in (("b", source), ("a", target)):
        sls = FakeSls(owner, clock)
        sls.logstore_bodies["l"] = sls.indexes["l"] = {}
        sls.config_bodies["c"] = {"inputType": "file", "inputDetail": TIMED}
        for second in range(START - 600, int(at)):
            for address in HOSTS.values():
                sls.ship("l", second, address, per_second(second))
        sides.append(sls)
    hosts: Any = FakeHosts({name: {} for name in HOSTS})
    expected = {name: {"ip": ip} for name, ip in HOSTS.items()}
    known = {"hosts": {"expected": expected}, "proof": {} if kept is None else kept}
    jot = (lambda facts: None) if kept is None else kept.update
    return Context(APP, WAITS, hosts, sides[0], sides[1], clock, known=known, jot=jot, remember=jot)


def proven(source: PER_SECOND, target: PER_SECOND, after: float) -> str:
    before = proof.begin(context(source, target))
    return proof.both_equal(context(source, target, START + after, before), before).text


def test_equal_lines_in_closed_settled_minutes_are_green() -> None:
    said = proven(steady, steady, after=60 + 3 * 60 + 30)

    assert said.startswith("equal: 720 = 720 lines in 3 minutes")


def test_one_line_less_in_one_minute_is_different_and_says_where() -> None:
    def one_less(second: int) -> int:
        return 1 if second == START + 130 else 2

    with pytest.raises(NotYet, match="different: 22:16:00Z source 240, target 238 lines"):
        proven(steady, one_less, after=270)


def test_a_minute_that_is_not_settled_is_not_counted() -> None:
    with pytest.raises(NotYet, match="1 of 3 minutes are not closed yet"):
        proven(steady, steady, after=60 + 3 * 60 + 29)


def test_minutes_before_both_collected_do_not_count() -> None:
    def late(second: int) -> int:
        return 2 if second >= START + 60 else 0

    assert proven(steady, late, after=270).startswith("equal")


def test_a_difference_before_the_newest_minutes_is_found() -> None:
    def lost_early(second: int) -> int:
        return 0 if second == START + 70 else 2

    with pytest.raises(NotYet, match="different: 22:15:00Z source 240, target 236"):
        proven(steady, lost_early, after=60 + 10 * 60 + 30)


def test_lost_here_and_doubled_there_is_no_equal_sum() -> None:
    def shifted(second: int) -> int:
        return {START + 70: 1, START + 130: 3}.get(second, 2)

    with pytest.raises(NotYet, match="different: 22:15:00Z source 240, target 238 lines"):
        proven(steady, shifted, after=60 + 10 * 60 + 30)


def test_silence_on_both_sides_is_inconclusive_and_never_green() -> None:
    with pytest.raises(NotYet, match="inconclusive: 0 lines on either side"):
        proven(silent, silent, after=600)


def test_whose_lines_come_late_is_said() -> None:
    kept: Facts = {"from": START}
    world = context(steady, steady, START + 600, kept)
    comparing.compare(world)
    sides: tuple[Any, Any] = (world.source, world.target)
    for sls in sides:
        late = Line(START + 400, (("content", "late"),))
        sls.held["l"].append(Lines((late,), source="10.0.0.12", received=START + 605))

    with pytest.raises(NotYet, match="2 lines came late just now; often late: h2"):
        proof.still_equal(replace(world, clock=FakeClock(START + 610)))


def test_of_two_hosts_with_one_address_it_is_said_that_they_have_it() -> None:
    world = context(steady, steady, START + 600, {"from": START})
    known = {**world.known, "hosts": {"expected": {name: {"ip": "10.0.0.11"} for name in HOSTS}}}

    with pytest.raises(NotYet, match=r"no line of h1 .*; h1 has the address 10.0.0.11 as h2 has"):
        proof.still_equal(replace(world, known=known))


@pytest.mark.parametrize(("now", "green"), [("10.0.0.12", True), ("10.0.0.99", False)])
def test_a_host_whose_address_changed_is_not_left_out_unseen(now: str, green: bool) -> None:
    at = START + 600
    world = context(steady, steady, at, {"from": START})
    agents = {name: {"ip": ip, "unique_id": f"id-{name}"} for name, ip in HOSTS.items()}
    world = replace(world, known={**world.known, "hosts": {"expected": agents}})
    source: Any = world.source
    source.groups["g"], source.bound = {}, {("c", "g")}
    source.beats["g"] = (Machine("10.0.0.11", "id-h1", at), Machine(now, "id-h2", at))
    target: Any = world.target
    for sls in (source, target):
        sls.ship("l", START + 100, "10.0.0.99", 5)

    if green:
        assert proof.still_equal(world).facts["verdict"] == "equal"
        return
    with pytest.raises(
        StepFailed, match=r"h2, which was 10.0.0.12, is 10.0.0.99 now are not compared"
    ):
        proof.still_equal(world)


def test_while_they_soak_people_see_until_when_and_what_is_equal_so_far() -> None:
    world = context(steady, steady, START + 300)
    before = {"from": START + 60, "soak_until": START + 1800.0}

    with pytest.raises(NotYet, match="the soak ends at 22:44:00Z; 3 minutes are equal so far"):
        proof.both_equal(world, before)


def test_what_the_soak_costs_is_told_where_prices_are_known() -> None:
    world = context(lambda _: 90, lambda _: 90, START + 300, {"from": START})
    compared = comparing.compare(world)
    compared = replace(compared, found=replace(compared.found, size=144_000_000))
    priced = replace(world, prices=Prices("CNY", ingest=10.0, index=0.5))

    assert proof._cost(priced, compared).endswith("MB received twice, 1.51 CNY")
    assert proof._cost(world, compared).endswith("MB received twice")


def test_where_nobody_counts_bytes_the_pace_of_the_files_tells_them() -> None:
    world = context(steady, steady, START + 300, {"from": START})
    compared = comparing.compare(world)
    bare = replace(compared, found=replace(compared.found, size=0))
    rates = {name: {"bound": {"rate": 100_000.0}} for name in HOSTS}
    known = {**world.known, "forecast": {"figures": {"hosts": rates}}}

    assert proof._cost(replace(world, known=known), bare) == ", 48 MB received twice"


def test_after_the_stop_the_target_must_receive_and_the_source_must_not() -> None:
    said = cutover.only_target_receives(context(silent, steady, START + 300)).text
    assert said == "in the last 3 closed minutes the target had 720 lines, the source none"

    with pytest.raises(NotYet, match="the source had 720 lines"):
        cutover.only_target_receives(context(steady, steady, START + 300))
    with pytest.raises(NotYet, match="no line in the target"):
        cutover.only_target_receives(context(silent, silent, START + 300))


def test_a_source_without_an_index_is_summed_up_instead_of_counted() -> None:
    world = context(silent, steady, START + 300)
    no_index = {**world.known, "source": {"found": {"index": None, **FOUND}}}
    bare = replace(world, known=no_index)
    bare.source.delete_index("l")

    assert "the source none" in cutover.only_target_receives(bare).text


FOUND: Facts = {"configs": [], "readers": [], "unseen": []}


def test_what_was_lost_while_the_card_hung_is_found_at_the_click() -> None:
    def lost(second: int) -> int:
        return 0 if second == START + 130 else 2

    kept: Facts = {"from": START + 60}
    with pytest.raises(NotYet, match="different: 22:16:00Z source"):
        proof.still_equal(context(steady, lost, START + 3600, kept))


def test_what_is_agreed_to_has_its_figures_and_what_must_stay_so() -> None:
    evidence = proof.still_equal(context(steady, steady, START + 300, {"from": START}))
    found = Comparison.of(evidence.facts["comparison"])

    assert (found.source, found.target) == (960, 960)
    assert [host.host for host in found.hosts] == ["h1", "h2"]
    assert {"h1 was compared", "h2 was compared"} <= {*evidence.substance}
    assert evidence.facts["at"] == START + 300


EQUAL = (Minute(0, 5, 5, equal=True), Minute(60, 4, 4, equal=True))
BOTH = (HostCount("h1", 4, 4, equal=True), HostCount("h2", 5, 5, equal=True))


@pytest.mark.parametrize(
    ("change", "verdict", "why"),
    [
        ({}, Verdict.EQUAL, ""),
        ({"minutes": (*EQUAL, Minute(120, 0, 1, equal=False))}, Verdict.DIFFERENT, "00:02:00Z"),
        ({"differing": (Differing(0, "h1", "/a", 1, 1),)}, Verdict.DIFFERENT, "h1 /a: content"),
        ({"minutes": EQUAL[:1]}, Verdict.INCONCLUSIVE, "1 of 2 minutes are not closed yet"),
        ({"hosts": BOTH[:1]}, Verdict.INCONCLUSIVE, "no line of h2 on either side"),
        ({"late": 3}, Verdict.INCONCLUSIVE, "3 lines came late"),
        ({"open": "the index warms up"}, Verdict.INCONCLUSIVE, "the index warms up"),
    ],
)
def test_the_verdict_is_three_valued(change: Any, verdict: Verdict, why: str) -> None:
    found = replace(Comparison("pull", 0, 120, EQUAL, BOTH), **change)
    said = judged(found, ["h1", "h2"], {}, 2, 1)

    assert (said.verdict, said.green) == (verdict, verdict is Verdict.EQUAL)
    assert why in said.why


def test_too_few_lines_prove_nothing() -> None:
    found = Comparison("pull", 0, 120, EQUAL, BOTH)

    assert judged(found, ["h1"], {}, 2, 10).verdict is Verdict.INCONCLUSIVE


def test_a_host_that_is_known_to_be_idle_is_named_and_does_not_stand_in_the_way() -> None:
    found = Comparison("pull", 0, 120, EQUAL, BOTH)
    said = judged(found, ["h1", "h2", "h3"], {"h3": "its files did not grow"}, 2, 1)

    assert (said.green, said.idle) == (True, ("h3",))


def test_a_difference_wins_over_what_is_still_open() -> None:
    odd = (Minute(0, 5, 4, equal=False),)

    assert judged(Comparison("pull", 0, 60, odd), ["h9"], {}, 3, 1).verdict is Verdict.DIFFERENT


def test_where_sides_differ_names_that_hosts_chose_mean_nothing_to_slack() -> None:
    place = str(Differing(START, "h1", "/var/log/<@U024BE7LH>\x1b[2J\n.log", 2, 1))

    assert place == "h1 /var/log/‹@U024BE7LH›\\x1b[2J .log: 2 and 1 lines"


def test_a_host_that_differs_is_not_told_with_an_equals_sign() -> None:
    told = [replace(BOTH[0], equal=False, target=n).said for n in (3, 4)]

    assert told == ["source 4, target 3 lines", "source 4, target 4 lines, but not the same ones"]
    assert BOTH[0].said == "4 = 4 lines"
