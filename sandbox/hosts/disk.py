"""A host's disk as its agent sees it: the one door between the agent's rules and real files."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Protocol

from sandbox.hosts.files import Found
from sandbox.hosts.root import inside, replace_text

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self


class Opened(Protocol):
    """A file open for reading; it stays the same file whatever its name becomes."""

    def seek(self, offset: int, /) -> int: ...
    def read(self, size: int, /) -> bytes: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None: ...


class Disk(Protocol):
    """Files of one host. Paths are the host's; a leading `/` is understood where it is missing."""

    def listing(self, folder: str) -> tuple[list[Found], list[str]]:
        """Return the regular files right in `folder`, and its folders by path; none if missing."""

    def open(self, path: str, inode: int) -> Opened:
        """Open a file; FileNotFoundError where that inode does not lie under that name."""

    def read(self, path: str) -> bytes | None:
        """Return a file's whole contents, None where there is no such file."""

    def replace(self, path: str, text: str) -> None:
        """Write a file whole or not at all, with the folders above it."""

    def append(self, path: str, text: str) -> None:
        """Add to a file's end; it is made if missing."""

    def remove(self, path: str) -> None:
        """Delete a file; none there is no error."""


class RealDisk:
    """A folder of this machine that is `/` of the host."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def listing(self, folder: str) -> tuple[list[Found], list[str]]:
        """See Disk."""
        try:
            entries = list(os.scandir(inside(self.root, folder)))
        except (FileNotFoundError, NotADirectoryError):  # not made yet, or removed as we look
            return [], []
        above = "/" + folder.strip("/")
        named = [(f"{above.rstrip('/')}/{entry.name}", entry) for entry in entries]
        folders = [path for path, entry in named if entry.is_dir(follow_symlinks=False)]
        return [found for path, entry in named if (found := _found(path, entry))], folders

    def open(self, path: str, inode: int) -> Opened:
        """See Disk."""
        file = inside(self.root, path).open("rb")
        if os.fstat(file.fileno()).st_ino != inode:
            file.close()
            raise FileNotFoundError(f"opening {path}: another file lies there by now")
        return file

    def read(self, path: str) -> bytes | None:
        """See Disk."""
        file = inside(self.root, path)
        return file.read_bytes() if file.is_file() else None

    def replace(self, path: str, text: str) -> None:
        """See Disk."""
        file = inside(self.root, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_text(file, text)

    def append(self, path: str, text: str) -> None:
        """See Disk."""
        with inside(self.root, path).open("a", encoding="utf-8") as file:
            file.write(text)

    def remove(self, path: str) -> None:
        """See Disk."""
        inside(self.root, path).unlink(missing_ok=True)


def _found(path: str, entry: os.DirEntry[str]) -> Found | None:
    try:
        seen = entry.stat()
    except FileNotFoundError:  # renamed between the listing and the look
        return None
    if not stat.S_ISREG(seen.st_mode):
        return None
    return Found(path, seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime)
