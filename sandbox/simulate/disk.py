"""A host's disk in memory, for agents that run on a virtual clock."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING

from sandbox.hosts.files import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

DEVICE = 1


@dataclass
class File:
    """One inode; it stays the same whatever its name becomes."""

    inode: int
    modified: float
    data: bytearray


class Window:
    """A file open for reading."""

    def __init__(self, data: bytearray) -> None:
        self._data = data
        self._at = 0

    def seek(self, offset: int, /) -> int:
        """Read on from that byte."""
        self._at = offset
        return offset

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes."""
        with memoryview(self._data) as whole:
            found = bytes(whole[self._at : self._at + size])
        self._at += len(found)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing is held that would have to be given back."""


class MemoryDisk:
    """A Disk without a file system: names in folders, inodes counted up, times by `now`."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._inodes = count(1001)
        self._folders: dict[str, dict[str, File]] = {"/": {}}
        self._below: dict[str, list[str]] = {"/": []}
        self._listed: dict[str, list[Found]] = {}  # until anything changes

    def listing(self, folder: str) -> tuple[list[Found], list[str]]:
        """See Disk."""
        here = _whole(folder)
        if here not in self._listed:
            above = here.rstrip("/")
            inside = self._inside(here).items()
            self._listed[here] = [_found(f"{above}/{name}", file) for name, file in inside]
        return list(self._listed[here]), list(self._below.get(here, ()))

    def open(self, path: str, inode: int) -> Window:
        """See Disk."""
        file = self._file(path)
        if file is None or file.inode != inode:
            raise FileNotFoundError(f"opening {path}: inode {inode} does not lie there")
        return Window(file.data)

    def read(self, path: str) -> bytes | None:
        """See Disk."""
        file = self._file(path)
        return None if file is None else bytes(file.data)

    def replace(self, path: str, text: str) -> None:
        """See Disk."""
        self.write(self.create(path), text.encode())

    def append(self, path: str, text: str) -> None:
        """See Disk."""
        self.write(self._file(path) or self.create(path), text.encode())

    def remove(self, path: str) -> None:
        """See Disk."""
        folder, name = posixpath.split(_whole(path))
        self._inside(folder).pop(name, None)
        self._listed.clear()

    def create(self, path: str) -> File:
        """Put a new empty file there; one that had the name loses it."""
        folder, name = posixpath.split(_whole(path))
        self._make(folder)
        file = File(next(self._inodes), self._now(), bytearray())
        self._folders[folder][name] = file
        self._listed.clear()
        return file

    def write(self, file: File, data: bytes) -> None:
        """Add to a file's end, whatever its name is by now."""
        file.data += data
        file.modified = self._now()
        self._listed.clear()

    def rename(self, old: str, new: str) -> None:
        """Give a file another name in its folder."""
        folder, name = posixpath.split(_whole(old))
        entries = self._folders[folder]
        entries[posixpath.basename(new)] = entries.pop(name)
        self._listed.clear()

    def files(self, folder: str) -> Iterator[tuple[str, File]]:
        """Return the names and files of one folder."""
        yield from self._inside(_whole(folder)).items()

    def _inside(self, folder: str) -> dict[str, File]:
        return self._folders.get(folder, {})

    def _file(self, path: str) -> File | None:
        folder, name = posixpath.split(_whole(path))
        return self._inside(folder).get(name)

    def _make(self, folder: str) -> None:
        if folder not in self._folders:
            above = posixpath.dirname(folder)
            self._make(above)
            self._below[above].append(folder)
            self._folders[folder], self._below[folder] = {}, []


@lru_cache(maxsize=1024)
def _whole(path: str) -> str:
    return posixpath.normpath("/" + path.lstrip("/"))


def _found(path: str, file: File) -> Found:
    return Found(path, DEVICE, file.inode, len(file.data), file.modified)
