"""Accounts and their access keys: who may call, and what a key is denied."""

from __future__ import annotations

import hmac
import math
from dataclasses import dataclass

from sandbox.sls import errors


@dataclass(frozen=True)
class Key:
    """An access key; `denied` holds RAM actions such as `log:DeleteConfig`.

    A key from STS counts only with its security `token`, and until `expires` (epoch seconds).
    """

    id: str
    secret: str
    denied: frozenset[str] = frozenset()
    token: str = ""
    expires: float = math.inf

    def __post_init__(self) -> None:
        """Refuse an expiry without a token: plain keys do not expire."""
        if self.expires != math.inf and not self.token:
            message = f"access key {self.id} expires and has no token: give it one, or no expiry"
            raise ValueError(message)

    def check_token(self, given: str, now: float) -> None:
        """Refuse a missing, wrong or expired token, and a token with a key that has none."""
        said = given.encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(said, self.token.encode()):
            raise errors.unauthorized("The security token you provided is invalid.")
        if now >= self.expires:
            raise errors.unauthorized("The security token you provided has expired.")


@dataclass(frozen=True)
class Account:
    """A main account: its id (the name of the file under `users/`), home region and keys."""

    id: str
    region: str
    keys: tuple[Key, ...]


def keyring(accounts: tuple[Account, ...]) -> dict[str, tuple[Account, Key]]:
    """Every access key id with its owner; an id that occurs twice is an error."""
    ring: dict[str, tuple[Account, Key]] = {}
    for account in accounts:
        for key in account.keys:
            if key.id in ring:
                message = f"access key {key.id} is given twice: give every key an id of its own"
                raise ValueError(message)
            ring[key.id] = (account, key)
    return ring
