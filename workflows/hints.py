"""Ways out are written for a job that has stopped; a plan has neither of its buttons. Pure."""

from __future__ import annotations

import re

_BUTTONS = (
    (r", leave them out \(/logmigrate without .*?\), or Roll back\.",
     ", or leave them out (/logmigrate plan APP --without HOST,HOST)."),
    (r"[;,] or Roll back\.", "."),
    (r"; or Roll back and ", "; or "),
    (r"[Rr]oll back,? (and )?", ""),
    (r"Retry looks again|Retry|start again", "plan again"),
    (r"(^|\. )plan again", r"\1Plan again"),
)  # fmt: skip


def by_settings(change: str) -> str:
    """A job that is under way keeps the names it began with, so another one has to begin."""
    return f"Roll back, {change}, and start again."


def for_a_plan(hint: str) -> str:
    """The same way out, with `plan` in the place of Retry, Roll back and `start`."""
    for pressed, typed in _BUTTONS:
        hint = re.sub(pressed, typed, hint)
    return hint[:1].upper() + hint[1:]


def for_a_roll_back(hint: str) -> str:
    """The same way out for a job that rolls back already."""
    return re.sub(r"[,;]? or Roll back[^.]*\.", ".", hint)
