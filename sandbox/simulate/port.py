"""Logstores in memory behind the product's own port for lines: no HTTP and no client between."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Protocol

from aliyun.log.proto import LogGroupRaw  # type: ignore[import-untyped]

from bot.log_groups import lines_of
from bot.scan import exactly, on_wire, summed
from sandbox.sls.tape import list_bytes
from workflows.collection.forms import Form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from workflows.model import Facts
    from workflows.ports import Clock, Lines, Scanned

PAGE = 1000  # log groups, as many as the service gives at once


class Parcel(Protocol):
    """A log group as the service keeps it."""

    @property
    def received(self) -> float:
        """When it came, in seconds since the epoch."""

    @property
    def raw(self) -> bytes:
        """Its bytes."""


class Port:
    """What of a project's port a comparison uses; a cursor is a number of groups."""

    def __init__(
        self,
        shards: Callable[[str], Sequence[Sequence[Parcel]]],
        config: Callable[[str], Facts | None] = lambda _name: None,
        page: int = PAGE,
        clock: Clock | None = None,
    ) -> None:
        """With a `clock`, what is received later than now is not there yet."""
        self._shards = shards
        self._clock = clock
        self._config = config
        self._page = page

    def config(self, name: str, form: Form = Form.CLASSIC) -> Facts | None:
        """See Sls."""
        return self._config(name) if form is Form.CLASSIC else None

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
        """See Sls."""
        for shard, parcels in enumerate(self._shards(logstore)):
            begin, stop = self._between(parcels, start, end)
            begin = int((after or {}).get(shard, begin))
            for at in range(begin, stop, self._page):
                upto = min(at + self._page, stop)
                raws = [parcel.raw for parcel in parcels[at:upto]]
                groups = map(exactly, map(_lines, raws)) if exact else on_wire(list_bytes(raws))
                yield summed(groups, minute, shard, str(upto), int(parcels[at].received))

    def pull(self, logstore: str, start: int, end: int) -> Iterator[Lines]:
        """See Sls."""
        for parcels in self._shards(logstore):
            for parcel in parcels[slice(*self._between(parcels, start, end))]:
                yield _lines(parcel.raw)

    def count(self, logstore: str, start: int, end: int) -> int:
        """See Sls; it opens every group."""
        every = self.pull(logstore, 0, 1 << 40)
        return sum(start <= line.time < end for lines in every for line in lines.lines)

    def _between(self, parcels: Sequence[Parcel], start: int, end: int) -> tuple[int, int]:
        """The positions of what was received in [start, end)."""
        upto = min(float(end), self._clock.now()) if self._clock else float(end)
        begin = bisect_left(parcels, float(start), key=lambda parcel: parcel.received)
        return begin, bisect_left(parcels, upto, lo=begin, key=lambda parcel: parcel.received)


def _lines(raw: bytes) -> Lines:
    return lines_of(LogGroupRaw.FromString(raw))
