"""Cut-overs on a virtual clock: what is counted, and that it repeats."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from sandbox.__main__ import main
from sandbox.simulate import routes
from sandbox.simulate.clock import VirtualClock
from sandbox.simulate.cutover import cut_over
from sandbox.simulate.plan import Plan, draw
from sandbox.simulate.service import BINDABLE, REGION, TARGET, RoughDoor, Service
from sandbox.simulate.stage import BEGIN
from sandbox.sls.door import Beat, Door

ROOT = Path(__file__).parents[2]
SEED = 11
HOST_LINE = re.compile(
    r"\d+: \d hosts? \d\.\d\.\d, written \d+, lost \d+, doubled \d+, overlap \d+, "
    r"restart doubles \d+(, forecast \d+)?"
)

TOTALS = (
    r"overlap \d+, restart doubles \d+",
    r"forecast within one line in 100\.0 % of files",
    r"by the product's proof \d of 2 were equal before B ended; \d not, since .*",
    r"restart doubles in the target by then: (\d+) by the product, \1 in truth",
    r"overlap by then: \d+ by the product, \d+ in truth",
    r"simulate: 2 cut-overs, \d+ lines, lost 0, doubled 0",
)


def told(*words: str, **environment: str) -> bytes:
    command = [sys.executable, "-m", "sandbox", "simulate", *words]
    changed = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=changed, check=True, capture_output=True).stdout


def plans(route: str) -> Iterator[Plan]:
    return (draw(SEED, number, route) for number in range(1, 500))


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
    assert here.count(b"\n") == 12 + len(TOTALS)


def test_the_last_lines_are_the_totals_and_what_the_product_says_of_them() -> None:
    text = told("--cutovers", "2", "--seed", "7", "--processes", "1").decode().splitlines()
    lines, totals = text[: -len(TOTALS)], text[-len(TOTALS) :]

    assert all(HOST_LINE.fullmatch(line) for line in lines)
    for pattern, line in zip(TOTALS, totals, strict=True):
        assert re.fullmatch(pattern, line)


def test_the_other_route_is_not_the_products_and_only_its_forecast_is_told() -> None:
    text = told("--cutovers", "2", "--seed", "7", "--route", "stop-first").decode().splitlines()

    assert re.fullmatch(r"overlap \d+, restart doubles \d+, forecast \d+", text[-3])
    assert text[-2] == "forecast within one line in 100.0 % of files"


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


def test_no_agent_is_killed_for_overload_while_lines_may_be_refused() -> None:
    drawn = [plan for route in routes.ROUTES for plan in plans(route)]
    ends = {(bool(plan.refusals), host.overload) for plan in drawn for host in plan.hosts}

    assert (False, "kill") in ends
    assert (True, "clean") in ends
    assert (True, "kill") not in ends


def test_a_machine_that_is_told_late_hears_what_was_in_force_before() -> None:
    clock = VirtualClock(BEGIN)
    service = Service(clock)
    service.make_group(TARGET)
    service.make_config(TARGET, fields=False, forced=False)
    door = RoughDoor(service.state, clock)
    ids, accounts = (TARGET.custom_id,), frozenset({TARGET.account.id})
    beat = Beat("10.0.0.11", "one", ids, accounts, "", "", REGION)
    clock.at += BINDABLE
    before = door.beat(beat)
    service.bind(TARGET, on=True)
    door.late_until["one"] = clock.at + 60
    late = door.beat(beat)
    clock.at += 60
    told = door.beat(beat)

    assert (before, late) == ((), ())
    assert [one.key for one in told] == [TARGET.key]


def test_every_machine_has_its_own_copy_of_a_config_until_the_config_changes() -> None:
    service = Service(VirtualClock(BEGIN))
    service.make_group(TARGET)
    service.make_config(TARGET, fields=False, forced=False)
    service.state.clock.at += BINDABLE  # type: ignore[attr-defined]
    service.bind(TARGET, on=True)
    door = Door(service.state)
    beats = [
        Beat("10.0.0.11", who, (TARGET.custom_id,), frozenset({TARGET.account.id}), "", "", REGION)
        for who in ("one", "two")
    ]
    [first], [again], [other] = door.beat(beats[0]), door.beat(beats[0]), door.beat(beats[1])
    kept = deepcopy(first)
    body = service.state.projects[TARGET.project].configs[TARGET.config]
    body["inputDetail"]["logPath"] = "/var/log/other"
    [changed] = door.beat(beats[0])

    assert first == again == other == kept
    assert first.body["inputDetail"] is not other.body["inputDetail"]
    assert changed.body == body
    assert changed.body["inputDetail"] is not body["inputDetail"]


@pytest.mark.parametrize("processes", ["1", "2"])
def test_ctrl_c_ends_it_with_130_and_no_traceback(processes: str) -> None:
    words = ["--cutovers", "2000", "--seed", "7", "--processes", processes]
    running = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "simulate", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert running.stdout is not None
    running.stdout.readline()
    os.killpg(running.pid, signal.SIGINT)
    said, complained = running.communicate(timeout=60)

    assert (running.returncode, complained) == (130, b"")
    assert b"simulate:" not in said


def test_the_simulation_uses_no_socket_no_thread_and_no_sleep() -> None:
    words = re.compile(r"^\s*(?:import|from) (?:socket|threading|asyncio|time)\b", re.MULTILINE)
    files = sorted((ROOT / "sandbox" / "simulate").glob("*.py"))

    assert len(files) > 10
    assert [file.name for file in files if words.search(file.read_text())] == []
