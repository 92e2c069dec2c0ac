"""Cut-overs in which something is wrong, so that the simulation has something to find."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

import pytest

from sandbox.simulate import routes
from sandbox.simulate.cutover import CutOver, play
from sandbox.simulate.many import simulate
from sandbox.simulate.plan import Plan, draw
from sandbox.simulate.service import TARGET, RoughDoor
from sandbox.simulate.stage import Stage
from sandbox.sls.door import Answer, Beat, Delivered, LogGroup

SEED = 11


def plans(route: str) -> Iterator[Plan]:
    return (draw(SEED, number, route) for number in range(1, 500))


def undisturbed(plan: Plan) -> Plan:
    hosts = tuple(dataclasses.replace(host, restarts=(), overload="") for host in plan.hosts)
    return dataclasses.replace(plan, hosts=hosts, refusals=())


class DeafDoor(RoughDoor):
    """Delivers A's config without what makes it A's."""

    spoil: ClassVar[dict[str, object]] = {"force_multiconfig": False}

    def beat(self, beat: Beat) -> tuple[Delivered, ...]:
        return tuple(self._spoilt(one) for one in super().beat(beat))

    def _spoilt(self, one: Delivered) -> Delivered:
        if one.key != TARGET.key:
            return one
        detail = one.body["inputDetail"]
        detail = detail | {"advanced": detail.get("advanced", {}) | self.spoil}
        return dataclasses.replace(one, body=one.body | {"inputDetail": detail})


class TaillessDoor(DeafDoor):
    """Delivers A's config so that files begin at their end."""

    spoil: ClassVar[dict[str, object]] = {"tail_size_kb": 0}


class StutteringDoor(RoughDoor):
    """Stores every group twice."""

    def put(
        self,
        accounts: frozenset[str],
        project: str,
        logstore: str,
        group: LogGroup,
        at: float | None = None,
    ) -> Answer:
        super().put(accounts, project, logstore, group, at)
        return super().put(accounts, project, logstore, group, at)


class InventingDoor(RoughDoor):
    """Stores a line of its own beside each group."""

    def put(
        self,
        accounts: frozenset[str],
        project: str,
        logstore: str,
        group: LogGroup,
        at: float | None = None,
    ) -> Answer:
        made = dataclasses.replace(group, logs=[(group.logs[0][0], {"content": "made up"})])
        super().put(accounts, project, logstore, made, at)
        return super().put(accounts, project, logstore, group, at)


class OnceDoor(RoughDoor):
    """Says that all is well and stores no line a second time."""

    def put(
        self,
        accounts: frozenset[str],
        project: str,
        logstore: str,
        group: LogGroup,
        at: float | None = None,
    ) -> Answer:
        held = self.__dict__.setdefault("held", set())
        new = [log for log in group.logs if (project, tuple(log[1].items())) not in held]
        held |= {(project, tuple(fields.items())) for _, fields in new}
        if not new:
            return Answer(200)
        return super().put(accounts, project, logstore, dataclasses.replace(group, logs=new), at)


def one_line_never_written(stage: Stage) -> Iterator[float]:
    yield from routes.dual(stage)
    stage.hosts[0].streams[0].written += 1


def config_before_logstore(stage: Stage) -> Iterator[float]:
    yield from routes.source_collects(stage)
    yield from routes.hosts_known_to_target(stage)
    yield from routes.configured(stage, forced=True)
    yield 120.0
    yield from routes.destination(stage)
    yield from routes.together(stage)
    yield from routes.source_ends(stage)


def source_ended_at_once(stage: Stage) -> Iterator[float]:
    yield from routes.source_collects(stage)
    yield from routes.hosts_known_to_target(stage)
    yield from routes.destination(stage)
    yield from routes.source_ends(stage)
    yield 600.0
    yield from routes.configured(stage, forced=True)


def test_a_config_that_is_applied_before_its_logstore_is_ready_loses_lines() -> None:
    found = [play(plan, config_before_logstore) for plan in islice(plans("dual"), 5)]

    assert sum(one.tally.lost for one in found) > 0
    assert any("lost, the first is" in text for one in found for text in one.complaints)


def test_a_source_that_ends_before_the_target_begins_is_found_to_lose_lines() -> None:
    heavy = (plan for plan in plans("dual") if any(log.width > 4096 for log in plan.hosts[0].logs))
    found = [play(plan, source_ended_at_once) for plan in islice(heavy, 6)]

    assert sum(one.tally.lost for one in found) > 0


def test_an_agent_that_does_not_obey_the_forced_flag_is_found() -> None:
    played = play(next(plans("dual")), door=DeafDoor)

    assert "A's first lines of a log that is written" in played.complaints[0]


def test_an_agent_that_begins_at_the_end_does_not_keep_to_the_forecast() -> None:
    found = [play(plan, door=TaillessDoor) for plan in islice(plans("stop-first"), 3)]

    assert any("forecast" in text for one in found for text in one.complaints)


def test_lines_that_are_stored_twice_are_doubled_and_no_restart_explains_them() -> None:
    played = play(undisturbed(next(plans("dual"))), door=StutteringDoor)

    assert played.tally.doubled > played.tally.written
    assert played.tally.restarts == 0


def test_a_line_that_is_in_no_file_is_found() -> None:
    played = play(undisturbed(next(plans("dual"))), door=InventingDoor)

    assert any("a line that is in no file: made up" in text for text in played.complaints)


def test_a_line_that_was_written_and_is_in_no_file_is_found() -> None:
    played = play(undisturbed(next(plans("dual"))), one_line_never_written)

    assert re.search(r"(\d+) lines were written, (\d+) are there", played.complaints[0])


def test_a_restart_double_that_the_logstore_does_not_hold_is_found() -> None:
    again = (plan for plan in plans("dual") if play(plan).tally.restarts)
    played = play(next(again), door=OnceDoor)

    assert any("by the journal, not by the logstore" in text for text in played.complaints)


def test_something_broken_ends_with_1_and_names_cut_over_seed_line_and_how_to_see_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(seed: int, number: int, route: str) -> CutOver:
        return play(draw(seed, number, route), config_before_logstore)

    status = simulate(range(1, 4), SEED, "dual", 1, broken)
    said = capsys.readouterr().out

    assert status == 1
    assert re.search(rf"broken in cut-over \d, seed {SEED}: h\d:/var/log/.* lost, .*seq=\d+", said)
    assert f"python -m sandbox simulate --route dual --seed {SEED} --only" in said
    assert re.fullmatch(r"simulate: 3 cut-overs, .* lost [1-9]\d*, .*", said.splitlines()[-1])
