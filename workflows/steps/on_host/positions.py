"""How far an agent says it has come in its files: a pure reader of its checkpoint."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple


class Position(NamedTuple):
    """One config's place in one file, as it was when the agent last wrote it down."""

    config: str  # by its key on the host
    device: int
    inode: int
    offset: int  # bytes


def positions(content: bytes) -> tuple[Position, ...]:
    """() for what is no checkpoint: the agent may be writing it."""
    try:
        held = json.loads(content)
    except (ValueError, RecursionError):
        return ()
    return tuple(_positions(_entries(held)))


def _entries(held: Any) -> Iterable[Any]:
    """By file and config in an object, or one after another in a list."""
    listed = held.get("check_point") if isinstance(held, Mapping) else None
    if isinstance(listed, Mapping):
        return listed.values()
    return listed if isinstance(listed, list) else ()


def _positions(entries: Iterable[Any]) -> Iterator[Position]:
    """Source: CheckPointManager.cpp DumpCheckPointToLocal, which writes the offset as text."""
    for one in entries:
        if not isinstance(one, Mapping):
            continue
        config = one.get("config_name", one.get("config"))
        numbers = [_whole(one.get(name)) for name in ("dev", "inode", "offset")]
        if isinstance(config, str) and all(number is not None for number in numbers):
            yield Position(config, *(number or 0 for number in numbers))


def _whole(value: Any) -> int | None:
    text = str(value) if type(value) in (int, str) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 20 else None
