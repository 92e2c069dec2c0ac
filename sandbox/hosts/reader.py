"""One config's place in one file: where reading begins, whole lines only, and truncation."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from sandbox.hosts.checkpoint import Place
from sandbox.hosts.files import find_by_inode
from sandbox.hosts.root import inside

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox.hosts.files import Found

READ_AT_ONCE = 512 * 1024  # help page "log collection process of Logtail": at most 512 KB a read
MOST_LINES = 4096  # PutLogs takes no more in one group
SAMPLE = 1024  # LogFileReader.cpp: the signature covers the first KiB
LINE_START_WITHIN = 128 * 1024  # max_fix_pos_bytes


class Moved(Exception):
    """Between the look and the reading the file got another name; the next look finds it."""


def tail_offset(size: int, tail: int) -> int:
    """Return the byte where a config new to a file begins. Source: SetFilePosBackwardToFixedPos."""
    return 0 if size <= tail else size - tail


def line_start(file: BinaryIO, offset: int, size: int) -> int:
    """Return the first line start after `offset`; 0 stays 0. Source: FixLastFilePos.

    The agent gives up the line it lands in even where it lands on its first byte, and stays where
    it is if no line ends within 128 KiB.
    """
    if offset == 0:
        return 0
    file.seek(offset)
    ahead = file.read(min(size - offset, LINE_START_WITHIN))
    return offset + ahead[:-1].find(b"\n") + 1


@dataclass(frozen=True)
class Chunk:
    """Whole lines without their ends, and the byte after the last of them."""

    lines: tuple[bytes, ...]
    end: int


class Reader:
    """Reads one file, found by its inode whatever it is renamed to; holds no file open."""

    def __init__(self, root: Path, place: Place) -> None:
        self._root = root
        self.path = place.path
        self.dev = place.dev
        self.inode = place.inode
        self.offset = place.offset
        self._sample = (place.sample, place.sample_size)
        self.rotated_at: float | None = None

    def is_of(self, found: Found) -> bool:
        """Say whether this is the reader of that very file."""
        return (self.dev, self.inode) == (found.dev, found.inode)

    def place(self, config: str) -> Place:
        """Return what the checkpoint keeps of this reader."""
        return Place(config, self.path, self.dev, self.inode, self.offset, *self._sample)

    def find(self, files: Mapping[str, Found]) -> Found | None:
        """Return the file under its present name, None once it is gone from its folder.

        `files` is what a round has just seen, by path; it spares a look in the usual case.
        """
        seen = files.get(self.path)
        if seen and self.is_of(seen):
            return seen
        return find_by_inode(self._root, self.path.rsplit("/", 1)[0], self.dev, self.inode)

    def start_at_tail(self, found: Found, tail: int) -> None:
        """Begin as a config new to this file does."""
        with self._open(found) as file:
            self.offset = line_start(file, tail_offset(found.size, tail), found.size)

    def sample_fits(self, found: Found) -> bool:
        """Say whether the file still begins as it did. Source: CheckAndUpdateSignature."""
        digest, size = self._sample
        with suppress(Moved), self._open(found) as file:
            head = file.read(size)
            return len(head) == size and _digest(head) == digest
        return True  # renamed this very moment, so it is no other file

    def meet_truncation(self, found: Found) -> bool:
        """Set the offset anew if the file has shrunk, and say whether it had.

        Another beginning: read from byte 0; the same: from the new end. Source:
        LogFileReader.cpp CheckFileSignatureAndOffset.
        """
        if found.size >= self.offset:
            return False
        same = self.sample_fits(found)
        self.offset = found.size if same else 0
        self._sample = self._sample if same else ("", 0)
        return True

    def chunk(self, found: Found) -> Chunk | None:
        """Return the next whole lines, None if there is none yet; the offset stays."""
        if found.size <= self.offset:
            return None
        with self._open(found) as file:
            self._take_sample(file)
            file.seek(self.offset)
            data = file.read(READ_AT_ONCE)
        return _whole_lines(data, self.offset)

    def _take_sample(self, file: BinaryIO) -> None:
        if self._sample[1] < SAMPLE:
            head = file.read(SAMPLE)
            self._sample = (_digest(head), len(head))

    def _open(self, found: Found) -> BinaryIO:
        try:
            file = inside(self._root, found.path).open("rb")
        except FileNotFoundError:
            raise Moved(found.path) from None
        if os.fstat(file.fileno()).st_ino != self.inode:
            file.close()
            raise Moved(found.path)
        return file


def _whole_lines(data: bytes, offset: int) -> Chunk | None:
    """Cut at the last line end; a line longer than one read is shipped in pieces."""
    if b"\n" not in data:
        return Chunk((data,), offset + len(data)) if len(data) == READ_AT_ONCE else None
    lines = data[: data.rindex(b"\n")].split(b"\n")[:MOST_LINES]
    return Chunk(tuple(lines), offset + sum(len(line) + 1 for line in lines))


def _digest(head: bytes) -> str:
    return hashlib.sha256(head).hexdigest()
