"""What lies in a host's log folders: each file by its host path, its inode and its size."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.hosts.root import inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sandbox.hosts.config import Config


@dataclass(frozen=True)
class Found:
    """A regular file; `path` is absolute as the host sees it, `size` in bytes."""

    path: str
    dev: int
    inode: int
    size: int
    modified: float


def look(root: Path, configs: Iterable[Config]) -> dict[str, Found]:
    """Return the files under the base paths of `configs`, by host path."""
    deepest: dict[str, int] = {}
    for config in configs:
        depth = config.max_depth if config.max_depth >= 0 else 1 << 30
        deepest[config.base] = max(depth, deepest.get(config.base, 0))
    files = (file for base, depth in deepest.items() for file in _walk(root, base, depth))
    return {file.path: file for file in files}


def find_by_inode(root: Path, folder: str, dev: int, inode: int) -> Found | None:
    """Return the file of that inode in one folder, whatever it is called by now.

    Source: the agent looks for a renamed file in its folder (search_checkpoint_dir_depth 0).
    """
    files = _walk(root, folder, 0)
    return next((file for file in files if (file.dev, file.inode) == (dev, inode)), None)


def _walk(root: Path, folder: str, depth: int) -> Iterator[Found]:
    try:
        entries = list(os.scandir(inside(root, folder)))
    except (FileNotFoundError, NotADirectoryError):  # not made yet, or removed while we look
        return
    for entry in entries:
        path = f"{folder.rstrip('/')}/{entry.name}"
        if entry.is_dir(follow_symlinks=False) and depth > 0:
            yield from _walk(root, path, depth - 1)
        elif found := _found(path, entry):
            yield found


def _found(path: str, entry: os.DirEntry[str]) -> Found | None:
    try:
        seen = entry.stat()
    except FileNotFoundError:  # renamed between the listing and the look
        return None
    if not stat.S_ISREG(seen.st_mode):
        return None
    return Found(path, seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime)
