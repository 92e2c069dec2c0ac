"""What lies in a host's log folders: each file by its host path, its inode and its size."""

from __future__ import annotations

from dataclasses import dataclass
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


def look(disk: Disk, configs: Iterable[Config]) -> dict[str, Found]:
    """Return the files under the base paths of `configs`, by host path."""
    deepest: dict[str, int] = {}
    for path in (path for config in configs for path in config.paths):
        deepest[path.root] = max(path.reach, deepest.get(path.root, 0))
    files = (file for base, depth in deepest.items() for file in _walk(disk, base, depth))
    return {file.path: file for file in files}


def find_by_inode(disk: Disk, folder: str, dev: int, inode: int) -> Found | None:
    """Return the file of that inode in one folder, whatever it is called by now.

    Source: the agent looks for a renamed file in its folder (search_checkpoint_dir_depth 0).
    """
    files = _walk(disk, folder, 0)
    return next((file for file in files if (file.dev, file.inode) == (dev, inode)), None)


def _walk(disk: Disk, folder: str, depth: int) -> Iterator[Found]:
    files, folders = disk.listing(folder)
    yield from files
    if depth > 0:
        for path in folders:
            yield from _walk(disk, path, depth - 1)
