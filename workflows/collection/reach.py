"""Reading raw JSON that may be anything: what is not of the shape asked for counts as not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
_CLASSIC_PLUGINS = ("inputDetail", "plugin")


@dataclass(frozen=True)
class Plugin:
    """One plugin of a config of either form: its type, its options, and where they stand."""

    kind: str
    options: Json
    at: str


def part(body: Any, *path: str) -> Json:
    """The object at a path of keys, {} where there is none."""
    for key in path:
        body = body.get(key) if isinstance(body, Mapping) else None
    return body if isinstance(body, Mapping) else {}


def text(body: Json, key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""


def texts(body: Json, key: str) -> tuple[str, ...]:
    value = body.get(key)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def objects(body: Json, key: str) -> tuple[tuple[int, Json], ...]:
    """The objects of a list, each with its place in it."""
    value = body.get(key)
    listed = value if isinstance(value, list) else []
    return tuple((at, one) for at, one in enumerate(listed) if isinstance(one, Mapping))


def plugins(body: Json, family: str) -> tuple[Plugin, ...]:
    """`family` is inputs, processors, aggregators or flushers; both forms read alike."""
    return tuple(_plugins(body, family))


def _plugins(body: Json, family: str) -> Iterator[Plugin]:
    for at, one in objects(body, family):
        yield Plugin(text(one, "Type"), one, f"{family}[{at}]")
    for at, one in objects(part(body, *_CLASSIC_PLUGINS), family):
        where = f"{'.'.join(_CLASSIC_PLUGINS)}.{family}[{at}].detail"
        yield Plugin(text(one, "type"), part(one, "detail"), where)
