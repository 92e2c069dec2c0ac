"""The ledger of a fake host, byte for byte as the scripts keep it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


class FakeLedger:
    """The lines of `.logmigrate`, in the order in which they came."""

    def __init__(self, content: bytes | None) -> None:
        self.lines = (content or b"").decode().splitlines()

    @property
    def content(self) -> bytes | None:
        """None where nobody uses anything any more, so that the file goes."""
        used = any(line.startswith("use ") for line in self.lines)
        return "".join(f"{line}\n" for line in self.lines).encode() if used else None

    def has(self, line: str) -> bool:
        return line in self.lines

    def note(self, line: str) -> None:
        if line not in self.lines:
            self.lines.append(line)

    def strike(self, line: str) -> None:
        if line in self.lines:
            self.lines.remove(line)

    def starting(self, start: str) -> Sequence[str]:
        return [line for line in self.lines if line.startswith(start)]

    def note_file(self, held: bytes | None) -> None:
        """How the id file was, unless lines of ours are in it."""
        if not self.starting("made custom "):
            ends = "open" if held and not held.endswith(b"\n") else "newline"
            self.note(f"was {sum_of(held)} {ends}")

    def sign(self, app: str, *things: str) -> None:
        for thing in things:
            if self.has(f"made {thing}"):
                self.note(f"use {app} {thing}")

    def release(self, app: str, thing: str) -> str:
        """The apps that still use it; "" where it may go."""
        self.strike(f"use {app} {thing}")
        if not self.has(f"made {thing}"):
            return ""
        uses = [line.split(" ", 2) for line in self.starting("use ")]
        users = ", ".join(words[1] for words in uses if words[2] == thing)
        if not users:
            self.strike(f"made {thing}")
        return users


def sum_of(content: bytes | None) -> str:
    return "-" if content is None else hashlib.sha256(content).hexdigest()
