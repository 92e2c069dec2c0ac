"""Lines of a logstore summed up page by page, by cursors that others may keep and go on from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.log_groups import lines_of
from bot.scan import Group, exactly, on_wire, summed
from bot.sls_calls import safe
from bot.sls_lines import SlsLines, Where
from workflows.ports import Scanned

MOST = 1000  # groups in one page, the most that the service gives; it stops at about 10 MB


class SlsScan(SlsLines):
    """`scan` of the port; like `pull` it needs no index."""

    def scan(
        self,
        logstore: str,
        start: int,
        end: int,
        *,
        minute: int = 60,
        after: Mapping[int, str] | None = None,
        exact: bool = False,
    ) -> Iterator[Scanned]:
        """Read-only shards too. Sizes are those on the wire, or of keys and values where `exact`."""
        with self._doing("reading lines of logstore", logstore):
            wheres = self._wheres(safe(logstore))
        for where in wheres:
            begin = (after or {}).get(where[2], "")
            yield from self._summed(where, begin, (start, end), minute, exact=exact)

    def _summed(
        self, where: Where, begin: str, span: tuple[int, int], minute: int, *, exact: bool
    ) -> Iterator[Scanned]:
        with self._doing("reading lines of logstore", where[1]):
            cursor = begin or self._cursor(where, span[0])
            stop = self._cursor(where, span[1])
        read = _exact if exact else _raw
        for at, after, groups in self._pages(where, (cursor, stop), MOST, read):
            since = 0 if all(group.received for group in groups) else self._received(where, at)
            yield summed(groups, minute, where[2], after, since)

    def _received(self, where: Where, cursor: str) -> int:
        """When the first group behind the cursor came, for logstores that do not note it in each."""
        with self._doing("reading the time of a cursor of logstore", where[1]):
            return int(self.client.get_cursor_time(*where, cursor).get_cursor_time())


def _raw(page: Any) -> list[Group]:
    """Off the bytes as they came: what the SDK makes of them costs five times as much."""
    body = page._raw_uncompressed_body or b""  # noqa: SLF001 - it has no public name
    if len(body) != page.get_raw_size():
        raise ValueError("a page of another size than the service says")
    return on_wire(body)


def _exact(page: Any) -> list[Group]:
    return [exactly(lines_of(group)) for group in page.get_loggroup_list().LogGroups]
