"""What will show nothing new once the source's collection stops, and what nobody could look at."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.collection.found import Found
from workflows.lint import Finding, Level

_MOST = 10
_MOVE = "They stay in the source: have their owners make them anew in the target before it stops."


def silent(found: Found) -> Iterator[Finding]:
    for kind in sorted({reader.kind for reader in found.readers}):
        names = sorted(
            reader.title or reader.name for reader in found.readers if reader.kind == kind
        )
        count = f"{len(names)} {kind}{'' if len(names) == 1 else 's'}"
        text = f"{count} will get no new lines: {listed(names)}"
        yield Finding(Level.NOTE, "source's project", f"{kind}s", text, _MOVE)


def unseen(found: Found) -> Iterator[Finding]:
    for sentence in sorted(set(found.unseen)):
        hint = "Give the source's key that right, or look there by hand before you approve."
        yield Finding(Level.WARNING, "source's project", "", f"not looked at: {sentence}", hint)


def listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{', '.join(names[:_MOST])}{more}"
