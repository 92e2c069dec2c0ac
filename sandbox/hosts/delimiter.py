"""Delimiter mode: columns of a line, by a separator of one to four characters and a quote."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from sandbox.hosts.line import CONTENT, Fields
from sandbox.hosts.refusal import NotCollectable

LONGEST_SEPARATOR = 4
SKIPPED = "_"  # a key that drops its column where columns are extracted partly


class Overflow(StrEnum):
    """What happens to columns beyond the keys. Source: ProcessorParseDelimiterNative.h."""

    EXTEND = "extend"  # each becomes `__columnN__`
    KEEP = "keep"  # all of them, with their separators, become one `__columnN__`
    DISCARD = "discard"


class _At(Enum):
    """Where in a column the quote parser is. Source: DelimiterModeFsmParser.h."""

    START = 0
    DATA = 1
    QUOTED = 2
    AFTER_QUOTE = 3


@dataclass(frozen=True)
class Delimited:
    """How columns become fields. Source: ProcessorParseDelimiterNative.cpp ProcessEvent."""

    separator: str
    quote: str
    keys: tuple[str, ...]
    accepts_fewer: bool
    overflow: Overflow

    def __call__(self, line: str) -> Fields | None:
        """Return the fields, None where the line does not parse; a blank line stays as it is."""
        text = line.rstrip(" \r").lstrip(" ")
        if not text:
            return {CONTENT: line}
        columns = self._columns(text)
        if columns is None or (len(columns) < len(self.keys) and not self.accepts_fewer):
            return None
        return self._named(columns)

    def _columns(self, text: str) -> list[str] | None:
        if not self.keys:
            return None
        if len(self.separator) > 1 or self.quote == self.separator:
            return text.split(self.separator)
        return quoted_columns(text, self.separator, self.quote)

    def _named(self, columns: list[str]) -> Fields:
        count = len(self.keys)
        more = columns[count:]
        if more and self.overflow is Overflow.KEEP:
            more = ["".join(self.separator + column for column in more)]
        named = dict(zip(self.keys, columns, strict=False))
        if self.overflow is Overflow.DISCARD:
            return {key: value for key, value in named.items() if key != SKIPPED}
        return named | {f"__column{at}__": value for at, value in enumerate(more, count)}


def quoted_columns(text: str, separator: str, quote: str) -> list[str] | None:
    """Return columns that may be quoted; None for a quote out of place or never closed.

    Source: DelimiterModeFsmParser.cpp.
    """
    columns, column, at = [], "", _At.START
    for char in text:
        if char == separator and at is not _At.QUOTED:
            columns.append(column)
            column, at = "", _At.START
        elif char == quote:
            if at is _At.DATA:
                return None
            column += quote if at is _At.AFTER_QUOTE else ""
            at = _At.AFTER_QUOTE if at is _At.QUOTED else _At.QUOTED
        elif at is _At.AFTER_QUOTE:
            return None
        else:
            column, at = column + char, _At.QUOTED if at is _At.QUOTED else _At.DATA
    return None if at is _At.QUOTED else [*columns, column]


def delimited(
    separator: str, quote: str, keys: list[str], *, accepts_fewer: bool, overflow: Overflow
) -> Delimited:
    """Return the rule; NotCollectable where the agent takes no such separator or quote.

    Source: ProcessorParseDelimiterNative.cpp Init.
    """
    separator = "\t" if separator == "\\t" else separator
    if not 1 <= len(separator) <= LONGEST_SEPARATOR:
        raise NotCollectable(f"separator {separator!r}: one to four characters")
    if len(quote) > 1:
        raise NotCollectable(f"quote {quote!r}: one character")
    return Delimited(separator, quote or '"', tuple(keys), accepts_fewer, overflow)
