"""Cut-overs on a virtual clock: what is counted, that it repeats, and that it can find mistakes."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import ClassVar

import pytest

from sandbox.__main__ import main
from sandbox.simulate import routes
from sandbox.simulate.cutover import CutOver, cut_over, play
from sandbox.simulate.many import simulate
from sandbox.simulate.plan import Plan, draw
from sandbox.simulate.service import TARGET, RoughDoor
from sandbox.simulate.stage import Stage
from sandbox.sls.door import Answer, Beat, Delivered, LogGroup

ROOT = Path(__file__).parents[2]
SEED = 11
HOST_LINE = re.compile(
    r"\d+: \d hosts? \d\.\d\.\d, written \d+, lost \d+, doubled \d+, overlap \d+, "
    r"restart doubles \d+(, forecast \d+)?"
)


def told(*words: str, **environment: str) -> bytes:
    command = [sys.executable, "-m", "sandbox", "simulate", *words]
    changed = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=changed, check=True, capture_output=True).stdout


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


def test_the_products_order_neither_loses_nor_doubles() -> None:
    played = [cut_over(SEED, number, "dual") for number in range(1, 31)]
    tallies = [one.tally for one in played]

    assert [one.complaints for one in played if one.complaints] == []
    assert sum(tally.lost for tally in tallies) == 0
    assert sum(tally.doubled for tally in tallies) == 0
    assert sum(tally.written for tally in tallies) > 200 * len(tallies)
    assert sum(tally.overlap for tally in tallies) > 0
    assert sum(tally.restarts for tally in tallies) > 0


def test_stopping_first_loses_what_the_forecast_says_and_reads_the_rest_again() -> None:
    played = [cut_over(SEED, number, "stop-first") for number in range(1, 31)]
    tallies = [one.tally for one in played]

    assert [one.complaints for one in played if one.complaints] == []
    assert sum(tally.lost for tally in tallies) > 0
    assert sum(tally.overlap for tally in tallies) > 0
    assert sum(tally.doubled for tally in tallies) == 0
    assert abs(sum(tally.lost - tally.forecast for tally in tallies)) <= 3 * len(tallies)


def test_a_cut_over_does_not_depend_on_those_before_it() -> None:
    cut_over(SEED, 1, "dual")

    assert cut_over(SEED, 4, "dual") == cut_over(SEED, 4, "dual")
    assert draw(SEED, 4, "dual") != draw(SEED + 1, 4, "dual")


def test_the_same_seed_says_the_same_to_the_byte_wherever_and_by_how_many() -> None:
    words = ("--cutovers", "12", "--seed", "7")
    here = told(*words, "--processes", "1", TZ="UTC", PYTHONHASHSEED="1")
    there = told(*words, "--processes", "3", TZ="Asia/Kathmandu", PYTHONHASHSEED="2")

    assert here == there
    assert here.count(b"\n") == 14


def test_the_last_line_and_the_one_before_it_are_the_totals() -> None:
    text = told("--cutovers", "2", "--seed", "7", "--processes", "1").decode().splitlines()
    lines, overlap, last = text[:-2], text[-2], text[-1]

    assert all(HOST_LINE.fullmatch(line) for line in lines)
    assert re.fullmatch(r"overlap \d+, restart doubles \d+", overlap)
    assert re.fullmatch(r"simulate: 2 cut-overs, \d+ lines, lost 0, doubled 0", last)


def test_one_cut_over_can_be_played_alone(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["simulate", "--seed", str(SEED), "--only", "5", "--route", "stop-first"])
    first = capsys.readouterr().out.splitlines()[0]

    assert status == 0
    assert first == cut_over(SEED, 5, "stop-first").line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cutovers", "0"], "give a whole number from 1 to 1000000, not 0"),
        (["--seed", "x"], "give a whole number from 0 to"),
        (["--route", "sideways"], "invalid choice: 'sideways'"),
        (["--only", "3", "--cutovers", "5"], "not allowed with argument"),
        (["--processes", "0"], "give a whole number from 1 to 256, not 0"),
    ],
)
def test_wrong_words_are_refused_with_the_way_out(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", *words])

    assert ended.value.code == 2
    assert said in capsys.readouterr().err


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


def test_the_simulation_uses_no_socket_no_thread_and_no_sleep() -> None:
    words = re.compile(r"^\s*(?:import|from) (?:socket|threading|asyncio|time)\b", re.MULTILINE)
    files = sorted((ROOT / "sandbox" / "simulate").glob("*.py"))

    assert len(files) > 10
    assert [file.name for file in files if words.search(file.read_text())] == []
