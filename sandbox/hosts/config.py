"""A delivered collection config as the agent understands it, whichever form it came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.hosts.paths import Blacklist, FilePath
from sandbox.hosts.records import Records
from sandbox.hosts.topics import Topic

if TYPE_CHECKING:
    from sandbox.hosts.line import LineRule

TAIL_KB = 1024  # FileReaderOptions.cpp: default on Linux
MOST_TAIL_KB = 100 * 1024 * 1024  # FileReaderOptions.cpp: beyond it the default counts
LONG_FLUSH_SINCE = (3, 0)


@dataclass(frozen=True)
class Config:
    """Which files, how read, to which logstore of whom. Paths are as the host sees them.

    `flush_after` is in documented seconds.
    """

    key: str
    account: str
    project: str
    logstore: str
    create_time: int
    paths: tuple[FilePath, ...]
    rule: LineRule
    flush_after: float
    blacklist: Blacklist = field(default_factory=Blacklist)
    forced: bool = False
    tail_bytes: int = TAIL_KB * 1024
    tail_all: bool = False
    records: Records = field(default_factory=Records)
    topic: Topic = field(default_factory=Topic)
    position_meta: bool = False


def flush_seconds(release: tuple[int, ...]) -> float:
    """Return how long a record may stay unfinished. Source: FileReaderOptions.cpp.

    `default_reader_flush_timeout` is 5 in 2.0.7 (as in 1.8.8, LogFileReader.cpp) and 60 in 3.0.5.
    """
    return 60.0 if release >= LONG_FLUSH_SINCE else 5.0


def tail_bytes(kilobytes: object) -> int:
    """Return a tail size in bytes; the default for what the agent does not take."""
    known = isinstance(kilobytes, int) and 0 <= kilobytes <= MOST_TAIL_KB
    return (int(str(kilobytes)) if known else TAIL_KB) * 1024
