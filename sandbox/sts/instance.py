"""The metadata service of an ECS instance, as far as the instance's role goes."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.sts.credential import ISO, Credential, Vault
from sandbox.sts.trust import TrustedRole

SERVICE = "ecs.aliyuncs.com"
TOKEN = "/latest/api/token"
ROLES = "/latest/meta-data/ram/security-credentials/"
TTL, GIVEN = "x-aliyun-ecs-metadata-token-ttl-seconds", "x-aliyun-ecs-metadata-token"
LONGEST_TTL = 21600
HOURS = 6 * 3600
LEFT = 1800  # seconds before its end, a credential is replaced

Page = tuple[int, str]


@dataclass
class Instance:
    """An instance with a role or none; a `hardened` one answers only who has a token."""

    vault: Vault
    role: TrustedRole | None = None
    hardened: bool = False
    _tokens: dict[str, float] = field(default_factory=dict)
    _current: Credential | None = None

    def __post_init__(self) -> None:
        """Refuse a role that ECS may not take on."""
        if self.role and not self.role.trusts("Service", SERVICE, {}):
            raise ValueError(f"role {self.role.arn} does not trust {SERVICE}: let it")

    def answer(self, method: str, path: str, headers: Mapping[str, str]) -> Page:
        """Status and text."""
        if (method, path) == ("PUT", TOKEN):
            return self._token(headers.get(TTL, ""))
        if method != "GET" or not path.startswith(ROLES):
            return 501, f"{method} {path} is not part of this double"
        given = headers.get(GIVEN)
        if given is None and self.hardened:
            return 403, "Forbidden"
        if given is not None and self._tokens.get(given, 0.0) <= self.vault.now():
            return 401, "Unauthorized"
        return self._page(path.removeprefix(ROLES))

    def _token(self, ttl: str) -> Page:
        if not ttl.isdigit() or not 1 <= int(ttl) <= LONGEST_TTL:
            return 400, "Bad Request"
        made = secrets.token_urlsafe(30)
        self._tokens[made] = self.vault.now() + int(ttl)
        return 200, made

    def _page(self, name: str) -> Page:
        if self.role is None or name not in {"", self.role.name}:
            return 404, "Not Found"
        return 200, json.dumps(self._body(self.role)) if name else self.role.name

    def _body(self, role: TrustedRole) -> dict[str, str]:
        current = self._current
        if current is None or current.key.expires - self.vault.now() < LEFT:
            current = self._current = self.vault.issue(role, HOURS)
        updated = time.strftime(ISO, time.gmtime(current.key.expires - HOURS))
        return {**current.body, "LastUpdated": updated, "Code": "Success"}
