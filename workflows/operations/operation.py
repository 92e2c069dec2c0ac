"""One atomic operation: what does it, what proves it, what takes it back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Operation:
    """Functions are dotted paths; what there is none of is told in a sentence.

    `acts` says what it acts on, with names of the app in braces; `body` is where the JSON that it
    sends lies in what the checks saw: the row, then the keys.
    """

    number: str  # its phase and its place in it
    title: str
    call: str  # of the service's SDK, or what runs on a host
    row: str = ""  # of the migration's table; "" where it belongs to none
    does: tuple[str, ...] = ()
    verify: str = ""
    unverified: str = ""  # why nothing proves it
    undo: str = ""
    no_undo: str = ""  # why nothing takes it back
    missing: str = ""  # what is not there yet
    acts: str = ""
    body: str = ""

    def __post_init__(self) -> None:
        if bool(self.verify) == bool(self.unverified) or bool(self.undo) == bool(self.no_undo):
            text = f"operation {self.number} needs its proof and its undo, or why there is none"
            raise TypeError(text)
        if not (self.does or self.missing):
            raise TypeError(f"operation {self.number} needs what does it, or what is missing")

    @property
    def done(self) -> bool:
        """Whether the product does all of it."""
        return not self.missing

    @property
    def functions(self) -> tuple[str, ...]:
        """Every dotted path that it names."""
        return tuple(path for path in (*self.does, self.verify, self.undo) if path)
