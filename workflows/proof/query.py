"""The question that lets the service itself count and sum up lines; and whether it can. Pure.

SQL sees analysed fields only, each up to the index's text length. So it may speak for lines whose
every field is such a text; for all others they are pulled. A line that the agent could not parse
has none of the fields, which the answer tells by counting the first one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from workflows.collection import facts_of
from workflows.collection.facts_of import Kind
from workflows.model import Facts
from workflows.proof.cells import Cell, Place

MOST_TEXT = 2048  # bytes of a field that are analysed where the index does not say otherwise
BYTES = 4  # of one character, at most; of a text that was cut only its characters are told
# A line's second within its minute: no time zone changes it, and no two lines can swap their times.
SECOND = "date_format(from_unixtime(__time__), '%i:%s')"
NOTHING, APART = "␀", "␟"  # for a field that is not there, and between two
MOST_FIELDS = 100


class Unseen(Exception):
    """Why SQL cannot speak for these lines."""


@dataclass(frozen=True)
class Question:
    """Which fields are summed up, and up to which length in bytes each is seen."""

    fields: tuple[str, ...]
    length: int

    def sql(self, minute: int) -> str:
        """By minute and agent: lines, lines with the first field, their checksum, the longest field."""
        told = f", '{APART}', ".join(f"coalesce(\"{name}\", '{NOTHING}')" for name in self.fields)
        whole = f"concat({SECOND}, '{APART}', {told})"
        longest = ", ".join(
            f'max(length("{name}")) as l{number}' for number, name in enumerate(self.fields)
        )
        return (  # names with a quote in them were refused
            f"* | select __time__ - __time__ % {minute} as m, __source__ as h, count(1) as n, "  # noqa: S608
            f'count("{self.fields[0]}") as k, checksum({whole}) as c, '
            f"{longest} from log group by m, h limit 1000000"
        )

    def cells(self, rows: Iterable[Mapping[str, str]]) -> dict[Place, Cell]:
        """The answer's. Raises Unseen for lines that it does not show whole."""
        return {Place(int(row["m"]), _text(row["h"])): self._cell(row) for row in rows}

    def _cell(self, row: Mapping[str, str]) -> Cell:
        if row["k"] != row["n"]:
            raise Unseen(f"{int(row['n']) - int(row['k'])} lines lack the field {self.fields[0]}")
        for number, name in enumerate(self.fields):
            longest = row[f"l{number}"]
            if longest != "null" and int(longest) * BYTES >= self.length:
                raise Unseen(f"the field {name} is longer than the index shows")
        told = blake2b(row["c"].encode(), digest_size=16).digest()
        return Cell(int(row["n"]), int.from_bytes(told, "little"))


def question(bodies: Iterable[Facts], indexes: Iterable[Facts | None]) -> Question:
    """For lines of these configs under these indexes. Raises Unseen where SQL cannot see them whole."""
    fields = tuple(dict.fromkeys(name for body in bodies for name in _fields(body)))
    if len(fields) > MOST_FIELDS:
        raise Unseen(f"{len(fields)} fields are too many")
    lengths = [_seen(index, fields) for index in indexes]
    return Question(fields, min(lengths))


def _fields(body: Facts) -> tuple[str, ...]:
    """Those of one config: all it can make, or nobody knows."""
    if facts_of.kind(body) not in {Kind.FULL_REGEX, Kind.DELIMITER}:
        raise Unseen(f"lines of a {facts_of.kind(body)} config may have any fields")
    if body.get("inputDetail", {}).get("plugin") or not facts_of.keys(body):
        raise Unseen("the config's plugin may make any fields")
    return facts_of.keys(body)


def _seen(index: Facts | None, fields: Iterable[str]) -> int:
    keys = (index or {}).get("keys", {})
    for name in fields:
        key = keys.get(name, {})
        if '"' in name or key.get("type") != "text" or key.get("doc_value") is not True:
            raise Unseen(f"an index does not analyse {name} as a text")
    return int((index or {}).get("max_text_len") or MOST_TEXT)


def _text(value: str) -> str:
    return "" if value == "null" else value
