"""Accounts with their access keys and roles: who may call, and what a key may do."""

from __future__ import annotations

import hmac
import math
from dataclasses import dataclass

from sandbox.sls import errors, ram
from sandbox.sls.ram import Policy
from sandbox.sls.roles import Role


@dataclass(frozen=True)
class Key:
    """An access key; `denied` holds RAM actions such as `log:DeleteConfig`.

    With `policies` it may do only what they allow; without any, all that is not denied.
    A key from STS counts only with its security `token`, and until `expires` (epoch seconds).
    """

    id: str
    secret: str
    denied: frozenset[str] = frozenset()
    token: str = ""
    expires: float = math.inf
    policies: tuple[Policy, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an expiry without a token: plain keys do not expire."""
        if self.expires != math.inf and not self.token:
            message = f"access key {self.id} expires and has no token: give it one, or no expiry"
            raise ValueError(message)

    def permits(self, action: str, resource: str, *, whole: bool = False) -> bool:
        """Whether RAM lets it; `whole` is for actions that a policy can grant on `*` only."""
        if action in self.denied:
            return False
        return not self.policies or ram.allowed(self.policies, action, resource, whole=whole)

    def check_token(self, given: str, now: float) -> None:
        """Refuse a missing, wrong or expired token, and a token with a key that has none."""
        said = given.encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(said, self.token.encode()):
            raise errors.unauthorized("The security token you provided is invalid.")
        if now >= self.expires:
            raise errors.unauthorized("The security token you provided has expired.")


@dataclass(frozen=True)
class Account:
    """A main account: its id (the name of the file under `users/`), home region, keys, roles."""

    id: str
    region: str
    keys: tuple[Key, ...]
    roles: tuple[Role, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a role of another account."""
        for role in self.roles:
            if role.account != self.id:
                message = f"account {self.id} is given {role.arn}: give it to its own account"
                raise ValueError(message)


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
