"""From bytes to records: which lines belong together, and what can be shipped already.

Patterns: begin; begin and continue; begin and end; continue and end; end alone. Sources:
LogFileReader.cpp RemoveLastIncompleteLog, ProcessorSplitMultilineLogStringNative.cpp,
MultilineOptions.cpp.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.hosts.refusal import NotCollectable

if TYPE_CHECKING:
    from collections.abc import Sequence

Pattern = re.Pattern[str]
SEARCHES_SINCE = (3, 0)  # before, a pattern had to match the whole line


@dataclass(frozen=True)
class Piece:
    """Lines `first` to before `after` as one record, or as lines that belong to none."""

    first: int
    after: int
    matched: bool = True


@dataclass(frozen=True)
class Records:
    """How one config tells records apart; without patterns each line is one."""

    begin: Pattern | None = None
    go_on: Pattern | None = None
    end: Pattern | None = None
    keep_unmatched: bool = True
    encoding: str = "utf8"

    @property
    def of_several_lines(self) -> bool:
        """Say whether a record may be more than a line. Source: MultilineOptions.cpp Init."""
        return bool(self.begin or self.end)

    def ready(self, lines: Sequence[bytes], *, ended: bool) -> int:
        """Return how many of the lines need not wait for more. `ended`: the last has its end.

        Source: LogFileReader.cpp RemoveLastIncompleteLog.
        """
        whole = len(lines) if ended else len(lines) - 1
        if self.end:
            ends = [at for at, line in enumerate(lines) if self._has(self.end, line)]
            return next((at + 1 for at in reversed(ends) if at < whole), 0 if ends else whole)
        if self.begin:
            backwards = range(len(lines) - 1, -1, -1)
            return next((at for at in backwards if self._has(self.begin, lines[at])), whole)
        return whole

    def pieces(self, lines: Sequence[bytes]) -> Iterator[Piece]:
        """Divide lines into records and unmatched ones, in order.

        Source: ProcessorSplitMultilineLogStringNative.cpp ProcessEvent.
        """
        if not self.of_several_lines:
            yield from (Piece(at, at + 1) for at in range(len(lines)))
        elif self.end:
            yield from self._up_to_ends(lines)
        else:
            yield from self._from_beginnings(lines)

    def begins(self, line: bytes) -> bool:
        """Say whether reading may begin at this line. Source: FixLastFilePos."""
        return self.begin is None or self._has(self.begin, line)

    def _from_beginnings(self, lines: Sequence[bytes]) -> Iterator[Piece]:
        first: int | None = None
        for at, line in enumerate(lines):
            if first is not None and self.go_on and self._has(self.go_on, line):
                continue
            begins = self.begins(line)
            if first is not None and (begins or self.go_on):
                yield Piece(first, at)
                first = None
            if begins:
                first = at
            elif first is None:
                yield Piece(at, at + 1, matched=False)
        if first is not None:
            yield Piece(first, len(lines))

    def _up_to_ends(self, lines: Sequence[bytes]) -> Iterator[Piece]:
        opener = self.begin or self.go_on
        first = None if opener else 0
        for at, line in enumerate(lines):
            if first is None:
                if opener and self._has(opener, line):
                    first = at
                else:
                    # Without a begin pattern a line that only ends is a record of its own.
                    yield Piece(at, at + 1, matched=not self.begin and self._ends(line))
            elif self.go_on and self._has(self.go_on, line):
                continue
            elif self._ends(line) or self.go_on:
                yield Piece(first, at + 1, matched=self._ends(line))
                first = None if opener else at + 1
        if first is not None and first < len(lines):
            yield Piece(first, len(lines), matched=False)

    def _ends(self, line: bytes) -> bool:
        return self.end is not None and self._has(self.end, line)

    def _has(self, pattern: Pattern, line: bytes) -> bool:
        return pattern.match(line.decode(self.encoding, errors="replace")) is not None


def line_pattern(regex: str, release: tuple[int, ...]) -> Pattern | None:
    """Return a begin, continue or end pattern, ready for `match`; None where it says nothing.

    From 3.0 on a pattern is searched for, without `$` and `.*` at its end; before, it had to match
    the whole line. Source: MultilineOptions.cpp ParseRegex of 2.0.7 and 3.0.5.
    """
    if regex in ("", ".*"):
        return None
    searched = release >= SEARCHES_SINCE
    core = re.sub(r"(\.\*)+$", "", regex.removesuffix("$")) if searched else regex
    if not core:
        return None
    try:
        return re.compile(f"(?s:.*?)(?:{core})" if searched else f"(?:{core})\\Z", re.ASCII)
    except re.error as error:
        raise NotCollectable(f"pattern {regex!r} does not compile: {error}") from error
