"""SQL against a plain count in Python, over lines and statements made at random."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.sls import query, search, sql, sql_columns, sql_run, wire
from sandbox.sls.errors import SlsError
from sandbox.sls.logstore import Index, Logstore
from sandbox.sls.settings import Limits

NOW = 1_800_000_000
INDEX: dict[str, Any] = {
    "keys": {
        "level": {"type": "text", "token": [" "], "doc_value": True},
        "code": {"type": "long", "doc_value": True},
        "__tag__:__path__": {"type": "text", "token": [], "doc_value": True},
    }
}
LINES = st.lists(
    st.tuples(
        st.integers(NOW - 300, NOW),
        st.sampled_from(["", "INFO", "ERROR"]),
        st.sampled_from(["", "7", "-7", "oops", "9223372036854775808"]),
    ),
    min_size=1,
    max_size=12,
)
GROUPS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["/x.log", "/y.log"]), LINES), max_size=5
)
KEYS = {
    "minute": "__time__ - __time__ % 60",
    "host": "__source__",
    "file": '"__tag__:__path__"',
    "level": "level",
    "code": "code",
}


def stored(groups: list[tuple[str, str, list[tuple[int, str, str]]]]) -> Logstore:
    body: dict[str, Any] = {"shardCount": 2}
    logstore = Logstore("app", body, 0.0, 0.0, 0.0, 2)
    logstore.indexes.append(Index(0.0, INDEX))
    for host, path, lines in groups:
        logs = [(time, fields(level, code)) for time, level, code in lines]
        logstore.take(wire.encode("", host, {"__path__": path}, logs), Limits(), NOW)
    return logstore


def fields(level: str, code: str) -> dict[str, str]:
    """A line's fields; what is empty is not there."""
    return {name: value for name, value in (("level", level), ("code", code)) if value}


def answered(logstore: Logstore, text: str, searched: str = "*") -> list[dict[str, str]]:
    wanted = search.Wanted(NOW - 240, NOW, query.parse(searched))
    field = search.survey(logstore, wanted, NOW + 1)
    plan = sql_run.plan(sql.parse(text), sql_columns.columns(INDEX, "app"), "app", "cn-hangzhou")
    return sql_run.run(plan, sql_columns.rows(field, wanted, plan.columns))


@settings(max_examples=150, deadline=None)
@given(
    groups=GROUPS,
    keys=st.lists(st.sampled_from(sorted(KEYS)), min_size=1, unique=True),
    only=st.sampled_from(["", "INFO"]),
)
def test_groups_are_counted_as_python_counts_them(
    groups: list[tuple[str, str, list[tuple[int, str, str]]]], keys: list[str], only: str
) -> None:
    expected = Counter(
        tuple(row[key] for key in keys)
        for host, path, lines in groups
        for time, level, code in lines
        if NOW - 240 <= time < NOW and (not only or level == only)
        for row in [{
            "minute": str(time // 60 * 60), "host": host, "file": path,
            "level": level or "null", "code": code if code in {"7", "-7"} else "null",
        }]
    )  # fmt: skip
    columns = ", ".join(f"{KEYS[key]} as k_{key}" for key in keys)
    by = ", ".join(f"k_{key}" for key in keys)
    logstore = stored(groups)
    counted = f"select {columns}, count(*) as n"
    where = f" where level = '{only}'" if only else ""
    rows = answered(logstore, f"{counted}{where} group by {by} limit 10000")
    searched = answered(
        logstore, f"{counted} group by {by} limit 10000", f"level: {only}" if only else "*"
    )

    assert {tuple(row[f"k_{key}"] for key in keys): int(row["n"]) for row in rows} == expected
    if only:
        assert sorted(searched, key=str) == sorted(rows, key=str)


@settings(max_examples=100, deadline=None)
@given(groups=GROUPS)
def test_count_min_max_and_distinct_are_pythons(
    groups: list[tuple[str, str, list[tuple[int, str, str]]]],
) -> None:
    lines = [line for _, _, some in groups for line in some if NOW - 240 <= line[0] < NOW]
    codes = [int(code) for _, _, code in lines if code in {"7", "-7"}]
    times = [time for time, _, _ in lines]
    (row,) = answered(
        stored(groups),
        "select count(*) a, count(code) b, count(distinct code) c, min(code) d, max(__time__) e",
    )

    assert row == {
        "a": str(len(lines)), "b": str(len(codes)), "c": str(len(set(codes))),
        "d": str(min(codes)) if codes else "null", "e": str(max(times)) if times else "null",
    }  # fmt: skip


@given(text=st.text(alphabet="selct *(),%-='\"fromwhgupyd_1 ", max_size=60))
def test_a_statement_is_understood_or_refused_and_nothing_else(text: str) -> None:
    known = sql_columns.columns(INDEX, "app")
    refused = []
    try:
        plan = sql_run.plan(sql.parse(f"select {text}"), known, "app", "cn-hangzhou")
    except SlsError as refusal:
        refused.append((refusal.status, refusal.code))

    assert refused == [(400, "ParameterInvalid")] or plan.names


def test_a_long_text_is_analysed_up_to_the_indexs_bound() -> None:
    long = "é" * 2000
    (row,) = answered(stored([("a", "/x", [(NOW - 1, long, "1")])]), "select max(level) as m")

    assert row["m"] == "é" * 1024


@pytest.mark.parametrize(
    "sql_text", ["select count(*) where code % 0 = 1", "select max(7 % (1 - 1))"]
)
def test_a_division_by_zero_is_refused(sql_text: str) -> None:
    with pytest.raises(SlsError, match="Division by zero"):
        answered(stored([("a", "/x", [(NOW - 1, "INFO", "7")])]), sql_text)


def test_times_of_other_regions_are_refused_with_a_way_out() -> None:
    known = sql_columns.columns(INDEX, "app")
    with pytest.raises(SlsError, match="__time__ - __time__ % 60"):
        sql_run.plan(
            sql.parse("select date_trunc('minute', __time__) t, count(*) group by t"),
            known, "app", "eu-central-1",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "there"),
    [("hour", "2027-01-15 15:00:00.000"), ("week", "2027-01-11 00:00:00.000"),
     ("quarter", "2027-01-01 00:00:00.000"), ("month", "2027-01-01 00:00:00.000")],
)  # fmt: skip
def test_times_are_cut_at_their_units(unit: str, there: str) -> None:
    text = f"select date_trunc('{unit}', __time__) as t, count(*) as n group by t"

    assert answered(stored([("a", "/x", [(NOW - 1, "INFO", "7")])]), text) == [
        {"t": there, "n": "1"}
    ]
