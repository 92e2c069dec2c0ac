"""How far the copier is, as the history's job keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from workflows.model import Facts
from workflows.steps.history.writing import Written


@dataclass(frozen=True)
class Open:
    """A page whose writing was begun, between two cursors of its shard.

    `tried`: a second that the target's clock had passed; `again`: lines of the page that the
    target had received since then before the page was written, each with how often.
    """

    shard: int
    begin: str
    after: str
    tried: int
    again: Mapping[str, int]
    found: int = 0  # lines of the page that were there when it was last looked at


@dataclass(frozen=True)
class Copy:
    """Everything before the cursors `at` is in the target; `parts` are gone through one by one."""

    part: int = 0
    parts: int = 1
    at: Mapping[str, str] = field(default_factory=dict)  # by shard
    more: Mapping[str, int] | None = None  # lines that the source has more often than the target
    open: Open | None = None
    written: Written = field(default_factory=Written)
    held: int = 0  # lines that the target had from its own agents
    reached: int = 0  # own time of the newest line that was seen

    @classmethod
    def of(cls, facts: Facts) -> Copy:
        """From the job's record."""
        opened = facts.get("open")
        return cls(
            **{
                **facts,
                "open": Open(**opened) if opened else None,
                "written": Written(**facts["written"]),
            }
        )

    @property
    def facts(self) -> Facts:
        """As JSON, for the job's record."""
        return asdict(self)

    @property
    def cursors(self) -> dict[int, str]:
        return {int(shard): cursor for shard, cursor in self.at.items()}
