"""One config's place in one file: where reading begins, whole lines only, and truncation."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from sandbox.hosts.checkpoint import Place
from sandbox.hosts.chunks import READ_AT_ONCE, Chunk, chunk_of
from sandbox.hosts.files import find_by_inode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.hosts.disk import Disk, Opened
    from sandbox.hosts.files import Found
    from sandbox.hosts.records import Records

SAMPLE = 1024  # LogFileReader.cpp: the signature covers the first KiB
LINE_START_WITHIN = 128 * 1024  # max_fix_pos_bytes


class Moved(Exception):
    """Between the look and the reading the file got another name; the next look finds it."""


def tail_offset(size: int, tail: int) -> int:
    """Return the byte where a config new to a file begins. Source: SetFilePosBackwardToFixedPos."""
    return 0 if size <= tail else size - tail


def line_start(file: Opened, offset: int, size: int, records: Records | None = None) -> int:
    """Return the first record start after `offset`; 0 stays 0. Source: FixLastFilePos.

    The agent gives up the line it lands in even where it lands on its first byte, and stays where
    it is if no line ends, or no line with a beginning follows, within 128 KiB.
    """
    if offset == 0:
        return 0
    file.seek(offset)
    ahead = file.read(min(size - offset, LINE_START_WITHIN))[:-1]
    at = 0
    for line in ahead.split(b"\n")[:-1]:
        at += len(line) + 1
        following = ahead[at:].split(b"\n", 1)[0]
        if records is None or records.begins(following):
            return offset + at
    return offset


class Reader:
    """Reads one file, found by its inode whatever it is renamed to; holds no file open."""

    def __init__(self, disk: Disk, place: Place) -> None:
        self._disk = disk
        self.path = place.path
        self.dev = place.dev
        self.inode = place.inode
        self.offset = place.offset
        self._sample = (place.sample, place.sample_size)
        self.rotated_at: float | None = None  # or when the renamed file was last read
        self.passed = False  # the renamed file was read to its end, its successor's turn came
        self.waits_until = float("inf")  # for the rest of an unfinished record; real seconds
        self.gone = False  # the last look did not find it
        self._grew = (-1, 0.0)  # the size last seen, and since when
        self._modified: float | None = None  # when the file was last written, as last seen

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
        return find_by_inode(self._disk, self.path.rsplit("/", 1)[0], self.dev, self.inode)

    def start_at_tail(self, found: Found, tail: int, records: Records) -> None:
        """Begin as a config new to this file does."""
        with self._open(found) as file:
            self.offset = line_start(file, tail_offset(found.size, tail), found.size, records)

    def sample_fits(self, found: Found) -> bool:
        """Say whether the file still begins as it did. Source: CheckAndUpdateSignature."""
        digest, size = self._sample
        with suppress(Moved), self._open(found) as file:
            head = file.read(size)
            return len(head) == size and (size == 0 or _digest(head) == digest)
        return True  # renamed this very moment, so it is no other file

    def meet_truncation(self, found: Found) -> bool:
        """Set the offset anew if the file has shrunk or is another one, and say whether so.

        Another beginning: read from byte 0; the same: from the new end. Source:
        LogFileReader.cpp CheckFileSignatureAndOffset.
        """
        if not self._is_suspect(found):
            return False
        same = self.sample_fits(found)
        if same and found.size >= self.offset:
            return False
        self.offset = found.size if same else 0
        self._sample = self._sample if same else ("", 0)
        return True

    def _is_suspect(self, found: Found) -> bool:
        """Say whether the file's beginning has to be looked at.

        It has where the file shrank, was away, or was written and is exactly as long as was read.
        """
        written, self._modified = found.modified != self._modified, found.modified
        was_gone, self.gone = self.gone, False
        return found.size < self.offset or was_gone or (written and found.size == self.offset)

    def chunk(self, found: Found, records: Records, now: float, patience: float) -> Chunk | None:
        """Return the next whole records, None if there is none yet; the offset stays.

        What is unfinished is shipped as it is once nothing came for `patience` real seconds, or at
        once where the file is rotated. Source: LogFileReader.cpp ReadLog, EventHandler.cpp
        ForceReadLogAndPush.
        """
        self.waits_until = float("inf")
        if found.size <= self.offset:
            return None
        if found.size != self._grew[0]:
            self._grew = (found.size, now)
        data, offset = self._ahead(found)
        is_all = offset + len(data) >= found.size  # else the record goes on in the next read
        flush = is_all and (self.rotated_at is not None or now - self._grew[1] >= patience)
        chunk = chunk_of(data, offset, records, flush=flush) if data else None
        if chunk is None and data:
            self.waits_until = self._grew[1] + patience
        elif chunk is None:
            self.offset = offset
        return chunk

    def _ahead(self, found: Found) -> tuple[bytes, int]:
        """Return what can be read now, and from where.

        A line end right after a record that was shipped without it is passed over, so that it
        makes no empty record. Source: LogFileReader.cpp ReadUTF8, mLastForceRead.
        """
        with self._open(found) as file:
            self._take_sample(file)
            back = min(self.offset, 1)
            file.seek(self.offset - back)
            data = file.read(READ_AT_ONCE + back + 1)
        before, data = data[:back], data[back:]
        left_over = bool(before) and before != b"\n" and data[:1] == b"\n"
        return data[left_over:][:READ_AT_ONCE], self.offset + left_over

    def _take_sample(self, file: Opened) -> None:
        if self._sample[1] < SAMPLE:
            head = file.read(SAMPLE)
            self._sample = (_digest(head), len(head))

    def _open(self, found: Found) -> Opened:
        try:
            return self._disk.open(found.path, self.inode)
        except FileNotFoundError:
            raise Moved(found.path) from None


def _digest(head: bytes) -> str:
    return hashlib.sha256(head).hexdigest()
