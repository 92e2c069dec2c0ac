"""The tags that go with every group of records."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.hosts.config import Config
    from sandbox.hosts.reader import Reader
    from sandbox.hosts.root import Machine

LONGEST_PATH, LONGEST_ID, LONGEST_NAME = 511, 99, 99  # ProcessorTagNative.cpp of 1.8.8 and 2.0.7


class Tags:
    """Makes the tags of groups; numbers the groups of each file."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._sequence: Counter[str] = Counter()
        self.custom_ids: tuple[str, ...] = ()

    def of(self, config: Config, reader: Reader) -> dict[str, str]:
        """Return path, host name, custom ids, pack id, and the inode where it is asked for.

        Sources: ProcessorTagNative.cpp (`__user_defined_id__` is the commercial package's; how it
        joins several is not published, a comma here), FileTagOptions.cpp
        AppendingLogPositionMeta, FlusherSLS.cpp AddPackId.
        """
        tags = {
            "__path__": reader.path[:LONGEST_PATH],
            "__hostname__": self._machine.name[:LONGEST_NAME],
            "__pack_id__": self._pack_id(config, reader),
        }
        if self.custom_ids:
            tags["__user_defined_id__"] = ",".join(self.custom_ids)[:LONGEST_ID]
        if config.position_meta:
            tags["__inode__"] = str(reader.inode)
        return tags | config.topic.of(reader.path)[1]

    def _pack_id(self, config: Config, reader: Reader) -> str:
        """Return a name for the file's stream, the same while it is read, and a running number."""
        source = f"{self._machine.ip}_{config.key}_{reader.path}_{reader.inode}"
        number = self._sequence[source]
        self._sequence[source] += 1
        return f"{hashlib.sha256(source.encode()).hexdigest()[:16].upper()}-{number:X}"
