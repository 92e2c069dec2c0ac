"""A plugin as pipelines have it, flat, and as classic configs do: {"type", "detail"}."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.collection.schema.inputs import FLUSHERS, INPUTS
from workflows.collection.schema.nodes import ANY, Fields, Node, fields
from workflows.collection.schema.processors import AGGREGATORS, PROCESSORS

OPTIONS = INPUTS | PROCESSORS | AGGREGATORS | FLUSHERS
_WHATEVER = Fields({})


@dataclass(frozen=True)
class Flat:
    """`Type`, and the options of that type beside it."""

    def plain(self, value: Any) -> Any:
        return _options(value, "Type").plain(value)

    def unknown(self, value: Any, path: str) -> Iterator[str]:
        kind = value.get("Type") if isinstance(value, Mapping) else None
        known = isinstance(kind, str) and kind in OPTIONS
        yield from _options(value, "Type").unknown(value, path) if known else [path]


@dataclass(frozen=True)
class Nested:
    """`type`, and the options of that type in `detail`."""

    def plain(self, value: Any) -> Any:
        return self._fields(value).plain(value)

    def unknown(self, value: Any, path: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, Mapping) else None
        known = isinstance(kind, str) and kind in OPTIONS
        yield from self._fields(value).unknown(value, path) if known else [path]

    def _fields(self, value: Any) -> Fields:
        return Fields(fields("type", detail=_options(value, "type")))


def _options(value: Any, key: str) -> Fields:
    kind = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(kind, str) or kind not in OPTIONS:
        return _WHATEVER
    return Fields({key: ANY, **OPTIONS[kind]})


FLAT: Node = Flat()
NESTED: Node = Nested()
