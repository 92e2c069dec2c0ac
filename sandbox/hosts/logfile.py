"""One log file that an application appends to, rotated when it is full."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class LogFile:
    """Appends records, each in one write; `full` bytes end a file, None never does.

    Full files are renamed to `.1`, `.2`, … in the order of age, or with `copies` copied there and
    emptied, as logrotate's copytruncate does.
    """

    def __init__(self, path: Path, full: int | None, *, copies: bool = False) -> None:
        self.path = path
        self._full = full
        self._copies = copies
        self._rotations = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._open()

    def write(self, record: bytes) -> None:
        """Append a record; it is in the file when this returns."""
        if os.write(self._file, record) != len(record):
            raise OSError(f"writing {self.path}: only part of a line was taken")
        if self._full is not None and os.fstat(self._file).st_size >= self._full:
            self._rotate()

    def close(self) -> None:
        """Close it; nothing is buffered."""
        os.close(self._file)

    def _rotate(self) -> None:
        self._rotations += 1
        old = self.path.with_name(f"{self.path.name}.{self._rotations}")
        if self._copies:
            shutil.copyfile(self.path, old)
            os.ftruncate(self._file, 0)
            return
        os.close(self._file)
        self.path.rename(old)
        self._file = self._open()

    def _open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
