"""A real disk that may refuse what the agent writes."""

from __future__ import annotations

import errno
import os

from sandbox.hosts.disk import RealDisk


class AilingDisk(RealDisk):
    """Writes nothing while `refusal` is set, and counts what it did not write.

    A refused write does not end the agent, which says so in its log, if it can, and goes on.
    Sources: core/file_server/checkpoint/CheckPointManager.cpp DumpCheckPointToLocal,
    core/application/Application.cpp (app_info.json), core/config/provider.
    """

    refusal = 0  # an errno, such as ENOSPC
    refused = 0

    def replace(self, path: str, text: str) -> None:
        """See Disk."""
        if not self._refuses():
            super().replace(path, text)

    def append(self, path: str, text: str) -> None:
        """See Disk."""
        if not self._refuses():
            super().append(path, text)

    def remove(self, path: str) -> None:
        """See Disk; a full disk lets go of files."""
        if self.refusal == errno.ENOSPC or not self._refuses():
            super().remove(path)

    @property
    def reason(self) -> str:
        """Why it refuses, as a tool would say it; empty where it does not."""
        return os.strerror(self.refusal) if self.refusal else ""

    def _refuses(self) -> bool:
        self.refused += bool(self.refusal)
        return bool(self.refusal)
