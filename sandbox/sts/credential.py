"""What is issued: temporary keys, which count at the SLS server until they end."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field

from sandbox.sls import Key
from sandbox.sls.accounts import Account
from sandbox.sls.state import State
from sandbox.sts.trust import TrustedRole

ISO = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Credential:
    """A temporary key of a role, and until when it counts, in seconds since the epoch."""

    key: Key
    role: TrustedRole

    @property
    def expiration(self) -> str:
        """As the service writes it."""
        return time.strftime(ISO, time.gmtime(self.key.expires))

    @property
    def body(self) -> dict[str, str]:
        """The four fields that every answer has."""
        return {
            "AccessKeyId": self.key.id,
            "AccessKeySecret": self.key.secret,
            "SecurityToken": self.key.token,
            "Expiration": self.expiration,
        }


@dataclass
class Vault:
    """Issues keys into the SLS server's own ring, so that they open what the role may do."""

    state: State
    accounts: tuple[Account, ...]
    roles: dict[str, TrustedRole] = field(default_factory=dict)  # by ARN
    issued: list[Credential] = field(default_factory=list)

    def add(self, *roles: TrustedRole) -> None:
        """Make roles known."""
        self.roles |= {role.arn: role for role in roles}

    def issue(self, role: TrustedRole, seconds: float) -> Credential:
        """A key that does what the role may, for so long by the server's clock."""
        key = Key(
            f"STS.{secrets.token_hex(12)}",
            secrets.token_urlsafe(30),
            token=f"CAIS{secrets.token_urlsafe(60)}",
            expires=float(int(self.now() + seconds)),
            policies=role.policies,
        )
        credential = Credential(key, role)
        with self.state.lock:
            self.state.keys[key.id] = (self.account(role.account), key)
        self.issued.append(credential)
        return credential

    def revoke(self, credential: Credential) -> None:
        """Let a key end now, as a person may in the console."""
        key = credential.key
        ended = Key(key.id, key.secret, token=key.token, expires=self.now() - 1)
        with self.state.lock:
            self.state.keys[key.id] = (self.account(credential.role.account), ended)

    def account(self, account_id: str) -> Account:
        """The account of that id."""
        return next(one for one in self.accounts if one.id == account_id)

    def now(self) -> float:
        """Seconds since the epoch, by the SLS server's clock."""
        return self.state.clock.now()
