"""A record on its way through an agent's processors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Fields = dict[str, str]
CONTENT = "content"  # Constants.cpp DEFAULT_CONTENT_KEY: a record before anything is parsed
OFFSET = "__file_offset__"


@dataclass
class Line:
    """Its fields and time (epoch seconds), what became of it, the first alarm it gave rise to."""

    fields: Fields
    now: float
    seconds: int
    dropped: bool = False
    alarm: str = ""

    def complain(self, kind: str) -> None:
        """Remember the first thing that went wrong."""
        self.alarm = self.alarm or kind


Step = Callable[[Line], None]


@dataclass(frozen=True)
class Outcome:
    """A line as (epoch seconds, fields), or no log; and the kind of alarm it gave rise to."""

    log: tuple[int, Fields] | None
    alarm: str = ""


@dataclass(frozen=True)
class LineRule:
    """How one config reads a record: its processors in order."""

    steps: tuple[Step, ...] = ()
    encoding: str = "utf8"

    def text(self, raw: bytes) -> str:
        """Decode a record; a byte that is not of the encoding becomes a blank.

        Source: ProcessorFilterNative.cpp FilterNoneUtf8. The real agent ships such bytes as they
        are where discardNonUtf8 is false.
        """
        return raw.decode(self.encoding, errors="replace").replace("\ufffd", " ")

    def read(self, raw: bytes, now: float, more: Mapping[str, str] | None = None) -> Outcome:
        """Return what becomes of a record read at `now`; `more` are fields it has from the start."""
        line = Line({CONTENT: self.text(raw), **(more or {})}, now, int(now))
        for step in self.steps:
            step(line)
            if line.dropped:
                return Outcome(None, line.alarm)
        return Outcome((line.seconds, line.fields), line.alarm)
