"""The two accounts: two of them, in one region, each known by its main id."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflows.collection.found import Found, There
from workflows.lint import Finding, Level

_MAIN = re.compile(r"[0-9]{16}", re.ASCII)


def accounts(found: Found, there: There) -> Iterator[Finding]:
    if found.owner == there.owner:
        text = f"belongs to account {there.owner}, as the source's does"
        hint = "Check project, access key and endpoint of both sides in the settings."
        yield Finding(Level.ERROR, "target's project", "owner", text, hint)
    if found.region != there.region:
        text = f"lies in {there.region}, the source's in {found.region}"
        hint = f"Choose a project of the target in {found.region}."
        yield Finding(Level.ERROR, "target's project", "region", text, hint)
    for side, owner in (("source", found.owner), ("target", there.owner)):
        if not _MAIN.fullmatch(owner):
            text = f"{owner!r} does not look like the id of a main account, which has 16 digits"
            hint = "Compare it with the account id that the console shows under Security Settings."
            yield Finding(Level.WARNING, f"{side}'s project", "owner", text, hint)
