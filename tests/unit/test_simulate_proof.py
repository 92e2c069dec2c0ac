"""The product's proof on the stage: what it says of a cut-over is what files and logstores hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.simulate import routes
from sandbox.simulate.cutover import play
from sandbox.simulate.plan import Plan, draw
from sandbox.simulate.proof import Proof
from sandbox.simulate.service import TARGET, RoughDoor
from sandbox.simulate.stage import Stage
from sandbox.simulate.truth import Truth, disagreements
from sandbox.sls.door import Answer, LogGroup
from workflows.proof.verdict import Judged, Verdict

SEED = 11
PART, PARTS = 50, 20  # a thousand in all
TRUTH = Truth(100, 100, lost=0, doubled=0, repeated=0, overlap=0, alike=True)


def plans(*, own_time: bool) -> Iterator[Plan]:
    every = (draw(SEED, number, "dual") for number in range(1, 500))
    return (plan for plan in every if plan.fields is own_time)


def undisturbed(plan: Plan) -> Plan:
    hosts = tuple(dataclasses.replace(host, restarts=(), overload="") for host in plan.hosts)
    return dataclasses.replace(plan, hosts=hosts, refusals=())


class LosingDoor(RoughDoor):
    """Says that all is well and drops each group's last line, on its way to A."""

    def put(
        self,
        accounts: frozenset[str],
        project: str,
        logstore: str,
        group: LogGroup,
        at: float | None = None,
    ) -> Answer:
        if project == TARGET.project and len(group.logs) > 1:
            group = dataclasses.replace(group, logs=group.logs[:-1])
        return super().put(accounts, project, logstore, group, at)


class Spoken(Proof):
    """A proof that was asked and says what a test lets it say."""

    def __init__(self, plan: Plan, verdict: Verdict) -> None:
        stage = Stage(plan)
        told: list[Proof] = []

        def story(stage: Stage) -> Iterator[float]:
            yield from routes.dual(stage)
            assert stage.proof
            told.append(stage.proof)

        stage.play(story(stage))
        self.__dict__ |= told[0].__dict__
        self.judged = Judged(verdict, "12:00:00Z source 1, target 0 lines")


@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_cut_overs_lose_and_double_nothing_and_the_product_knows(part: int) -> None:
    numbers = range(part * PART + 1, (part + 1) * PART + 1)
    played = [play(draw(SEED, number, "dual")) for number in numbers]
    tallies = [one.tally for one in played]

    assert [text for one in played for text in one.complaints] == []
    assert sum(tally.lost + tally.doubled for tally in tallies) == 0
    assert sum(tally.written for tally in tallies) > 100 * PART
    assert sum(tally.equal + tally.uneven for tally in tallies) == PART
    assert [one.plan.number for one in played if one.plan.fields and one.tally.uneven] == []
    assert sum(tally.equal for tally in tallies) > 0.7 * PART
    assert sum(tally.restarts_told for tally in tallies) == sum(
        tally.restarts_there for tally in tallies
    )


def test_the_products_overlap_is_that_of_the_files_but_for_the_second_of_the_start() -> None:
    tallies = [play(plan).tally for plan, _ in zip(plans(own_time=True), range(25), strict=False)]
    told, there = (sum(getattr(t, f"overlap_{who}") for t in tallies) for who in ("told", "there"))

    assert there > 1000
    assert abs(told - there) < 0.03 * there


@pytest.mark.parametrize("own_time", [True, False])
def test_lines_that_are_lost_on_their_way_are_found_by_the_product_too(own_time: bool) -> None:
    plan = undisturbed(next(plan for plan in plans(own_time=own_time) if plan.number > 3))
    found = play(plan, door=LosingDoor)

    assert found.tally.lost > 0
    assert found.tally.equal == 0
    assert not any("the product says" in text for text in found.complaints)


@pytest.mark.parametrize(
    ("verdict", "real", "said"),
    [
        (Verdict.EQUAL, {"lost": 3}, "3 lines of the compared minutes are lost, and the product"),
        (Verdict.DIFFERENT, {}, "nothing is lost, and the product says different: 12:00:00Z"),
        (Verdict.INCONCLUSIVE, {}, "nothing is lost, and the product says inconclusive"),
        (Verdict.EQUAL, {"doubled": 2}, "doubled: 0 by the product, 2 in truth"),
        (Verdict.EQUAL, {"target": 99}, "target: "),
    ],
)
def test_a_product_that_is_wrong_is_contradicted(
    verdict: Verdict, real: dict[str, Any], said: str
) -> None:
    told = Spoken(undisturbed(next(plans(own_time=True))), verdict)
    honest = dataclasses.replace(TRUTH, source=told.found.source, target=told.found.target)
    first, *_ = disagreements(told, dataclasses.replace(honest, **real))

    assert first.startswith(said)
    told.judged = Judged(Verdict.EQUAL)
    assert list(disagreements(told, honest)) == []
