"""Jobs of the service that copy lines from one logstore into another; and lines with their cursors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.log_groups import lines_of
from bot.sls_calls import facts, safe, unless
from bot.sls_lines import GROUPS, SlsLines, Where
from workflows.model import Facts
from workflows.ports import Copying, Lines, Page

JOBS = "jobs"
MISSING = frozenset({"JobNotExist"})
THERE = frozenset({"JobAlreadyExist"})
WHAT = "copying job"


class SlsCopying(SlsLines):
    """The job lives in this project; roles and sinks stand in its body."""

    def pages(
        self, logstore: str, start: int, end: int, after: Mapping[int, str] | None = None
    ) -> Iterator[Page]:
        """Read-only shards too: a split one keeps its lines. Holds one page at a time."""
        with self._doing("reading lines of logstore", logstore):
            wheres = self._wheres(safe(logstore))
        for where in wheres:
            yield from self._paged(where, (after or {}).get(where[2], ""), start, end)

    def between(self, logstore: str, shard: int, begin: str, after: str) -> Iterator[Lines]:
        where = (self.name, safe(logstore), shard)
        for _, _, lines in self._pages(where, (begin, after), GROUPS, _lines):
            yield from lines

    def copying(self, name: str) -> Copying | None:
        with self._doing(f"reading {WHAT}", name):
            found = unless(MISSING, lambda: facts(self._send("GET", (JOBS, safe(name)))))
            return None if found is None else Copying(name, str(found["status"]), found)

    def create_copying(self, body: Facts) -> None:
        name = str(body["name"])
        with self._doing(f"creating {WHAT}", name):
            unless(THERE, lambda: self._send("POST", (JOBS,), body))

    def start_copying(self, name: str) -> None:
        self._told("starting", name, "START")

    def stop_copying(self, name: str) -> None:
        self._told("stopping", name, "STOP")

    def delete_copying(self, name: str) -> None:
        with self._doing(f"deleting {WHAT}", name):
            unless(MISSING, lambda: self._send("DELETE", (JOBS, safe(name))))

    def _told(self, doing: str, name: str, action: str) -> None:
        with self._doing(f"{doing} {WHAT}", name):
            self._send("PUT", (JOBS, safe(name)), asked={"action": action})

    def _paged(self, where: Where, begin: str, start: int, end: int) -> Iterator[Page]:
        with self._doing("reading lines of logstore", where[1]):
            span = begin or self._cursor(where, start), self._cursor(where, end)
        for at, after, lines in self._pages(where, span, GROUPS, _lines):
            yield Page(where[2], at, after, lines)


def _lines(page: Any) -> tuple[Lines, ...]:
    return tuple(map(lines_of, page.get_loggroup_list().LogGroups))
