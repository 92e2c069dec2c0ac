"""What is looked at before anything is created: each finding says where, what, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workflows.model import quoted


class Level(StrEnum):
    """An error stops the plan; a warning wants eyes; a note only tells."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """`thing` is the object, such as `config app-b`; `path` the field in its JSON, "" for all."""

    level: Level
    thing: str
    path: str
    text: str
    hint: str = ""

    def __str__(self) -> str:
        """One line; names and regexes are of others, and mark nobody in a channel."""
        where = f"{self.thing}, {self.path}" if self.path else self.thing
        return quoted(f"{self.level}: {where}: {self.text}".replace("\n", " "))
