"""What each agent says it shipped, from its journal: bytes of files, life by life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.hosts.journal import Entry, What

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BEGINS = {What.TAKEN, What.RESUMED, What.ROTATED}
ENDS = {What.REACHED, What.LEFT, What.LOST}
LIFE_ENDS = {What.STOPPED, What.KILLED}

Span = tuple[int, int]  # bytes of one file, from the first up to and without the second


class Ledger:
    """The spans of each file that one config shipped; a span per life of the agent, or more."""

    def __init__(self, entries: Iterable[Entry], config: str, sizes: Mapping[int, int]) -> None:
        self.spans: dict[int, list[Span]] = {}
        self.first: dict[int, Entry] = {}  # by inode: how the config came to the file
        self._sizes = sizes
        self._begun: dict[int, int] = {}
        self._cuts: dict[int, list[Span]] = {}
        for entry in entries:
            if entry.what in LIFE_ENDS:
                self._life_over()
            elif entry.config == config:
                self._read(entry)

    def times(self, inode: int, begin: int, end: int) -> int:
        """Return how often the bytes from `begin` to `end` were shipped."""
        spans = self.spans.get(inode, ())
        return sum(1 for start, stop in spans if start <= begin and end <= stop)

    def reached(self, inode: int) -> int:
        """Return the byte up to which the file was shipped; 0 for one that never was."""
        return max((stop for _, stop in self.spans.get(inode, ())), default=0)

    def resent(self) -> set[int]:
        """Return the files that more than one span is of."""
        return {inode for inode, spans in self.spans.items() if len(spans) > 1}

    def _read(self, entry: Entry) -> None:
        if entry.what in BEGINS:
            self.first.setdefault(entry.inode, entry)
            self._begun[entry.inode] = entry.offset
        elif entry.what is What.DISCARDED:
            self._cut(entry.inode, (entry.offset, entry.until))
        elif entry.what in ENDS:
            self._close(entry.inode, entry.offset)
        else:
            raise ValueError(f"{entry.what} of {entry.file}: nothing here truncates files")

    def _cut(self, inode: int, gone: Span) -> None:
        """Take out what was given up; of a config that had left, out of the span it closed."""
        if inode in self._begun:
            self._cuts.setdefault(inode, []).append(gone)
            return
        for begin, end in self.spans.pop(inode, []):
            self._add(inode, begin, min(end, gone[0]) if begin < gone[1] else end)
            self._add(inode, max(begin, gone[1]) if begin < gone[1] else end, end)

    def _life_over(self) -> None:
        """Close what is open: a rotated file is let go of, without a word, at its end."""
        for inode in list(self._begun):
            self._close(inode, self._sizes[inode])

    def _close(self, inode: int, end: int) -> None:
        begin = self._begun.pop(inode, None)
        if begin is None:
            return
        for start, stop in sorted(self._cuts.pop(inode, [])):
            self._add(inode, begin, start)
            begin = stop
        self._add(inode, begin, end)

    def _add(self, inode: int, begin: int, end: int) -> None:
        if begin < end:
            self.spans.setdefault(inode, []).append((begin, end))
