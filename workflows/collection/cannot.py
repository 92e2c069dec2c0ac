"""What cannot be carried to another account, and what a person can do about it."""

from __future__ import annotations

from workflows.errors import Blocked
from workflows.model import quoted


class CannotCarry(Blocked):
    """`thing` is the object, such as `config app-b`; `path` the field in its JSON, "" for all."""

    def __init__(self, thing: str, path: str, text: str, hint: str) -> None:
        where = f"{thing}, {path}" if path else thing
        super().__init__(quoted(f"{where}: {text}"), hint)
        self.thing = thing
        self.path = path
        self.text = text
