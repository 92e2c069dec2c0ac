"""Processors that come after parsing: time, filter, masks."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.hosts.logtime import TOO_OLD, TimeRule

if TYPE_CHECKING:
    from sandbox.hosts.line import Line


@dataclass(frozen=True)
class Time:
    """Gives a record the time in its own text. Source: ProcessorParseTimestampNative.cpp."""

    rule: TimeRule

    def __call__(self, line: Line) -> None:
        """Set the time; one that cannot be read leaves that of reading, an old one drops."""
        text = line.fields.get(self.rule.key)
        if text is None:
            return
        seconds = self.rule.seconds(text, line.now)
        if seconds is None:
            line.complain("PARSE_TIME_FAIL_ALARM")
        elif seconds <= 0 or line.now - seconds > TOO_OLD:
            line.complain("OUTDATED_LOG_ALARM")
            line.dropped = True
        else:
            line.seconds = seconds


@dataclass(frozen=True)
class Filter:
    """Lets only records through whose fields match, each as a whole.

    Source: ProcessorFilterNative.cpp IsMatched: a field that is absent does not match.
    """

    wanted: tuple[tuple[str, re.Pattern[str]], ...]

    def __call__(self, line: Line) -> None:
        """Drop what does not match."""
        line.dropped = not all(
            key in line.fields and pattern.fullmatch(line.fields[key])
            for key, pattern in self.wanted
        )


@dataclass(frozen=True)
class Mask:
    """Hides what follows a beginning in one field: by a constant, or by its MD5 (`text` None).

    Source: ProcessorDesensitizeNative.cpp CastOneSensitiveWord.
    """

    key: str
    begin: str
    hidden: str
    text: str | None
    everywhere: bool

    def __call__(self, line: Line) -> None:
        """Mask the field if it is there."""
        if value := line.fields.get(self.key):
            pattern = re.compile(f"(?P<begin>{self.begin})(?P<hidden>{self.hidden})", re.ASCII)
            count = 0 if self.everywhere else 1
            line.fields[self.key] = pattern.sub(self._masked, value, count=count)

    def _masked(self, found: re.Match[str]) -> str:
        if self.text is not None:
            return found["begin"] + self.text
        digest = hashlib.md5(found["hidden"].encode(), usedforsecurity=False).hexdigest()
        return found["begin"] + digest.upper()
