"""Counting and finding lines on the SLS server: GetHistograms and GetLogs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from aliyun.log import (
    IndexKeyConfig,
    LogItem,
    PutLogsRequest,
)
from aliyun.log.proto import LogGroupRaw

from tests.contract.sls.world import (
    TOKENS,
    World,
    full_text,
    refusal,
)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


def test_lines_are_searchable_3_s_after_receipt_and_the_histogram_says_incomplete_before(
    world: World,
) -> None:
    world.logstore()
    start = world.write(4)
    early = world.histogram(start, start + 60)
    elsewhere = world.histogram(start - 60, start)
    world.clock.forward(3.1)
    late = world.histogram(start, start + 60)

    assert (early.get_total_count(), early.is_completed()) == (0, False)
    assert elsewhere.is_completed()
    assert (late.get_total_count(), late.is_completed()) == (4, True)


def test_a_histogram_counts_in_the_half_open_range_of_the_lines_own_time(world: World) -> None:
    world.logstore()
    minute = int(world.clock.now()) // 60 * 60
    offsets = [-1] + [0] * 2 + [59] * 4 + [60] * 8
    items = [LogItem(minute + offset, contents=[("m", "x")]) for offset in offsets]
    world.source.put_logs(PutLogsRequest("web", "app", logitems=items))
    world.clock.forward(5)
    got = world.histogram(minute, minute + 60)
    wide = world.histogram(minute - 120, minute + 180)

    assert got.get_total_count() == 6
    assert got.get_all_headers()["x-log-count"] == "6"
    edges = [(bar.get_from(), bar.get_to()) for bar in got.get_histograms()]
    assert (edges[0][0], edges[-1][1]) == (minute, minute + 60)
    assert all(left[1] == right[0] for left, right in pairwise(edges))
    assert sum(bar.get_count() for bar in wide.get_histograms()) == 15


def test_without_an_index_searching_is_refused(world: World) -> None:
    world.logstore(index=False)
    expected = (400, "IndexConfigNotExist", "logstore without index config")

    assert refusal(lambda: world.histogram(0, 10)) == expected
    assert refusal(lambda: world.source.get_log("web", "app", 0, 10)) == expected


@pytest.fixture
def indexed(world: World) -> World:
    world.logstore(index=False)
    keys = {
        "level": IndexKeyConfig(TOKENS),
        "code": IndexKeyConfig(index_type="long"),
        "Exact": IndexKeyConfig(TOKENS, case_sensitive=True),
    }
    world.source.create_index("web", "app", full_text(keys))
    world.clock.forward(60)
    return world


@pytest.fixture
def put_at(indexed: World) -> int:
    """The time of the first line; each one after it is a second younger."""
    return int(indexed.clock.now())


@pytest.fixture
def searched(indexed: World, put_at: int) -> World:
    world, now = indexed, put_at
    for number in range(10):
        contents = [
            ("message", f"GET /shop/{number}.html took long"),
            ("level", "ERROR" if number % 5 == 0 else "INFO"),
            ("code", str(200 + number)),
            ("Exact", "Abc"),
            ("unindexed", "secret"),
        ]
        request = PutLogsRequest(
            "web", "app", "nginx" if number < 3 else "", f"10.0.0.{number % 2}",
            [LogItem(now + number, contents=contents)],
            logtags=[("__path__", f"/var/log/{number}.log")],
        )  # fmt: skip
        world.source.put_logs(request)
    world.clock.forward(20)
    return world


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("*", 10),
        ("", 10),
        ("took", 10),
        ("TOOK and long", 10),
        ("took missing", 0),
        ("5.html", 1),
        ('"shop/5.html"', 1),
        ("level: error", 2),
        ("level: ERR", 0),
        ("code: 203", 1),
        ("Exact: Abc", 10),
        ("Exact: abc", 0),
        ("unindexed: secret", 0),
        ("__source__: 10.0.0.1", 5),
        ("__source__:10.0.0.1 AND level:error", 1),
        ("__topic__: nginx", 3),
        ('__tag__:__path__: "/var/log/7.log"', 1),
        ("* and level: error", 2),
    ],
)
def test_the_understood_part_of_the_query_language_counts_right(
    searched: World, query: str, hits: int
) -> None:
    now = int(searched.clock.now())
    lines = searched.source.get_log("web", "app", now - 60, now + 60, query=query)

    assert searched.histogram(now - 60, now + 60, query).get_total_count() == hits
    assert lines.get_count() == len(lines.get_logs()) == hits


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("a or b", "'or'"),
        ("not a", "'not'"),
        ("(a)", "'('"),
        ("code > 200", "'>'"),
        ("* | select count(*)", "'|'"),
        ("err*", "wildcard"),
        ("level:", "without a value"),
        ("a and", "ends with"),
        ("code: many", "long"),
    ],
)
def test_anything_else_in_a_query_is_refused_by_name(
    searched: World, query: str, named: str
) -> None:
    now = int(searched.clock.now())
    status, code, text = refusal(lambda: searched.histogram(now - 60, now, query))

    assert (status, code) == (400, "ParameterInvalid")
    assert named in text


def test_logs_come_in_order_of_time_by_page_and_in_reverse(searched: World) -> None:
    now = int(searched.clock.now())

    def codes(**more: Any) -> list[str]:
        found = searched.source.get_log("web", "app", now - 60, now + 60, **more)
        return [log.get_contents()["code"] for log in found.get_logs()]

    assert codes() == [str(200 + number) for number in range(10)]
    assert codes(offset=3, size=2) == ["203", "204"]
    assert codes(reverse=True, size=2) == ["209", "208"]
    assert codes(offset=10) == []
    assert codes(topic="nginx", query="level: info") == ["201", "202"]


def test_a_found_line_shows_its_source_topic_tags_and_fields(searched: World, put_at: int) -> None:
    now = int(searched.clock.now())
    (log,) = searched.source.get_log("web", "app", now - 60, now + 60, query="code:202").get_logs()

    assert (log.get_source(), log.get_time()) == ("10.0.0.0", put_at + 2)
    assert log.get_contents() == {
        "__topic__": "nginx", "__tag__:__path__": "/var/log/2.log",
        "message": "GET /shop/2.html took long", "level": "INFO", "code": "202",
        "Exact": "Abc", "unindexed": "secret",
    }  # fmt: skip


def test_the_older_form_of_get_logs_answers_the_same(searched: World) -> None:
    now = int(searched.clock.now())
    new = searched.source.get_log("web", "app", now - 60, now + 60, query="level:error")
    searched.source._get_logs_v2_enabled = False
    old = searched.source.get_log("web", "app", now - 60, now + 60, query="level:error")

    assert [log._to_dict() for log in old.get_logs()] == [log._to_dict() for log in new.get_logs()]
    assert old.is_completed()


def test_bytes_that_are_no_utf8_do_not_break_a_search(world: World) -> None:
    world.logstore()
    start = int(world.clock.now())
    group = LogGroupRaw(Topic="t", Source="s")
    group.Logs.add(Time=start).Contents.add(Key="name", Value=b"a \xff b")
    broken = group.SerializeToString().replace(b"name", b"n\xffme")
    world.server.state.store(world.server.state.project("web"), "app", broken, "10.0.0.1")
    world.clock.forward(5)
    (log,) = world.source.get_log("web", "app", start, start + 60, query="b").get_logs()

    assert log.get_contents()["n\ufffdme"] == "a \ufffd b"


def test_a_histogram_over_all_time_is_as_quick_as_one_over_a_minute(world: World) -> None:
    world.logstore()
    start = world.write(3)
    world.clock.forward(5)
    bars = world.histogram(0, start + 60).get_histograms()

    assert len(bars) <= 61
    assert sum(bar.get_count() for bar in bars) == 3


def test_get_log_all_walks_through_more_than_a_page(world: World) -> None:
    world.logstore()
    start = world.write(250)
    world.clock.forward(5)
    pages = list(world.source.get_log_all("web", "app", start, start + 60))
    messages = [log.get_contents()["message"] for page in pages for log in page.get_logs()]

    assert messages == [f"line {number}" for number in range(250)]


@pytest.mark.parametrize(
    "params",
    [{"from": "5", "to": "5"}, {"from": "x", "to": "5"}, {"to": "5"},
     {"from": "1", "to": "5", "powerSql": "true"}, {"from": "1", "to": "5", "colour": "red"},
     {"from": "1", "to": "5", "line": "101"}],
)  # fmt: skip
def test_search_parameters_against_the_rules_are_refused(
    world: World, params: dict[str, str]
) -> None:
    world.logstore()
    got = world.send("GET", "/logstores/app", params={"type": "log"} | params)

    assert (got[0], got[2]["errorCode"]) == (400, "ParameterInvalid")
