"""Log groups of the wire, as the lines of workflows.ports and back. Pure.

Values that are no UTF-8 come out with surrogate escapes and go back as the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aliyun.log.proto import LogGroupRaw, LogRaw

from workflows.ports import Line, Lines

RECEIVED = "__receive_time__"  # a tag that the service adds, and adds anew to what is put
# PutLogs takes 3 MB and 4,096 lines at once by its older documentation; the newer allows more.
MOST_BYTES = 3_000_000
MOST_LINES = 4096
FRAME = 5  # bytes around a line in its group, at most


def lines_of(group: Any) -> Lines:
    """What one group of PullLogs holds."""
    tags = [(_text(tag.Key), _text(tag.Value)) for tag in group.LogTags]
    received = [value for key, value in tags if key == RECEIVED and value.isdecimal()]
    return Lines(
        tuple(_line(log) for log in group.Logs),
        topic=_text(group.Topic),
        source=_text(group.Source),
        tags=tuple(tag for tag in tags if tag[0] != RECEIVED),
        received=int(received[-1]) if received else 0,
    )


def groups_of(lines: Lines) -> Iterator[Any]:
    """Groups for PutLogs, each small enough; a line that is too large by itself goes alone."""
    group = _empty(lines)
    size = bare = group.ByteSize()
    for line in lines.lines:
        log = _log(line)
        more = log.ByteSize() + FRAME
        if group.Logs and (size + more > MOST_BYTES or len(group.Logs) == MOST_LINES):
            yield group
            group, size = _empty(lines), bare
        group.Logs.append(log)
        size += more
    if group.Logs:
        yield group


def _line(log: Any) -> Line:
    fields = tuple((_text(one.Key), _text(one.Value)) for one in log.Contents)
    return Line(log.Time, fields, log.Time_ns if log.HasField("Time_ns") else None)


def _log(line: Line) -> Any:
    log = LogRaw(Time=line.time)
    if line.nanos is not None:
        log.Time_ns = line.nanos
    for key, value in line.fields:
        _set(log.Contents.add(Value=_bytes(value)), Key=key)
    return log


def _empty(lines: Lines) -> Any:
    group = LogGroupRaw()
    _set(group, Topic=lines.topic, Source=lines.source)
    for key, value in lines.tags:
        _set(group.LogTags.add(), Key=key, Value=value)
    return group


def _set(message: Any, **texts: str) -> None:
    """Fields of type string; the library writes what is no UTF-8 only as it came off the wire."""
    for name, text in texts.items():
        try:
            setattr(message, name, text)
        except UnicodeEncodeError:  # a path in GBK, for one
            number = message.DESCRIPTOR.fields_by_name[name].number
            message.MergeFromString(_on_wire(number, _bytes(text)))


def _on_wire(number: int, raw: bytes) -> bytes:
    """A field with its length before it, seven bits a byte, the lowest first."""
    head, left = bytearray([number << 3 | 2]), len(raw)
    while left > 0x7F:
        head.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes(head) + bytes([left]) + raw


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(value: str | bytes) -> str:
    """A page with one value that is no UTF-8 has bytes in all its groups."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")
