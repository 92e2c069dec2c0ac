"""The text of a regex while it is read: where the reader stands, and what was opened."""

from __future__ import annotations

from dataclasses import dataclass, field


class Broken(ValueError):
    """No agent can read it; the text says what is wrong, and where."""


class Unread(ValueError):
    """It may be right, but is not understood here; the text says which part."""


@dataclass(frozen=True)
class Modes:
    """Boost's defaults: `.` takes line breaks too, `^` and `$` stand at each line's ends."""

    i: bool = False
    m: bool = True
    s: bool = True
    x: bool = False


@dataclass
class Source:
    text: str
    at: int = 0
    modes: Modes = field(default_factory=Modes)
    depth: int = 0
    groups: int = 0
    names: dict[str, int] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        return self.at >= len(self.text)

    def peek(self, length: int = 1) -> str:
        return self.text[self.at : self.at + length]

    def take(self, length: int = 1) -> str:
        taken = self.peek(length)
        self.at += length
        return taken

    def follows(self, text: str) -> bool:
        """Whether that comes next; then it is taken."""
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def up_to(self, end: str, opened: int) -> str:
        """Everything before `end`, which is taken too."""
        found = self.text.find(end, self.at)
        if found < 0:
            shown = self.text[opened : self.at]
            raise Broken(f"`{shown}` at character {opened + 1} has no `{end}`")
        taken, self.at = self.text[self.at : found], found + len(end)
        return taken

    def digits(self, most: int = 9) -> str:
        begin = self.at
        while self.at - begin < most and self.peek() in set("0123456789"):
            self.at += 1
        return self.text[begin : self.at]
