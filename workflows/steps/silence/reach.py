"""Why a host could not be examined, read from the sentence that the Hosts port gave."""

from __future__ import annotations

import re

# What follows is the jump host's own trouble, told like that of any host, or that it leads nowhere.
THROUGH = re.compile(r"^reaching .+? through [^:]+: ")

# The first that is found; each is a way to begin, or words that stand in the sentence.
NO_WAY = r"^(resolving|connecting to|looking for|waiting for the SSH|agreeing|asking)"
SIGNS = (
    ("host key", re.compile(r"host key|known host keys")),
    ("login refused", re.compile(r"^(logging in to|reading the key)|authorized_keys")),
    ("sudo refused", re.compile(r"^sudo:|by sudo")),
    ("not permitted", re.compile(r"permission denied$|permission denied \(", re.IGNORECASE)),
    ("unreachable", re.compile(NO_WAY)),
    ("host hangs", re.compile(r"^running a command on .*: no end within")),
)


def cause_of(said: str) -> str:
    """The name of the cause; `no usable shell` for a host that was reached and did not do it."""
    bare = THROUGH.sub("", said)
    otherwise = "no usable shell" if bare == said else "unreachable"
    return next((name for name, sign in SIGNS if sign.search(bare)), otherwise)
