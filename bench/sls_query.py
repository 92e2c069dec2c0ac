"""What searching costs: histograms, pages and SQL over a million lines, in this process."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.sls_hosts import group_of
from sandbox.sls import query, search, sql, sql_columns, sql_run
from sandbox.sls.logstore import Index, Logstore
from sandbox.sls.search import Wanted
from sandbox.sls.settings import Limits

ANALYSED = {"type": "text", "token": [" "], "doc_value": True}
INDEX: dict[str, Any] = {
    "line": {"token": list(", '\";=()[]{}?@&<>/:\n\t\r"), "caseSensitive": False},
    "keys": {"level": ANALYSED, "__tag__:__path__": ANALYSED, "__tag__:__hostname__": ANALYSED},
}
BY_FILE = (
    'select __time__ - __time__ % 60 as minute, __source__, "__tag__:__path__" as file,'
    " count(*) as n group by minute, __source__, file order by minute limit 100000"
)
BY_LEVEL = "select level, count(*) as n group by level order by n desc"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.sls_query", description=__doc__)
    parser.add_argument("--groups", type=int, default=5000)
    parser.add_argument("--lines", type=int, default=200, help="in a group")
    wanted = parser.parse_args()
    now = int(time.time())
    logstore = _filled(wanted.groups, wanted.lines, now)
    print(f"{logstore.kept:,} lines of {wanted.groups} groups")
    start, end = now - wanted.groups, now + 1
    _timed("histogram of all", lambda: _hits(logstore, Wanted(start, end)))
    _timed(
        "histogram of a host", lambda: _hits(logstore, _asked("__source__: 10.0.0.7", start, end))
    )
    _timed("histogram of a word", lambda: _hits(logstore, _asked("199ms", start, end)))
    _timed("a page of 100 lines", lambda: len(_page(logstore, Wanted(start, end))))
    _timed("SQL by minute, host, file", lambda: len(_rows(logstore, BY_FILE, Wanted(start, end))))
    _timed("SQL by a key of the lines", lambda: len(_rows(logstore, BY_LEVEL, Wanted(start, end))))
    return 0


def _filled(groups: int, lines: int, now: int) -> Logstore:
    logstore = Logstore("app", {"shardCount": 2, "ttl": 30}, now - 1, now - 1, now - 1, 2)
    logstore.indexes.append(Index(0, INDEX))
    for number in range(groups):
        logstore.take(group_of(number % 300, lines, now - number), Limits(), now)
    return logstore


def _asked(text: str, start: int, end: int) -> Wanted:
    return Wanted(start, end, query.parse(text))


def _hits(logstore: Logstore, wanted: Wanted) -> int:
    field = search.survey(logstore, wanted, time.time())
    return search.count(field, wanted).total()


def _page(logstore: Logstore, wanted: Wanted) -> list[dict[str, str]]:
    field = search.survey(logstore, wanted, time.time())
    hits = search.count(field, wanted)
    return search.select(field, wanted, hits, slice(500, 600), reverse=False)


def _rows(logstore: Logstore, text: str, wanted: Wanted) -> list[dict[str, str]]:
    field = search.survey(logstore, wanted, time.time())
    plan = sql_run.plan(sql.parse(text), sql_columns.columns(INDEX, "app"), "app", "cn-hangzhou")
    return sql_run.run(plan, sql_columns.rows(field, wanted, plan.columns))


def _timed(what: str, work: Callable[[], int]) -> None:
    began = time.process_time()
    found = work()
    print(f"{what:28} {time.process_time() - began:6.2f} s CPU  {found:9,} found")


if __name__ == "__main__":
    sys.exit(main())
