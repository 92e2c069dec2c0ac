"""How fast files grow and how far behind the source's agent is, from what looks at them tell. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from workflows.proof.route import ACTIVE, FileNow
from workflows.steps.on_host.file_look import FileSeen, HostFiles

APART = 5  # seconds; closer together, two looks tell nothing of a rate

Tails = Callable[[str], int]  # bytes, by path
Sizes = Mapping[tuple[int, int], int]  # by device and inode


@dataclass(frozen=True)
class Earlier:
    """The sizes of a host's files at an earlier look, `at` by the host's clock; `whole`: of all."""

    at: int
    sizes: Sizes
    whole: bool = True


def growing(
    name: str, host: HostFiles, keys: Collection[str], tails: Tails, earlier: Earlier | None = None
) -> Iterator[FileNow]:
    """The files with which the target's agent would begin at once; `keys` are the source's configs'."""
    read = {(one.device, one.inode): one.offset for one in host.positions if one.config in keys}
    for file in host.files:
        if host.age(file) < ACTIVE:
            rate = _between(host, file, earlier)
            unread, rate = _behind(host, file, read.get((file.device, file.inode)), rate)
            yield FileNow(name, file.path, file.size, unread, rate, tails(file.path))


def _between(host: HostFiles, file: FileSeen, earlier: Earlier | None) -> float | None:
    """Of a file that was not there before, all has come since."""
    if earlier is None or host.now - earlier.at < APART:
        return None
    was = earlier.sizes.get((file.device, file.inode), 0 if earlier.whole else None)
    return None if was is None or was > file.size else (file.size - was) / (host.now - earlier.at)


def _behind(
    host: HostFiles, file: FileSeen, read: int | None, rate: float | None
) -> tuple[int, float | None]:
    """Unread bytes and rate, from where the agent was when it last wrote that down.

    Where the rate is not known otherwise, the agent is taken to have been at the file's end then.
    """
    if read is None or read > file.size:
        return 0, rate
    since, ahead = host.now - host.dumped, file.size - read
    if rate is not None:
        return max(0, ahead - int(rate * max(since, 0))), rate
    return (0, ahead / since) if since >= APART else (ahead, None)
