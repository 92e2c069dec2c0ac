"""What is shipped of the bytes that lie ahead of a reader: records, and where they end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.hosts.records import Records

READ_AT_ONCE = 512 * 1024  # LogFileReader.cpp BUFFER_SIZE; help page: at most 512 KB a read
MOST_RECORDS = 4096  # PutLogs takes no more in one group
CONTINUES, LEADS, UTF8_LEADS = 0x80, 0xC0, ((0xE0, 0xC0, 2), (0xF0, 0xE0, 3), (0xF8, 0xF0, 4))


@dataclass(frozen=True)
class Chunk:
    """Records without their last line end, the byte each begins at, and the byte after them all.

    `unmatched` lines belong to no record; `cut` says that a record was too long for one read.
    """

    lines: tuple[bytes, ...]
    end: int
    starts: tuple[int, ...] = ()
    unmatched: int = 0
    cut: bool = False


def chunk_of(data: bytes, offset: int, records: Records, *, flush: bool) -> Chunk | None:
    """Return what can be shipped of `data`, which lies at `offset`; None if it has to wait.

    Source: LogFileReader.cpp ReadUTF8 and ReadGBK. With `flush` nothing waits for more.
    """
    lines = data.split(b"\n")
    ended = not lines[-1]
    if ended:
        lines.pop()
    ready = len(lines) if flush else records.ready(lines, ended=ended)
    if ready:
        return _chunk(lines[:ready], offset, records, open_end=ready == len(lines) and not ended)
    if len(data) < READ_AT_ONCE:
        return None
    return _cut(data[: aligned(data, records.encoding)], offset, records)


def aligned(data: bytes, encoding: str) -> int:
    """Return where to cut so that no character is torn. Source: AlignLastCharacter.

    In GBK bytes from 0x80 on come in pairs; an odd run of them at the end is one too many.
    """
    if encoding == "gbk":
        run = len(data) - len(data.rstrip(bytes(range(CONTINUES, 256))))
        return len(data) - run % 2
    back = next((at for at in range(1, 7) if data[-at] & LEADS != CONTINUES), 1)
    needs = next((size for mask, lead, size in UTF8_LEADS if data[-back] & mask == lead), 1)
    return len(data) - back if needs > back else len(data)


def _cut(data: bytes, offset: int, records: Records) -> Chunk:
    """Ship the beginning of a record that is longer than a read; its rest follows as its own."""
    ended = data.endswith(b"\n")
    lines = data.removesuffix(b"\n").split(b"\n")
    made = _chunk(lines, offset, records, open_end=not ended)
    return Chunk(made.lines, made.end, made.starts, made.unmatched, cut=True)


def _chunk(lines: Sequence[bytes], offset: int, records: Records, *, open_end: bool) -> Chunk:
    places = [offset]
    for line in lines:
        places.append(places[-1] + len(line) + 1)
    pieces = list(records.pieces(lines))
    taken = pieces[:MOST_RECORDS]
    kept = [piece for piece in taken if piece.matched or records.keep_unmatched]
    # A piece of several unmatched lines is as many records, or none.
    spans = [
        span
        for piece in kept
        for span in (
            [(piece.first, piece.after)]
            if piece.matched
            else [(at, at + 1) for at in range(piece.first, piece.after)]
        )
    ]
    after = taken[-1].after
    return Chunk(
        lines=tuple(b"\n".join(lines[first:last]) for first, last in spans),
        end=places[after] - (1 if open_end and after == len(lines) else 0),
        starts=tuple(places[first] for first, _ in spans),
        unmatched=sum(piece.after - piece.first for piece in taken if not piece.matched),
    )
