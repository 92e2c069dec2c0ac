"""What is lost and read again of each file, forecast from three numbers instead of contents.

A config that is new to a file begins 1 MiB before its end. So of what the other config had not
read, all but the last 1 MiB is lost; and of the last 1 MiB, what the other had read is read again.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sandbox.hosts.journal import What

if TYPE_CHECKING:
    from sandbox.simulate.log import Log

TAIL = 1024 * 1024  # bytes; the default on Linux
WITHIN = 1  # line per file: that in which the tail begins


def forecast(log: Log) -> tuple[Counter[int], Counter[int]]:
    """Return the lines lost and the lines read again, by inode."""
    lost, again = Counter[int](), Counter[int]()
    begun = {inode: _begun(log, inode) for inode in log.files}
    read = {inode: log.source.reached(inode) for inode in log.files}
    for number, line in enumerate(log.lines):
        tail, size = begun[line.inode]
        if read[line.inode] <= line.begin < tail:
            lost[line.inode] += 1
        elif number < log.before and tail <= line.begin < min(read[line.inode], size):
            again[line.inode] += 1
    return lost, again


def _begun(log: Log, inode: int) -> tuple[int, int]:
    """Return where the tail began and the size then; a file A never took is all before it."""
    first = log.target.first.get(inode)
    if first is None:
        return len(log.files[inode]), len(log.files[inode])
    if first.what is What.ROTATED:  # a name that A knew: from the first byte on
        return 0, 0
    return max(0, first.size - TAIL), first.size
