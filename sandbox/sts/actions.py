"""AssumeRole and AssumeRoleWithOIDC, as strict as documented."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.sls import Key
from sandbox.sls.accounts import Account
from sandbox.sls.errors import SlsError
from sandbox.sts import signing
from sandbox.sts.credential import Credential, Vault
from sandbox.sts.errors import StsError, missing, no_permission, not_implemented, wrong
from sandbox.sts.oidc import Issuer
from sandbox.sts.trust import ACTION, TrustedRole

SHORTEST = 900
SESSION = re.compile(r"[\w.@-]{2,64}", re.ASCII)
KNOWN = frozenset(
    {
        *("Action", "Timestamp", "AccessKeyId", "Signature", "SignatureNonce", "SecurityToken"),
        *("RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId"),
        *("OIDCProviderArn", "OIDCToken", *signing.COMMON),
    }
)


@dataclass
class Actions:
    """What STS does for whom; `issuers` are the OIDC providers by ARN."""

    vault: Vault
    issuers: dict[str, Issuer] = field(default_factory=dict)
    _nonces: set[str] = field(default_factory=set)

    def answer(self, method: str, query: Mapping[str, str]) -> dict[str, Any]:
        """The body of the answer; raises StsError."""
        if more := sorted(query.keys() - KNOWN):
            raise not_implemented(f"parameter {', '.join(more)}")
        action = query.get("Action", "")
        if action == "AssumeRole":
            return self._assume(method, query)
        if action == "AssumeRoleWithOIDC":
            return self._assume_with_token(query)
        raise not_implemented(f"action {action or '(none)'}")

    def _assume(self, method: str, query: Mapping[str, str]) -> dict[str, Any]:
        signing.check_common(query, signed=True)
        account, key = self._caller(method, query)
        role = self._role(query)
        where = f"acs:ram:*:{role.account}:role/{role.name}"
        said = {"sts:ExternalId": query.get("ExternalId", "")}
        trusted = role.trusts("RAM", f"acs:ram::{account.id}:root", said)
        if not trusted or not key.permits(ACTION, where):
            raise no_permission()
        return self._issued(role, query)

    def _caller(self, method: str, query: Mapping[str, str]) -> tuple[Account, Key]:
        signing.check_time(query, self.vault.now())
        found = self.vault.state.keys.get(query["AccessKeyId"])
        if found is None:
            text = "Specified access key is not found."
            raise StsError(404, "InvalidAccessKeyId.NotFound", text)
        signing.check(method, query, found[1].secret)
        if query["SignatureNonce"] in self._nonces:
            text = "Specified signature nonce was used already."
            raise StsError(400, "SignatureNonceUsed", text)
        self._nonces.add(query["SignatureNonce"])
        try:
            found[1].check_token(query.get("SecurityToken", ""), self.vault.now())
        except SlsError as error:
            raise StsError(400, "InvalidSecurityToken.Malformed", error.text) from error
        return found

    def _assume_with_token(self, query: Mapping[str, str]) -> dict[str, Any]:
        signing.check_common(query, signed=False)
        for name in ("OIDCProviderArn", "OIDCToken"):
            if not query.get(name):
                raise missing(name)
        role, issuer = self._role(query), self.issuers.get(query["OIDCProviderArn"])
        if issuer is None:  # the code is a guess after EntityNotExist.Role
            raise StsError(404, "EntityNotExist.OIDCProvider", "The OIDC provider does not exist.")
        said = issuer.read(query["OIDCToken"], self.vault.now())
        if not role.trusts("Federated", issuer.arn, said):
            text = "This OIDC token is not trusted by the role."
            raise StsError(403, "AuthenticationFail.NoPermission", text)
        return self._issued(role, query)

    def _role(self, query: Mapping[str, str]) -> TrustedRole:
        for name in ("RoleArn", "RoleSessionName"):
            if not query.get(name):
                raise missing(name)
        if not SESSION.fullmatch(query["RoleSessionName"]):
            raise wrong("RoleSessionName", "The parameter RoleSessionName is wrongly formed.")
        role = self.vault.roles.get(query["RoleArn"])
        if role is None:
            text = f"The specified Role not exists: {query['RoleArn']}."
            raise StsError(404, "EntityNotExist.Role", text)
        return role

    def _issued(self, role: TrustedRole, query: Mapping[str, str]) -> dict[str, Any]:
        seconds = query.get("DurationSeconds", "3600")
        if not seconds.isdigit() or not SHORTEST <= int(seconds) <= role.longest:
            text = f"The Min/Max value of DurationSeconds is {SHORTEST}/{role.longest}."
            raise wrong("DurationSeconds", text)
        credential: Credential = self.vault.issue(role, int(seconds))
        session = query["RoleSessionName"]
        who = {"Arn": f"{role.arn}/{session}", "AssumedRoleId": f"3{role.account}:{session}"}
        request = str(uuid.uuid4()).upper()
        return {"RequestId": request, "AssumedRoleUser": who, "Credentials": credential.body}
