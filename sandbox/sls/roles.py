"""RAM roles: what one may do, and which service may take it on for whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sandbox.sls import ram
from sandbox.sls.ram import Policy

SERVICE = "log.aliyuncs.com"
ARN = re.compile(r"acs:ram::(?P<account>[0-9]+):role/(?P<name>[A-Za-z0-9.-]{1,64})")
_ELEMENTS = frozenset({"Effect", "Action", "Principal"})
_PRINCIPALS = frozenset({"Service", "RAM"})


@dataclass(frozen=True)
class Role:
    """A role of an account; `services` are those that its trust policy names.

    Make it with `of`, out of the documents that RAM would be given.
    """

    arn: str
    services: frozenset[str]
    policies: tuple[Policy, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a name that is not a role's."""
        if not ARN.fullmatch(self.arn):
            raise ValueError(f"role {self.arn!r} is not of the form acs:ram::<uid>:role/<name>")

    @classmethod
    def of(cls, arn: str, trust: Mapping[str, Any], *policies: Mapping[str, Any]) -> Self:
        """Read a trust policy and permission policies; raises ValueError."""
        return cls(arn, _trusted(trust), tuple(Policy.of(one) for one in policies))

    @property
    def account(self) -> str:
        """The id of the account that it belongs to."""
        return self.arn.split(":")[3]

    def trusts_log_service(self, account: str) -> bool:
        """Whether the log service may take it on for jobs of `account`.

        Within its own account the trust must name the service, from elsewhere the service of
        that very account.
        """
        own = account == self.account
        return (SERVICE if own else f"{account}@{SERVICE}") in self.services

    def permits(self, action: str, resource: str) -> bool:
        """Whether its policies allow an action; without policies they allow nothing."""
        return ram.allowed(self.policies, action, resource)


def _trusted(document: Mapping[str, Any]) -> frozenset[str]:
    found: set[str] = set()
    for statement in ram.statements(document, "trust policy"):
        ram.only(statement, _ELEMENTS, "trust policy")
        if statement["Effect"] != "Allow":
            raise ValueError("reading a trust policy: this sandbox understands Effect Allow only")
        if "sts:AssumeRole" in ram.texts(statement["Action"], "an Action"):
            found.update(_services(statement["Principal"]))
    return frozenset(found)


def _services(principal: Any) -> tuple[str, ...]:
    if not isinstance(principal, dict) or not principal or principal.keys() - _PRINCIPALS:
        known = " or ".join(sorted(_PRINCIPALS))
        raise ValueError(f"reading a trust policy: Principal must be of {known}: {principal!r}")
    # Users who may take the role on are read over: sandbox/sts knows AssumeRole.
    return ram.texts(principal["Service"], "a Principal") if "Service" in principal else ()
