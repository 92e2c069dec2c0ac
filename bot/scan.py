"""
Pages of log groups, summed up by second: lines, marks and sizes. Pure.

The wire is read as far as a sum needs it: a group's lines stay the bytes they are, so that a line
costs a hash and no object per field. What lies inside a line's fields is not looked at; whatever is
wrong there shows as another sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message,
    message_factory,
)

from bot.log_groups import RECEIVED
from workflows.ports import Line, Lines, Scanned
from workflows.proof.cells import MODULUS, Cell, Place

LATE = 60  # seconds between a line's own time and its receipt; an agent sends each few seconds
PATH = "__path__"  # a tag that agents set
MARK = 16  # bytes
HEAD = 6  # bytes of a line in which agents write its time, for every time of this century
TIME = b"\x08"  # what begins them
_FIELD = descriptor_pb2.FieldDescriptorProto
_BYTES, _MESSAGE = _FIELD.TYPE_BYTES, _FIELD.TYPE_MESSAGE
_ONE, _MANY, _MAYBE = _FIELD.LABEL_REQUIRED, _FIELD.LABEL_REPEATED, _FIELD.LABEL_OPTIONAL
# The service's messages, without what no sum needs; in them `Logs` are messages, here bytes.
_SCHEMA: dict[str, tuple[tuple[str, int, int, int, str], ...]] = {
    "Head": (("Time", 1, _ONE, _FIELD.TYPE_UINT32, ""),),
    "Tag": (("Key", 1, _ONE, _BYTES, ""), ("Value", 2, _ONE, _BYTES, "")),
    "Group": (
        ("Logs", 1, _MANY, _BYTES, ""),
        ("Source", 4, _MAYBE, _BYTES, ""),
        ("LogTags", 6, _MANY, _MESSAGE, "Tag"),
    ),
    "Page": (("Groups", 1, _MANY, _MESSAGE, "Group"),),
}


class Group(NamedTuple):
    """Lines that came together, by the second of their own time."""

    host: str
    file: str
    received: int  # seconds since the epoch; 0 where the service does not say
    seconds: Mapping[int, Cell]


def _messages() -> dict[str, Any]:
    # A pool of its own: the SDK registers messages that have more to them.
    file = descriptor_pb2.FileDescriptorProto(name="scan.proto", package="scan", syntax="proto2")
    for name, fields in _SCHEMA.items():
        described = file.message_type.add(name=name)
        for field, number, label, kind, of in fields:
            added = described.field.add(name=field, number=number, label=label, type=kind)
            if of:
                added.type_name = f".scan.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = {name: pool.FindMessageTypeByName(f"scan.{name}") for name in _SCHEMA}
    return {name: message_factory.GetMessageClass(one) for name, one in found.items()}


_MESSAGES = _messages()


def on_wire(page: bytes) -> list[Group]:
    """The groups of a page, marks being of each line's bytes. Raises ValueError for broken ones."""
    try:
        return [_group(one) for one in _MESSAGES["Page"].FromString(page).Groups]
    except message.DecodeError as error:
        raise ValueError(f"a page of log groups: {error}") from error


def exactly(lines: Lines) -> Group:
    """The same of lines that are read already, marks being of time and sorted fields."""
    seconds: dict[int, Cell] = {}
    for line in lines.lines:
        seconds[line.time] = seconds.get(line.time, Cell()).plus(_cell(line))
    return Group(lines.source, dict(lines.tags).get(PATH, ""), lines.received, seconds)


def summed(
    groups: Iterable[Group], minute: int, shard: int = 0, after: str = "", since: int = 0
) -> Scanned:
    """All of them together; `since` is the receipt of those that do not say their own."""
    cells: dict[Place, Cell] = {}
    late: dict[Place, None] = {}
    begun: dict[tuple[str, str], int] = {}
    newest, last = 0, dict[str, int]()
    for group in groups:
        received = group.received or since
        if group.received:
            last[group.host] = max(last.get(group.host, 0), group.received)
        whose = (group.host, group.file)
        begun[whose] = min(begun.get(whose, received), received)
        newest = max(newest, received)
        for second, cell in group.seconds.items():
            place = Place(second // minute * minute, *whose)
            cells[place] = cells[place].plus(cell) if place in cells else cell
            if received - second > LATE:
                late[place] = None
    return Scanned(shard, after, cells, newest, tuple(late), begun, last)


def _group(group: Any) -> Group:
    tags = {tag.Key: tag.Value for tag in group.LogTags}
    received = tags.get(RECEIVED.encode(), b"")
    return Group(
        _text(group.Source),
        _text(tags.get(PATH.encode(), b"")),
        int(received) if received.isdigit() else 0,
        {second: _sum(lines) for second, lines in _by_second(group.Logs).items()},
    )


def _by_second(lines: Iterator[bytes]) -> dict[int, list[bytes]]:
    """Neighbours mostly have one time; the same first bytes tell it without reading them anew."""
    found: dict[int, list[bytes]] = {}
    head = None
    for line in lines:
        if line[:HEAD] != head:
            here = found.setdefault(_time(line), [])
            head = line[:HEAD] if line.startswith(TIME) else None
        here.append(line)
    return found


def _time(line: bytes) -> int:
    read = _MESSAGES["Head"].FromString(line)
    if not read.HasField("Time"):  # the library takes it for the year 1970
        raise ValueError("a page of log groups: a line without a time")
    return int(read.Time)


def _sum(lines: list[bytes]) -> Cell:
    marks = [blake2b(line, digest_size=MARK).digest() for line in lines]
    total = sum(map(int.from_bytes, marks))
    return Cell(len(lines), total % MODULUS, sum(map(len, lines)))


def _cell(line: Line) -> Cell:
    told = repr((line.time, line.nanos or 0, sorted(line.fields)))
    mark = blake2b(told.encode("utf-8", "surrogatepass"), digest_size=MARK).digest()
    size = sum(len(_bytes(key)) + len(_bytes(value)) for key, value in line.fields)
    return Cell(1, int.from_bytes(mark), size)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
