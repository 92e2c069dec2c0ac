"""Lines of a logstore: how many there are, pulled by their receipt, and written as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from aliyun.log import GetHistogramsRequest

from bot.log_groups import groups_of, lines_of
from bot.sls_calls import SlsCalls, safe
from bot.sls_errors import AGAIN
from workflows.errors import NotYet, StepFailed, Unavailable
from workflows.ports import Lines

ENDS = ("begin", "end")
GROUPS = 100  # of lines in one page, each of some hundred lines at most as agents write them
REFUSED = "PostBodyInvalid"  # what PutLogs says of lines that are too old, among others
TOO_OLD = (
    "Lines that are older than the logstore takes (7 days by the documentation) cannot be written "
    "any more; they stay where they were read."
)

Where = tuple[str, str, int]
Read = TypeVar("Read")


class SlsLines(SlsCalls):
    """Lines; `pull` and `holds_lines` go by cursors and so need no index."""

    def shards(self, logstore: str) -> int:
        with self._doing("listing the shards of logstore", logstore):
            found = self._all_shards(safe(logstore))
            return sum(shard["status"].lower() == "readwrite" for shard in found)

    def holds_lines(self, logstore: str) -> bool:
        """By shard cursors: begin and end are one where nothing lies between."""
        with self._doing("looking for lines in logstore", logstore):
            wheres = self._wheres(safe(logstore))
            return any(self._cursor(where, ENDS[0]) != self._cursor(where, ENDS[1])
                       for where in wheres)  # fmt: skip

    def count(self, logstore: str, start: int, end: int) -> int:
        request = GetHistogramsRequest(self.name, safe(logstore), start, end, "", "")
        with self._doing("counting lines of logstore", logstore):
            found = self.client.get_histograms(request)
            if found.is_completed():
                return int(found.get_total_count())
        raise NotYet(f"the count of logstore {logstore} is not complete yet")

    def pull(self, logstore: str, start: int, end: int) -> Iterator[Lines]:
        """Read-only shards too: a split one keeps its lines. Holds one page at a time."""
        with self._doing("reading lines of logstore", logstore):
            wheres = self._wheres(safe(logstore))
        for where in wheres:
            yield from self._shard(where, start, end)

    def put(self, logstore: str, lines: Lines) -> None:
        """Once, and never again by itself: the SDK would repeat a 5xx, and so write twice.

        Large ones go in several writes. After Unavailable it is open whether they are in: compare,
        then put again what is not there.
        """
        for group in groups_of(lines):
            try:
                with self._doing("writing lines into logstore", logstore):
                    self._once().put_log_raw(self.name, safe(logstore), group)
            except StepFailed as refused:
                if REFUSED in str(refused):
                    raise StepFailed(str(refused), TOO_OLD) from refused
                raise

    def _shard(self, where: Where, start: int, end: int) -> Iterator[Lines]:
        with self._doing("reading lines of logstore", where[1]):
            span = self._cursor(where, start), self._cursor(where, end)
        for _, _, groups in self._pages(where, span, GROUPS, _groups):
            yield from map(lines_of, groups)

    def _pages(
        self, where: Where, span: tuple[str, str], most: int, read: Callable[[Any], Read]
    ) -> Iterator[tuple[str, str, Read]]:
        """What `read` makes of each page, with the cursors before and after it."""
        cursor, stop = span
        while cursor != stop:
            after, found = self._page(where, (cursor, stop), most, read)
            if after == cursor:
                text = f"{self.side}: shard {where[2]} of logstore {where[1]} ended before its end"
                raise Unavailable(text, AGAIN)
            yield cursor, after, found
            cursor = after

    def _page(
        self, where: Where, span: tuple[str, str], most: int, read: Callable[[Any], Read]
    ) -> tuple[str, Read]:
        with self._doing("reading lines of logstore", where[1]):
            page = self.client.pull_logs(*where, span[0], most, span[1])
            return page.get_next_cursor(), read(page)

    def _all_shards(self, logstore: str) -> list[Any]:
        found = self.client.list_shards(self.name, logstore).get_shards_info()
        if not found:  # there is no logstore without a shard
            raise ValueError("no shards")
        return list(found)

    def _wheres(self, logstore: str) -> list[Where]:
        return [(self.name, logstore, one["shardID"]) for one in self._all_shards(logstore)]

    def _cursor(self, where: Where, at: str | int) -> str:
        """Where that end of the shard is, or the first line received at that second or later."""
        return str(self.client.get_cursor(*where, at).get_cursor())


def _groups(page: Any) -> Any:
    return page.get_loggroup_list().LogGroups
