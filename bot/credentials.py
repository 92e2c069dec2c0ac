"""Who asks the log service: an access key, or a temporary one that is renewed before it ends."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from bot.secret import Secret
from bot.settings_accounts import AccountSettings
from bot.settings_credentials import AccessKey
from bot.sls_errors import OF_TOKENS
from workflows.errors import JobError, Unavailable

LEFT = 60  # seconds that a credential must still count for, where no newer one can be had
PAUSE = 30.0  # seconds until a renewal that failed is tried again, while the old one counts
REFUSED = re.compile(rb"security.?token", re.IGNORECASE)

log = structlog.get_logger()


class Provider(Protocol):
    """What the log service's SDK asks before it signs; safe to call from any thread."""

    def get_credentials(self) -> Any:
        """Has `get_access_key_id`, `get_access_key_secret` and `get_security_token`.

        Raises Unavailable where none can be had now, Denied where somebody has to act; nothing
        else, as another StepFailed would read as the service's word on what was asked.
        """

    def heard(self, answer: Any, **_: Any) -> None:
        """Told of every HTTP answer, as one may say that the credential does not count any more."""


@dataclass(frozen=True)
class Fixed:
    """One access key for good, as a provider and as the credential that it provides."""

    key_id: Secret
    secret: Secret

    def get_credentials(self) -> Fixed:
        return self

    def get_access_key_id(self) -> str:
        return self.key_id.plain

    def get_access_key_secret(self) -> str:
        return self.secret.plain

    def get_security_token(self) -> str:
        return ""

    def heard(self, answer: Any, **_: Any) -> None:
        """Nobody can renew it here."""


def fixed(key_id: str, secret: str) -> Fixed:
    return Fixed(Secret(key_id), Secret(secret))


def provider_of(side: str, account: AccountSettings) -> Provider:
    """`side` is for error texts: source or target."""
    match account.credentials:
        case AccessKey(id=key_id, secret=secret):
            return Fixed(key_id, secret)
        case temporary:
            from bot.temporary import issuer_of  # noqa: PLC0415 - slow to import

            return Renewed(issuer_of(side, temporary, account.proxy))


class Issuer(Protocol):
    """Where temporary credentials come from; keeps one until shortly before it ends."""

    def issue(self) -> Any:
        """As Provider.get_credentials, and `get_expiration` in seconds since the epoch."""

    def forget(self) -> None:
        """What was issued does not count any more, whatever its end."""


class Renewed:
    """The newest of an issuer's credentials; an older one only while it counts."""

    def __init__(self, issuer: Issuer, now: Callable[[], float] = time.time) -> None:
        self._issuer, self._now = issuer, now
        self._newest: Any = None
        self._again = 0.0  # no renewal is tried before

    def get_credentials(self) -> Any:
        now, newest = self._now(), self._newest
        if now < self._again and self._counts(newest, now):
            return newest
        try:
            found = self._issuer.issue()
        except JobError as trouble:
            if not self._counts(newest, now):
                raise
            self._again = now + PAUSE
            log.warning("a credential could not be renewed; the old one still counts", why=trouble)
            return newest
        if found.get_expiration() <= now:
            text = "the temporary credential has ended, and no newer one is issued"
            raise Unavailable(text, "Check what issues it, and this machine's clock.")
        self._newest = found
        return found

    def heard(self, answer: Any, **_: Any) -> None:
        """Let go of a credential that the service refused before its end."""
        if answer.status_code not in OF_TOKENS or not REFUSED.search(answer.content):
            return
        newest = self._newest
        used = answer.request.headers.get("x-acs-security-token")
        if newest is not None and used == newest.get_security_token():
            self._newest = None
            self._issuer.forget()

    @staticmethod
    def _counts(credential: Any, now: float) -> bool:
        return credential is not None and credential.get_expiration() - now > LEFT
