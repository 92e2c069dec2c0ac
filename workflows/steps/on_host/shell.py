"""Shell text by type: what we wrote ourselves is Shell, every value of others becomes a Word."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from shlex import quote
from typing import LiteralString, final

MASK = "***"


@final
@dataclass(frozen=True)
class Shell:
    """Shell as it stands in our own source; never made from a value."""

    text: LiteralString

    @property
    def bare(self) -> str:
        """Without comments and indents, as they would only travel."""
        lines = (line.strip() for line in self.text.splitlines())
        return "\n".join(line for line in lines if line and not line.startswith("#"))


@final
@dataclass(frozen=True, repr=False)
class Secret:
    """A value that is sent as it is and printed as ***."""

    plain: str

    def __repr__(self) -> str:
        return MASK


@final
class Word:
    """One word of shell, quoted as it was made; there is no other way to make one."""

    def __init__(self, value: str | bool | Secret) -> None:
        text = ("yes" if value else "no") if isinstance(value, bool) else _plain(value)
        if "\0" in text:
            raise ValueError("quoting a value for the shell: it holds a NUL, which no shell takes")
        self.sent = quote(text)
        self.shown = MASK if isinstance(value, Secret) else self.sent

    def __repr__(self) -> str:
        return self.shown


@final
@dataclass(frozen=True)
class Script:
    """Parts of ours, values of others, and the function to begin with; printed without secrets.

    All of it is read before anything runs, so a connection that breaks half-way changes nothing.
    """

    entry: Shell
    parts: tuple[Shell, ...]
    values: tuple[tuple[str, Word], ...]

    def __post_init__(self) -> None:
        made = all(isinstance(part, Shell) for part in (self.entry, *self.parts))
        if not made or not all(isinstance(word, Word) for _, word in self.values):
            raise TypeError("putting a script together: only Shell and Word may go into it")
        if strange := [name for name, _ in self.values if not name.isidentifier()]:
            raise ValueError(f"putting a script together: {strange[0]!r} is no variable's name")

    @property
    def sent(self) -> str:
        """What /bin/sh reads."""
        return self._filled({name: word.sent for name, word in self.values})

    def __str__(self) -> str:
        return self._filled({name: word.shown for name, word in self.values})

    def _filled(self, values: dict[str, str]) -> str:
        settings = "\n".join(f"{name}={word}" for name, word in values.items())
        entry = self.entry.bare
        return "\n".join(("main() {", _joined(self.parts), settings, entry, "}", END, ""))


END = "main </dev/null"


@cache
def _joined(parts: tuple[Shell, ...]) -> str:
    return "\n".join(part.bare for part in parts)


def _plain(value: str | Secret) -> str:
    return value.plain if isinstance(value, Secret) else value
