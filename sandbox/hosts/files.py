"""What lies in a host's log folders: each file by its host path, its inode and its size."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.hosts.config import Config
    from sandbox.hosts.disk import Disk


@dataclass(frozen=True)
class Found:
    """A regular file; `path` is absolute as the host sees it, `size` in bytes."""

    path: str
    dev: int
    inode: int
    size: int
    modified: float


@dataclass(frozen=True)
class Look:
    """What was found at one moment: files by host path, and the folders that were looked into."""

    at: float = float("-inf")
    files: dict[str, Found] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()

    @cached_property
    def inodes(self) -> frozenset[tuple[int, int]]:
        """The files by device and inode, whatever they are called."""
        return frozenset((file.dev, file.inode) for file in self.files.values())

    def saw_no(self, found: Found) -> bool:
        """Say whether a file was made since, in a folder that was looked into."""
        known = (found.dev, found.inode) in self.inodes
        watched = found.path.rsplit("/", 1)[0] in self.folders
        return watched and not known and found.modified >= self.at


def look(disk: Disk, configs: Iterable[Config], now: float) -> Look:
    """Look for files under the base paths of `configs`."""
    deepest: dict[str, int] = {}
    for path in (path for config in configs for path in config.paths):
        deepest[path.root] = max(path.reach, deepest.get(path.root, 0))
    folders: set[str] = set()
    files = [file for base, depth in deepest.items() for file in _walk(disk, base, depth, folders)]
    return Look(now, {file.path: file for file in files}, frozenset(folders))


def find_by_inode(disk: Disk, folder: str, dev: int, inode: int) -> Found | None:
    """Return the file of that inode in one folder, whatever it is called by now.

    Source: the agent looks for a renamed file in its folder (search_checkpoint_dir_depth 0).
    """
    files, _ = disk.listing(folder)
    return next((file for file in files if (file.dev, file.inode) == (dev, inode)), None)


def _walk(disk: Disk, folder: str, depth: int, seen: set[str]) -> Iterator[Found]:
    files, folders = disk.listing(folder)
    seen.add("/" + folder.strip("/"))
    yield from files
    if depth > 0:
        for path in folders:
            yield from _walk(disk, path, depth - 1, seen)
