"""The columns that SQL sees: what an index has analytics on, and the lines as rows of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.sls import errors, query, search
from sandbox.sls.search import Field, Wanted
from sandbox.sls.sql import Column, not_understood
from sandbox.sls.tape import Group

BIGINT, VARCHAR, TIMESTAMP = "bigint", "varchar", "timestamp"
MOST_TEXT = 2048  # bytes of a text that are analysed, where the index does not say otherwise
_KINDS = {"text": VARCHAR, "long": BIGINT}
_ALWAYS = {"__time__": BIGINT, "__source__": VARCHAR, "__topic__": VARCHAR}
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")

Value = int | str | datetime | None
Row = tuple[Value, ...]


@dataclass(frozen=True)
class Known:
    """A column by its name in the lines, and what it holds."""

    field: str
    kind: str


def columns(index: Mapping[str, Any], logstore: str) -> dict[str, Known]:
    """The columns by their lower-case names and aliases; raises ParameterInvalid without any."""
    keys = _analysed(index)
    if not keys:
        why = "give at least one key of its index doc_value, which turns its analytics on"
        raise errors.parameter(f"LogStore ({logstore}) is not found: {why}")
    found: dict[str, Known] = {name: Known(name, kind) for name, kind in _ALWAYS.items()}
    for name, key in keys.items():
        for called in {name.lower(), str(key.get("alias") or name).lower()}:
            if called in found:
                raise errors.parameter(f"duplicate column conflicts: {called}")
            found[called] = Known(name, _KINDS.get(key["type"], key["type"]))
    return found


def find(column: Column, known: Mapping[str, Known]) -> Known:
    """The column of that name; raises ParameterInvalid, worded as the service words it."""
    found = known.get(column.name.lower())
    if found is None:
        why = "cannot be resolved;please add the column in the index attribute"
        raise errors.parameter(f"{column.at}: Column '{column.name}' {why}")
    if found.kind not in _KINDS.values():
        raise not_understood(f"{column.at}: {column.name}, a {found.kind},")
    return found


def rows(field: Field, wanted: Wanted, asked: tuple[Known, ...]) -> Counter[Row]:
    """How often each combination of the asked columns occurs among the lines found.

    Lines whose index had no analytics at the time do not count.
    """
    found: Counter[Row] = Counter()
    for group, index in field.settled:
        conditions = search.left_to_check(group, index, wanted)
        if conditions is None or not _analysed(index.body):
            continue
        row, by_line = _reader(group, index.body, asked)
        if not by_line and not conditions:
            for second, lines in group.seconds.items():
                if wanted.start <= second < wanted.end:
                    found[row(second, {})] += lines
            continue
        holds = query.line_test(conditions, index.body)
        found.update(
            row(second, fields)
            for second, fields in search.decoded(group)
            if wanted.start <= second < wanted.end and holds(fields)
        )
    return found


def _analysed(index: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {name: key for name, key in index.get("keys", {}).items() if key.get("doc_value")}


def _reader(
    group: Group, index: Mapping[str, Any], asked: tuple[Known, ...]
) -> tuple[Callable[[int, Mapping[str, str]], Row], bool]:
    """What makes a row of a line's time and fields, and whether it needs the fields."""
    shared = {"__source__": group.source, "__topic__": group.topic}
    shared |= {f"__tag__:{name}": value for name, value in group.tags.items()}
    keys, most = _analysed(index), index.get("max_text_len") or MOST_TEXT
    readers: list[Callable[[int, Mapping[str, str]], Value]] = []
    by_line = False
    for known in asked:
        key = keys.get(known.field, {})
        if known.field == "__time__":
            readers.append(lambda second, _: second)
        elif known.field not in _ALWAYS and _KINDS.get(key.get("type", "")) != known.kind:
            readers.append(lambda *_: None)  # lines of that time had no such analytics
        elif known.field in _ALWAYS or known.field.startswith("__tag__:"):
            value = _value(shared.get(known.field), known.kind, most)
            readers.append(lambda *_, value=value: value)
        else:
            by_line = True
            readers.append(_of_line(known, most))
    return (lambda second, fields: tuple([read(second, fields) for read in readers])), by_line


def _of_line(known: Known, most: int) -> Callable[[int, Mapping[str, str]], Value]:
    return lambda _, fields: _value(fields.get(known.field), known.kind, most)


def _value(text: str | None, kind: str, most: int) -> Value:
    if text is None:
        return None
    if kind == BIGINT:
        number = int(text) if _WHOLE.fullmatch(text) else 1 << 63
        return number if -(1 << 63) <= number < 1 << 63 else None
    return text if len(text) * 4 <= most else text.encode()[:most].decode("utf-8", "ignore")
