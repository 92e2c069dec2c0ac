"""SQL in GetLogs: counts by minute, host and file, through the official SDK and by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aliyun.log import GetLogsRequest, IndexKeyConfig, LogItem, PutLogsRequest

from tests.contract.sls.world import TOKENS, World, full_text, refusal

PATH = '"__tag__:__path__"'
MINUTE = "__time__ - __time__ % 60 as minute"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Ten lines over two minutes, of two hosts and five files."""
    with World() as made:
        made.logstore(index=False)
        made.source.create_index("web", "app", analysed())
        made.clock.forward(60)
        minute = minute_of(made)
        for number in range(10):
            put(made, minute - 60 * (number // 6), number)
        made.clock.forward(20)
        yield made


def analysed() -> Any:
    keys = {
        "level": IndexKeyConfig(TOKENS, doc_value=True),
        "code": IndexKeyConfig(index_type="long", doc_value=True, alias="status"),
        "took": IndexKeyConfig(index_type="double", doc_value=True),
        "plain": IndexKeyConfig(TOKENS),
        "__tag__:__path__": IndexKeyConfig([], doc_value=True),
    }
    return full_text(keys)


def minute_of(world: World) -> int:
    return int(world.clock.now()) // 60 * 60


def put(world: World, time: int, number: int) -> None:
    contents = [("level", "ERROR" if number % 5 == 0 else "INFO"), ("plain", "x"), ("took", "1.5")]
    contents += [("code", str(200 + number))] if number % 2 == 0 else []
    request = PutLogsRequest(
        "web", "app", "nginx", f"10.0.0.{number % 2}", [LogItem(time, contents=contents)],
        logtags=[("__path__", f"/var/log/{number % 5}.log")],
    )  # fmt: skip
    world.source.put_logs(request)


def found(world: World, query: str, **more: Any) -> Any:
    now = int(world.clock.now())
    return world.source.get_log("web", "app", now - 600, now + 60, query=query, **more)


def rows(world: World, query: str) -> list[dict[str, str]]:
    return [log.get_contents() for log in found(world, query).get_logs()]


def test_lines_are_counted_by_minute_host_and_file(world: World) -> None:
    by_minute = rows(world, f"* | select {MINUTE}, count(*) as n group by minute order by minute")
    hosts = found(world, "* | select __source__, count(1) as n group by __source__ order by n")
    files = rows(world, f"* | select {PATH} as file, count(*) n group by 1 order by file limit 2")

    assert [row["n"] for row in by_minute] == ["4", "6"]
    assert int(by_minute[1]["minute"]) - int(by_minute[0]["minute"]) == 60
    assert {log.get_source(): log.get_contents() for log in hosts.get_logs()} == {
        "10.0.0.0": {"n": "5"}, "10.0.0.1": {"n": "5"},
    }  # fmt: skip
    assert files == [{"file": "/var/log/0.log", "n": "2"}, {"file": "/var/log/1.log", "n": "2"}]


def test_the_meta_tells_the_search_from_the_sql(world: World) -> None:
    sql = "SELECT count(*) AS PV, count(distinct __source__)"
    got = found(world, f"level: error | {sql}", size=100)
    meta = got.get_meta()

    assert [log.get_contents() for log in got.get_logs()] == [{"PV": "2", "_col1": "2"}]
    assert (got.get_has_sql(), got.is_completed(), got.get_count()) == (True, True, 1)
    assert (got.get_where_query(), got.get_agg_query()) == ("level: error", sql)
    assert (got.get_processed_rows(), meta.get_keys()) == (2, ["PV", "_col1"])


def test_the_older_form_says_the_same_in_headers(world: World) -> None:
    world.source._get_logs_v2_enabled = False
    got = found(world, "* |\n select\n count(1)")
    world.source._get_logs_v2_enabled = True
    headers = got.get_all_headers()

    assert [log.get_contents() for log in got.get_logs()] == [{"_col0": "10"}]
    assert headers["x-log-progress"] == "Complete"
    assert (headers["x-log-has-sql"], headers["x-log-count"]) == ("true", "1")
    assert (headers["x-log-where-query"], headers["x-log-agg-query"]) == ("*", "select count(1)")


def test_plain_http_gets_meta_and_rows_of_texts(world: World) -> None:
    status, _, body = asked_by_hand(world)

    assert (status, body["data"]) == (200, [{"n": "10"}])
    assert (body["meta"]["hasSQL"], body["meta"]["progress"]) == (True, "Complete")


def asked_by_hand(world: World) -> tuple[int, dict[str, str], Any]:
    """One POST; the official client would repeat an incomplete answer until it is complete."""
    now = int(world.clock.now())
    asked = {"from": now - 600, "to": now + 60, "query": "* | select count(*) as n"}
    return world.send("POST", "/logstores/app/logs", json.dumps(asked).encode())


def test_a_request_object_asks_the_same(world: World) -> None:
    now = int(world.clock.now())
    request = GetLogsRequest("web", "app", now - 600, now + 60, query="* | select min(code) m")
    (log,) = world.source.get_logs(request).get_logs()

    assert log.get_contents() == {"m": "200"}


@pytest.mark.parametrize(
    ("sql", "row"),
    [
        ("max(code) m, min(level) l", {"m": "208", "l": "ERROR"}),
        ("count(code) n, count(*) as all_of_them", {"n": "5", "all_of_them": "10"}),
        ("count(distinct code) n", {"n": "5"}),
        ("max(Status) m", {"m": "208"}),
        ("count(*) n from log where level = 'ERROR'", {"n": "2"}),
        ("count(*) n FROM app WHERE LEVEL = 'INFO' AND __source__ = '10.0.0.1'", {"n": "4"}),
        ("count(*) n where code = 204", {"n": "1"}),
        ("count(*) n where level = 'none'", {"n": "0"}),
        ("max(code) m where level = 'none'", {"m": "null"}),
        ("max(code - 200) m, max(code % 7) o", {"m": "8", "o": "6"}),
    ],
)  # fmt: skip
def test_a_single_row_is_right(world: World, sql: str, row: dict[str, str]) -> None:
    assert rows(world, f"* | select {sql}") == [row]


def test_times_are_shown_in_the_zone_of_the_region(world: World) -> None:
    sql = "date_trunc('minute', __time__) as t, date_format(__time__, '%m-%d %H:%i') as f, count(*)"
    got = rows(world, f"* | select {sql} group by t, f order by t desc limit 1")
    (newest,) = rows(world, "* | select max(__time__) as at")
    there = datetime.fromtimestamp(int(newest["at"]), UTC) + timedelta(hours=8)

    assert got[0]["t"] == f"{there:%Y-%m-%d %H:%M}:00.000"
    assert got[0]["f"] == f"{there:%m-%d %H:%M}"


def test_missing_values_are_one_group_and_come_last(world: World) -> None:
    sql = "code, count(*) as n group by code order by code"
    up = [(row["code"], row["n"]) for row in rows(world, f"* | select {sql}")]
    down = [row["code"] for row in rows(world, f"* | select {sql} desc limit 4, 10")]

    assert up == [*((str(200 + number), "1") for number in range(0, 10, 2)), ("null", "5")]
    assert down == ["200", "null"]


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("select message, count(*) group by message", "line 1:8: Column 'message' cannot be resolved"),
        ("select plain, count(*) group by plain", "add the column in the index attribute"),
        (f"select count(*) where {PATH.replace('path', 'host')} = 'a'", "__tag__:__host__"),
        ("select level, count(*)", "Column 'level' not in GROUP BY clause"),
        ("select count(*) where code = '200'", "'=' cannot be applied to bigint, varchar"),
        ("select count(*) group by count(*)", "GROUP BY clause cannot contain aggregations"),
        ("select count(*) limit 1000001", "only allow reading max"),
        ("select max(took)", "took, a double,"),
        ("select sum(code)", "sum"),
        ("select max(distinct code)", "distinct in max"),
        ("select *", "'*'"),
        ("select level", "without group by"),
        ("select count(*) where code > 200", "'>'"),
        ("select count(*) where code = 200 or code = 201", "'or'"),
        ("select count(*) where not code = 200", "'not'"),
        ("select count(*) n group by level having n > 1", "'having'"),
        ("select distinct level", "'distinct'"),
        ("select count(*) from other", "'other'"),
        ("select count(*) from (select 1)", "'('"),
        ("select count(*); select 1", "';'"),
        ("select count(*) | where x", "'|'"),
        ("select count(*) group by 3", "group by 3"),
        ("select count(*) n, max(code) n", "two columns named 'n'"),
        ("select count(*) level, level l group by level", "both an alias and a column"),
        ("select date_trunc('century', __time__) t, count(*) group by t", "second, minute"),
        ("select date_format(__time__, '%W') t, count(*) group by t", "'%W'"),
        ("select count(*) -- all", "'-'"),
        ("set session x=1; select count(*)", "'set'"),
        ("select count(*) limit 1.5", "'1'"),
        ("select 'a", "\"'\""),
        ("select count(*) limit " + "9" * 20, "'9'"),
        ("select", "the end of the statement"),
        ("select " + "(" * 400, "300 words"),
        ("", "ends with '|'"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_name(world: World, sql: str, named: str) -> None:
    status, code, text = refusal(lambda: found(world, f"* | {sql}"))

    assert (status, code) == (400, "ParameterInvalid")
    assert named in text


def test_pages_are_asked_for_with_limit_and_not_with_offset(world: World) -> None:
    status, code, text = refusal(lambda: found(world, "* | select count(*)", offset=1))

    assert (status, code) == (400, "ParameterInvalid")
    assert "please use limit x,y" in text


def test_a_bar_in_quotes_belongs_to_the_search(world: World) -> None:
    assert rows(world, 'level: "a|b" | select count(*) n') == [{"n": "0"}]
    assert refusal(lambda: world.histogram(0, 60, "* | select count(*)"))[:2] == (
        400, "ParameterInvalid",
    )  # fmt: skip


def test_without_any_analytics_there_is_no_sql() -> None:
    with World() as world:
        world.logstore()
        status, code, text = refusal(lambda: found(world, "* | select count(*)"))

    assert (status, code) == (400, "ParameterInvalid")
    assert "LogStore (app) is not found" in text


def test_analytics_count_only_lines_received_since_and_100_rows_come_without_a_limit() -> None:
    with World() as world:
        world.logstore()
        world.write(3)
        world.source.update_index("web", "app", analysed())
        world.clock.forward(60)
        start = minute_of(world)
        for number in range(120):
            put(world, start - 60 - number, number)
        _, _, early = asked_by_hand(world)
        world.clock.forward(5)
        asked = "* | select __time__ t, count(*) n group by t"

        assert early["meta"]["progress"] == "Incomplete"
        assert rows(world, "* | select count(*) n") == [{"n": "120"}]
        assert len(rows(world, f"{asked} limit 200")) == 120
        assert len(rows(world, asked)) == 100
