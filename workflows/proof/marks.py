"""What tells a line from others: a number of 64 bits made of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

Fields = Iterable[tuple[str, str]]


def of_content(fields: Fields) -> int:
    """Of the fields alone, in whatever order they come."""
    return _number(sorted(fields))


def of_line(time: int, nanos: int | None, fields: Fields) -> int:
    """Of its own time too."""
    return _number((time, nanos or 0, sorted(fields)))


def _number(told: object) -> int:
    text = repr(told).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest())
