"""Roles and whom they trust: accounts, a service, or an OIDC provider, under conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sandbox.sls import ram
from sandbox.sls.ram import Policy
from sandbox.sls.roles import ARN

ACTION = "sts:AssumeRole"  # the same for a token of an OIDC provider
_NEEDED = frozenset({"Effect", "Action", "Principal"})
_PRINCIPALS = frozenset({"RAM", "Service", "Federated"})


@dataclass(frozen=True)
class Trust:
    """One statement: any of `principals` of a kind, with every one of `conditions`."""

    kind: str  # RAM, Service or Federated
    principals: frozenset[str]
    conditions: Mapping[str, frozenset[str]]  # key to the values that it may have

    def includes(self, kind: str, who: str, said: Mapping[str, str]) -> bool:
        """Whether it trusts one who says so."""
        return (
            kind == self.kind
            and who in self.principals
            and all(said.get(key) in values for key, values in self.conditions.items())
        )


@dataclass(frozen=True)
class TrustedRole:
    """A role of an account; make it with `of`, out of the documents that RAM would be given."""

    arn: str
    trust: tuple[Trust, ...]
    policies: tuple[Policy, ...]
    longest: int = 3600  # seconds of a session

    @classmethod
    def of(
        cls, arn: str, trust: Mapping[str, Any], *policies: Mapping[str, Any], longest: int = 3600
    ) -> Self:
        """Read a trust policy and permission policies; raises ValueError."""
        if not ARN.fullmatch(arn):
            raise ValueError(f"role {arn!r} is not of the form acs:ram::<uid>:role/<name>")
        if not policies:
            raise ValueError(f"role {arn} has no policy: without one it opens nothing here")
        stated = ram.statements(trust, "trust policy")
        trusts = tuple(one for statement in stated for one in _trusts(statement))
        return cls(arn, trusts, tuple(map(Policy.of, policies)), longest)

    @property
    def account(self) -> str:
        """The id of the account that it belongs to."""
        return self.arn.split(":")[3]

    @property
    def name(self) -> str:
        """Its name within the account."""
        return self.arn.rpartition("/")[2]

    def trusts(self, kind: str, who: str, said: Mapping[str, str]) -> bool:
        """Whether somebody may take it on; `said` are the keys that conditions are about."""
        return any(trust.includes(kind, who, said) for trust in self.trust)


def _trusts(statement: Mapping[str, Any]) -> list[Trust]:
    bare = {key: value for key, value in statement.items() if key != "Condition"}
    ram.only(bare, _NEEDED, "trust policy")
    if statement["Effect"] != "Allow" or ACTION not in ram.texts(statement["Action"], "an Action"):
        raise ValueError(f"reading a trust policy: this double understands Allow {ACTION} only")
    principal = statement["Principal"]
    if not isinstance(principal, dict) or not principal or principal.keys() - _PRINCIPALS:
        raise ValueError(f"reading a trust policy: Principal {principal!r} is not understood")
    conditions = _conditions(statement.get("Condition", {}))
    return [
        Trust(kind, frozenset(ram.texts(who, "a Principal")), conditions)
        for kind, who in principal.items()
    ]


def _conditions(raw: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    if raw.keys() - {"StringEquals"}:
        raise ValueError("reading a trust policy: this double understands StringEquals only")
    equal = raw.get("StringEquals", {})
    return {key: frozenset(ram.texts(value, key)) for key, value in equal.items()}
