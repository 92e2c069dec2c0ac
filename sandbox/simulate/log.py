"""One log of one host: its lines as they stand in its files, and what was shipped of them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from sandbox.simulate.ledger import Ledger
from sandbox.simulate.service import SOURCE, TARGET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.simulate.host import Host
    from sandbox.simulate.stream import Stream


class Line(NamedTuple):
    """A line without its end; `end` is the byte after that."""

    text: bytes
    inode: int
    begin: int
    end: int


class Log:
    """The files of one log, oldest first, and what each config shipped of them."""

    def __init__(self, stream: Stream, name: str, source: Ledger, target: Ledger) -> None:
        self.name = name
        self.source, self.target = source, target
        self.files = {file.inode: bytes(file.data) for file in stream.files()}
        self.wrote = stream.written

    @cached_property
    def lines(self) -> list[Line]:
        """Every line in the order written."""
        return [line for inode, data in self.files.items() for line in _lines(inode, data)]

    @cached_property
    def before(self) -> int:
        """How many lines were whole at A's start; all of them where A never started."""
        taken = [one for inode, one in self.target.first.items() if inode in self.files]
        if not taken:
            return len(self.lines)
        start = min(one.at for one in taken)
        return max(self._whole(one.inode, one.size) for one in taken if one.at == start)

    def _whole(self, inode: int, size: int) -> int:
        older = sum(data.count(b"\n") for other, data in self.files.items() if other < inode)
        return older + self.files[inode].count(b"\n", 0, size)


def logs_of(host: Host) -> Iterator[Log]:
    """Return every log of a host whose agent has stopped."""
    sizes = {file.inode: len(file.data) for stream in host.streams for file in stream.files()}
    entries = host.agent.journal.entries
    source, target = (Ledger(entries, side.key, sizes) for side in (SOURCE, TARGET))
    for stream in host.streams:
        yield Log(stream, f"{host.plan.name}:{stream.path}", source, target)


def _lines(inode: int, data: bytes) -> Iterator[Line]:
    begin = 0
    for text in data.removesuffix(b"\n").split(b"\n") if data else ():
        end = begin + len(text) + 1
        yield Line(text, inode, begin, end)
        begin = end
