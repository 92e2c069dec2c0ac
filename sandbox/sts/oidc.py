"""An OIDC provider: its tokens, as an account that knows the provider reads them."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from sandbox.sts.errors import StsError


@dataclass(frozen=True)
class Issuer:
    """An OIDC provider as RAM knows it; signs with a shared secret (HS256), unlike real ones."""

    arn: str  # acs:ram::<uid>:oidc-provider/<name>
    url: str  # the issuer: `iss` of its tokens
    audience: str
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def token(self, subject: str, expires: float, **claims: Any) -> str:
        """A token for `subject`, such as system:serviceaccount:<namespace>:<name>."""
        said = {"iss": self.url, "aud": self.audience, "sub": subject, "exp": int(expires)}
        head = _packed({"alg": "HS256", "typ": "JWT"})
        text = f"{head}.{_packed(said | claims)}"
        return f"{text}.{self._signed(text)}"

    def read(self, token: str, now: float) -> dict[str, str]:
        """The condition keys of a genuine token; raises AuthenticationFail.OIDCToken.…."""
        text, _, signature = token.rpartition(".")
        if text.count(".") != 1 or not hmac.compare_digest(self._signed(text), signature):
            raise _fail("Invalid", "This OIDC token is invalid.")
        said = _unpacked(text.split(".")[1])
        if said.get("iss") != self.url or said.get("aud") != self.audience:
            raise _fail("Invalid", "The issuer or audience of the OIDC token does not match.")
        if not isinstance(said.get("exp"), int) or said["exp"] <= now:
            raise _fail("Expired", "This OIDC token is expired.")
        return {f"oidc:{key}": str(said.get(key)) for key in ("iss", "aud", "sub")}

    def _signed(self, text: str) -> str:
        return _based(hmac.digest(self.secret, text.encode(), "sha256"))


def _fail(why: str, text: str) -> StsError:
    return StsError(400, f"AuthenticationFail.OIDCToken.{why}", text)


def _packed(value: dict[str, Any]) -> str:
    return _based(json.dumps(value).encode())


def _based(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpacked(text: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError) as error:
        raise _fail("Invalid", "This OIDC token is invalid.") from error
    return found if isinstance(found, dict) else {}
