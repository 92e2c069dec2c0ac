"""The two accounts: two of them, in one region, each known by its main id."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflows.collection.found import Found, There
from workflows.lint import Finding, Level

_MAIN = re.compile(r"[0-9]{16}", re.ASCII)
_KEYS = "accounts.{0}.access_key_id"


def accounts(found: Found, there: There) -> Iterator[Finding]:
    source, target = (f"project {one.project}".rstrip() for one in (found, there))
    if found.owner == there.owner:
        text = f"{target} belongs to account {there.owner}, and so does the source's {source}"
        hint = (
            "Roll back, correct the app's source.project or target.project, or see whose keys "
            f"{_KEYS.format('source')} and {_KEYS.format('target')} are, and start again."
        )
        yield Finding(Level.ERROR, "target's project", "owner", text, hint)
    if found.region != there.region:
        text = f"{target} lies in {there.region}, the source's {source} in {found.region}"
        hint = (
            f"Roll back, give the app a target.project in {found.region} and accounts.target.endpoint "
            "the endpoint of that region, and start again."
        )
        yield Finding(Level.ERROR, "target's project", "region", text, hint)
    for side, project, owner in (("source", source, found.owner), ("target", target, there.owner)):
        if not _MAIN.fullmatch(owner):
            text = (
                f"account {owner!r} of {project} does not look like the id of a main account, "
                "which has 16 digits"
            )
            hint = "Compare it with the account id that the console shows under Security Settings."
            yield Finding(Level.WARNING, f"{side}'s project", "owner", text, hint)
