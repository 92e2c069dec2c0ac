"""A request that was let in: who calls, on what, with which names in the path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.sls import errors
from sandbox.sls.accounts import Account, Key
from sandbox.sls.logstore import Logstore
from sandbox.sls.requests import Request
from sandbox.sls.state import MachineGroup, Project, State


@dataclass(frozen=True)
class Reply:
    """A successful answer."""

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


EMPTY = Reply()


def as_json(value: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON answer in UTF-8."""
    return Reply(json.dumps(value, ensure_ascii=False).encode(), headers or {})


@dataclass(frozen=True)
class Call:
    """What a handler needs; `names` are the variable parts of the path."""

    request: Request
    state: State
    account: Account
    names: Mapping[str, str]
    key: Key

    def require(self, action: str, resource: str) -> None:
        """Refuse what the key may not do, where a call needs more than its route's action."""
        if not self.key.permits(action, resource):
            raise errors.denied(action, resource)

    @property
    def now(self) -> float:
        """Real seconds since the epoch."""
        return self.state.clock.now()

    @property
    def bindable_from(self) -> float:
        """When an apply knows a config or machine group that is made now."""
        return self.now + self.state.clock.real(self.state.delays.bindable)

    @property
    def project(self) -> Project:
        """The project of the Host header."""
        host = self.request.host
        return self.state.project(host.project, host.region)

    @property
    def logstore(self) -> Logstore:
        """The logstore of the path, ready or not."""
        return self.project.logstore(self.names["logstore"])

    @property
    def ready_logstore(self) -> Logstore:
        """The logstore of the path once log and index calls know of it."""
        return self.project.ready_logstore(self.names["logstore"], self.now)

    @property
    def group(self) -> MachineGroup:
        """The machine group of the path."""
        return self.project.group(self.names["group"])

    @property
    def config(self) -> dict[str, Any]:
        """The config of the path."""
        return self.project.config(self.names["config"])

    def known_filters(self, what: str, *known: str) -> None:
        """Refuse a list that is to be filtered in a way that is not there."""
        if unknown := self.request.query.keys() - set(known):
            raise errors.not_implemented(f"list of {what} by {', '.join(sorted(unknown))}")

    def listed(self, key: str, names: list[str]) -> Reply:
        """One page of names under `key`, with count and total."""
        page, total = self.request.page(names)
        return as_json({"count": len(page), "total": total, key: page})
