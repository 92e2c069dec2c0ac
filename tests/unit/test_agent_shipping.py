"""How lines travel, and what becomes of them when the service refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.hosts.journal import What
from sandbox.hosts.shipment import Verdict, verdict
from tests.unit.agent_kit import LOG, A, B, Bench, delivered

V1, V2, V3 = (1, 8, 8), (2, 0, 7), (3, 3, 5)


def test_a_group_says_which_host_and_which_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    [(accounts, project, logstore, group)] = bench.door.groups

    assert (accounts, project, logstore) == (frozenset({B}), "project-b", "app-b-store")
    assert (group.source, group.topic) == ("10.0.0.11", "")
    pack_id = group.tags["__pack_id__"]
    assert group.tags == {
        "__path__": LOG,
        "__hostname__": "h1",
        "__user_defined_id__": "app-b-hosts",
        "__pack_id__": pack_id,
    }
    assert pack_id.endswith("-0")


def test_no_group_holds_more_than_4096_lines(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("".join(f"{number}\n" for number in range(5000)))
    bench.deliver(delivered())

    assert [len(group.logs) for *_, group in bench.door.groups] == [4096, 904]
    assert bench.door.lines()[-1] == "4999"


@pytest.mark.parametrize(
    ("status", "tries", "waited", "release", "follows"),
    [
        (200, 1, 0, V1, Verdict.SENT),
        (404, 1, 0, V1, Verdict.AT_ONCE),
        (404, 2, 0, V1, Verdict.LATER),
        (404, 5, 9, V3, Verdict.LATER),
        (404, 6, 12, V3, Verdict.DISCARD),
        (401, 1, 0, V1, Verdict.LATER),
        (401, 5, 12, V2, Verdict.LATER),
        (401, 6, 15, V2, Verdict.DISCARD),
        (401, 600, 1800, V3, Verdict.LATER),
        (401, 9000, 6 * 3600 + 1, V3, Verdict.DISCARD),
        (403, 600, 1800, V1, Verdict.LATER),
        (503, 600, 1800, V1, Verdict.LATER),
        (503, 6000, 6 * 3600 - 1, V1, Verdict.LATER),
        (503, 6000, 6 * 3600 + 1, V1, Verdict.DISCARD),
    ],
)
def test_what_a_refusal_leads_to_depends_on_its_code_and_the_agents_age(
    status: int, tries: int, waited: float, release: tuple[int, ...], follows: Verdict
) -> None:
    assert verdict(status, tries, waited, release) is follows


def test_lines_refused_for_want_of_a_logstore_are_lost_within_seconds(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.door.status = 404
    bench.write("one\n")
    bench.deliver(delivered())
    for _ in range(4):
        bench.round(3)
    bench.door.status = 200
    bench.write("two\n")
    bench.round(3)
    [gone] = bench.agent.journal.of(What.DISCARDED)

    assert bench.door.lines() == ["two"]
    assert bench.door.tries == 7
    assert (gone.offset, gone.until) == (0, 4)
    assert bench.agent.alarms.counts["SEND_DATA_FAIL_ALARM", "##1.0##project-b$app-b"] == 1


def test_a_logstore_that_appears_in_time_gets_every_line_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.door.status = 404
    bench.write("one\n")
    bench.deliver(delivered())
    bench.write("two\n")
    bench.round(3)
    bench.door.status = 200
    bench.round(3)

    assert bench.door.lines() == ["one", "two"]


def test_a_refused_group_is_not_tried_again_before_three_seconds(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.door.status = 503
    bench.write("one\n")
    bench.deliver(delivered())
    bench.round(2.9)
    waiting = bench.door.tries
    bench.round(0.2)

    assert (waiting, bench.door.tries) == (1, 2)


def test_loongcollector_keeps_lines_through_a_401_that_logtail_1_gives_up(tmp_path: Path) -> None:
    held = {}
    for version in ("1.8.8", "3.3.5"):
        bench = Bench(tmp_path / version, version)
        bench.door.status = 401
        bench.write("one\n")
        bench.deliver(delivered("app-a", account=A))
        for _ in range(10):
            bench.round(3)
        bench.door.status = 200
        bench.round(3)
        held[version] = bench.door.lines("app-a-store")

    assert held == {"1.8.8": [], "3.3.5": ["one"]}


def test_a_stop_during_refusal_loses_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.door.status = 503
    bench.write("one\n")
    bench.deliver(delivered())
    bench.agent.stop(bench.now)
    bench.door.status = 200
    bench.restart(clean=True)

    assert bench.door.lines() == ["one"]


def test_a_new_file_waits_for_the_refused_lines_of_the_renamed_one(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.door.status = 503
    bench.write("one\n")
    bench.deliver(delivered())
    bench.path().rename(bench.path(f"{LOG}.1"))
    bench.write("two\n")
    bench.door.status = 200
    bench.round(1)
    early = bench.door.lines()
    bench.round(3)

    assert early == []
    assert bench.door.lines() == ["one", "two"]


def test_a_truncation_during_refusal_waits_for_the_refused_lines(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("a first line\n")
    bench.deliver(delivered())
    bench.door.status = 503
    bench.write("a second line\n")
    bench.round(1)
    bench.path().write_text("")
    bench.write("anew\n")
    bench.door.status = 200
    bench.round(3)
    bench.round(3)

    assert bench.door.lines() == ["a first line", "a second line", "anew"]
    assert len(bench.agent.journal.of(What.TRUNCATED)) == 1


def test_lines_that_all_fall_through_the_regex_are_counted_and_passed_over(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("what?\nwho?\n")
    bench.deliver(delivered(regex=r"(\d+)", key=["n"]))
    bench.write("42\n")
    bench.round(1)
    [alarm] = bench.agent.alarms.recorded

    assert bench.door.fields() == [{"n": "42"}]
    assert alarm.kind == "REGEX_MATCH_ALARM"
    assert alarm.text.startswith("2 lines")


def test_complaints_about_lines_are_all_counted_and_recorded_once_in_ten_minutes(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.deliver(delivered(regex=r"(\d+)", key=["n"]))
    for _ in range(3):
        bench.write("what?\n")
        bench.round(250)

    assert len(bench.agent.alarms.recorded) == 1
    assert bench.agent.alarms.counts.total() == 3


def test_behind_is_nothing_once_all_is_shipped(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(delivered())
    shipped = bench.agent.behind()
    bench.write("two\n")

    assert (shipped, bench.agent.behind()) == (0, 4)
