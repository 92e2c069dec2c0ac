"""What is lost and read again of each file: the product's forecast, told of the same cut-over.

It gets three numbers of a file and none of its contents: the size when A began, what B had read in
the end, and how far back A begins.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

from sandbox.hosts.journal import What
from workflows.proof.route import Span, handed

if TYPE_CHECKING:
    from sandbox.simulate.log import Log

TAIL = 1024 * 1024  # bytes; the default on Linux
WITHIN = 1  # line per file: that in which the tail begins


def forecast(log: Log) -> tuple[Counter[int], Counter[int]]:
    """Return the lines lost and the lines read again, by inode.

    What was written since A's start on the log, maybe into another file, is nothing read again.
    """
    lost, again = Counter[int](), Counter[int]()
    before = Counter(line.inode for line in log.lines[: log.before])
    begins: dict[int, list[int]] = {inode: [] for inode in log.files}
    for line in log.lines:
        begins[line.inode].append(line.begin)
    for inode, starts in begins.items():
        size, tail = _numbers(log, inode)
        spans = handed(size, log.source.reached(inode), tail)
        lost[inode] = _lines(starts, spans.lost)
        again[inode] = _lines(starts[: before[inode]], spans.again)
    return +lost, +again


def _numbers(log: Log, inode: int) -> tuple[int, int]:
    """Return the size at A's start, and from how far back it reads.

    A file that A never took is all before its start; one with a name that A knew is read from its
    first byte on, and none of it is from before.
    """
    first = log.target.first.get(inode)
    if first is None:
        return len(log.files[inode]), 0
    return (0, 0) if first.what is What.ROTATED else (first.size, TAIL)


def _lines(starts: list[int], span: Span) -> int:
    return bisect_left(starts, span[1]) - bisect_left(starts, span[0])
