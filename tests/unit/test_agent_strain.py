"""Too much CPU for too long, and clocks that are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.hosts.journal import What
from sandbox.hosts.root import AGENT_CONFIG
from sandbox.hosts.strain import Cost, CpuLimit, MemoryLimit, Meter
from sandbox.hosts.versions import traits
from tests.unit.agent_kit import NOON, Bench, delivered

LINE = "x" * 1023 + "\n"
# One KiB in thirty seconds is more than half of the limit, two are too much.
BUSY = Cost(at_rest=0.0, per_config=0.0, per_mib=0.25 * 30 * 1024)


def work(bench: Bench, looks: int) -> None:
    """Write a KiB each 30 s, and let the agent look at itself after each."""
    for _ in range(looks):
        bench.write(LINE)
        bench.round(30)


def both() -> tuple[object, ...]:
    forced = {"force_multiconfig": True}
    return (delivered(), delivered("new", project="project-a", created=200, advanced=forced))


def test_the_eleventh_look_in_a_row_above_the_limit_is_the_last() -> None:
    limit = CpuLimit(0.4, traits((1, 8, 8)))

    assert [limit.is_over(0.5) for _ in range(11)] == [False] * 10 + [True]


def test_one_look_below_the_limit_begins_the_count_anew() -> None:
    limit = CpuLimit(0.4, traits((3, 3, 5)))
    seen = [limit.is_over(cores) for cores in [0.5] * 10 + [0.4] + [0.5] * 10]

    assert not any(seen)


def test_only_2_0_restarts_at_once_at_ten_times_the_limit() -> None:
    at_once = [CpuLimit(0.4, traits(one)).is_over(4.1) for one in ((1, 8), (2, 0), (3, 0), (3, 3))]

    assert at_once == [False, True, False, False]


def test_too_much_memory_is_borne_for_eleven_looks(tmp_path: Path) -> None:
    bench = Bench(tmp_path, memory=2100.0)
    bench.start()
    seen = []
    for _ in range(11):
        bench.round(30)
        seen.append(len(bench.agent.journal.of(What.OVERLOADED)))

    assert seen == [0] * 10 + [1]


def test_a_limit_in_the_agents_settings_counts(tmp_path: Path) -> None:
    bench = Bench(tmp_path, memory=2100.0)
    file = bench.root / AGENT_CONFIG
    file.write_text(json.dumps(json.loads(file.read_text()) | {"mem_usage_limit": 4096}))
    bench.start()
    for _ in range(12):
        bench.round(30)

    assert bench.agent.journal.of(What.OVERLOADED) == []


def test_far_too_much_memory_is_not_borne_at_all_since_2_0() -> None:
    releases = ((1, 8, 8), (2, 0), (3, 0, 5), (3, 3, 5))
    at_once = {
        factor: [MemoryLimit(2048, traits(one)).is_over(2048 * factor + 1) for one in releases]
        for factor in (5, 10)
    }

    assert at_once == {5: [False, False, True, True], 10: [False, True, True, True]}


@pytest.mark.parametrize(
    ("version", "memory", "words"),
    [
        ("1.8.8", 2100.0, "Resource used by program exceeds upper limit:"),
        ("3.3.5", 2100.0, "Resource used by program exceeds upper limit for some time:"),
        ("3.3.5", 20000.0, "Resource used by program exceeds hard limit:"),
    ],
)
def test_the_log_says_what_was_used_in_the_words_of_the_version(
    tmp_path: Path, version: str, memory: float, words: str
) -> None:
    bench = Bench(tmp_path, version, memory=memory)
    bench.start()
    work(bench, 11)
    log = next((bench.root / "usr/local/ilogtail").glob("*.LOG")).read_text()

    assert f"{words}prepare restart Logtail\tcpu_usage:0.01" in log
    assert f"\tmem_rss:{memory:.0f}\n" in log


def test_cores_grow_with_bytes_and_configs() -> None:
    meter = Meter(Cost(at_rest=0.01, per_config=0.002, per_mib=0.05), NOON)

    assert meter.cores(60 * 1024 * 1024, 2, NOON + 30) == pytest.approx(0.01 + 0.004 + 0.1)
    assert meter.cores(60 * 1024 * 1024, 2, NOON + 60) == pytest.approx(0.01 + 0.004)


def test_collecting_twice_pushes_a_busy_host_over_the_limit_that_once_does_not(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, cost=BUSY)
    bench.write("a\n")
    bench.deliver(delivered())
    work(bench, 20)
    alone = len(bench.agent.journal.of(What.OVERLOADED))
    bench.deliver(*both())  # type: ignore[arg-type]
    work(bench, 20)

    assert alone == 0
    assert len(bench.agent.journal.of(What.OVERLOADED)) == 1
    assert bench.agent.alarms.counts["LOGTAIL_CRASH_ALARM", "h1"] == 1


def test_an_agent_bears_too_much_for_five_minutes_and_no_longer(tmp_path: Path) -> None:
    bench = Bench(tmp_path, cost=Cost(at_rest=0.5))
    bench.deliver(delivered())
    seen = []
    for _ in range(33):
        bench.round(10)
        seen.append(len(bench.agent.journal.of(What.OVERLOADED)))

    assert seen == [0] * 32 + [1]


@pytest.mark.parametrize(("kills", "doubled"), [(False, False), (True, True)])
def test_an_overload_restart_doubles_lines_only_where_it_is_cut_off(
    tmp_path: Path, kills: bool, doubled: bool
) -> None:
    bench = Bench(tmp_path, cost=BUSY, overload_kills=kills)
    bench.write("a\n")
    bench.deliver(*both())  # type: ignore[arg-type]
    for _ in range(30):
        bench.write(LINE)
        bench.round(30)
        if bench.agent.journal.of(What.OVERLOADED):
            break
    bench.round(10)
    bench.round(60)
    written = bench.path("/var/log/app-b/app.log").read_text().count("\n")

    assert bench.agent.running
    assert (len(bench.door.lines()) > written) is doubled


def test_after_an_overload_the_agent_comes_back_after_ten_seconds(tmp_path: Path) -> None:
    bench = Bench(tmp_path, cost=Cost(at_rest=1.0))
    bench.start()
    work(bench, 11)
    down = bench.agent.running
    bench.round(9.9)
    still = bench.agent.running
    bench.round(0.2)

    assert (down, still, bench.agent.running) == (False, False, True)


def test_who_stops_the_agent_is_not_answered_by_its_coming_back(tmp_path: Path) -> None:
    bench = Bench(tmp_path, cost=Cost(at_rest=1.0))
    bench.start()
    work(bench, 11)
    bench.agent.stop(bench.now)
    bench.round(60)

    assert not bench.agent.running


@pytest.mark.parametrize(("skew", "held"), [(890.0, ["one"]), (910.0, []), (-910.0, [])])
def test_a_clock_more_than_a_quarter_of_an_hour_off_loses_lines_within_seconds(
    tmp_path: Path, skew: float, held: list[str]
) -> None:
    bench = Bench(tmp_path, skew=skew)
    bench.write("one\n")
    bench.deliver(delivered())
    for _ in range(6):
        bench.round(3)

    assert bench.door.lines() == held
    assert bool(bench.agent.journal.of(What.DISCARDED)) is not bool(held)


def test_an_agent_told_to_adjust_its_time_sends_again_with_the_services(tmp_path: Path) -> None:
    bench = Bench(tmp_path, skew=910.0)
    file = bench.root / AGENT_CONFIG
    told = json.loads(file.read_text()) | {"enable_log_time_auto_adjust": True}
    file.write_text(json.dumps(told))
    bench.write("one\n")
    bench.deliver(delivered())

    assert bench.door.lines() == ["one"]
    assert bench.door.tries == 2
