"""What will show nothing new once the source's collection stops, and what nobody could look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workflows.collection.found import PLURAL, Found, There
from workflows.lint import Finding, Level

_MOST = 10
_MOVE = "They stay in the source: have their owners make them anew in the target before it stops."


def silent(found: Found) -> Iterator[Finding]:
    for kind in sorted({reader.kind for reader in found.readers}):
        names = sorted(
            reader.title or reader.name for reader in found.readers if reader.kind == kind
        )
        plural = PLURAL.get(kind, kind)
        text = f"{len(names)} {kind if len(names) == 1 else plural} will get no new lines: "
        yield Finding(Level.NOTE, "source's project", plural, text + listed(names), _MOVE)


def unseen(found: Found, there: There) -> Iterator[Finding]:
    for side, sentences in (("source", found.unseen), ("target", there.unseen)):
        for sentence in sorted(set(sentences)):
            hint = f"Give the {side}'s key that right, or look there by hand before you approve."
            said = f"not looked at: {sentence}"
            yield Finding(Level.WARNING, f"{side}'s project", "", said, hint)


def listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{', '.join(names[:_MOST])}{more}"
