"""RAM policies: which actions on which resources they allow; what they do not name is denied.

Documents are those of RAM: Version "1" and statements with Effect, Action and Resource, the
latter two a text or a list, with `*` for any text and `?` for one character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

_ELEMENTS = frozenset({"Effect", "Action", "Resource"})
_EFFECTS = ("Allow", "Deny")


@dataclass(frozen=True)
class Statement:
    """One statement; `allows` is its Effect."""

    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def names(self, action: str) -> bool:
        """Whether it speaks of the action, upper and lower case told apart."""
        return any(fits(pattern, action) for pattern in self.actions)

    def covers(self, resource: str) -> bool:
        """Whether it speaks of the resource."""
        return any(fits(pattern, resource) for pattern in self.resources)


@dataclass(frozen=True)
class Policy:
    """A policy as it counts; make it with `of`."""

    statements: tuple[Statement, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Read a policy document; raises ValueError for what this RAM does not understand."""
        return cls(tuple(_statement(one) for one in statements(document, "policy")))


def allowed(policies: Iterable[Policy], action: str, resource: str, *, whole: bool = False) -> bool:
    """Whether the policies allow it: an Allow is needed, and any Deny wins.

    `whole` is for actions without permissions by resource: only an Allow on `*` counts.
    """
    spoken = [one for policy in policies for one in policy.statements if one.names(action)]
    if any(one.covers(resource) for one in spoken if not one.allows):
        return False
    return any(
        "*" in one.resources if whole else one.covers(resource) for one in spoken if one.allows
    )


def statements(document: Mapping[str, Any], what: str) -> list[Mapping[str, Any]]:
    """The statements of a document of Version "1"; raises ValueError."""
    if unknown := document.keys() - {"Version", "Statement"}:
        raise ValueError(f"reading a {what}: it has {_listed(unknown)}, which RAM does not know")
    if document.get("Version") != "1":
        version = document.get("Version")
        raise ValueError(f'reading a {what}: its Version is {version!r}: RAM knows "1" only')
    found = document.get("Statement")
    if not isinstance(found, list) or not found:
        raise ValueError(f"reading a {what}: Statement must be a list of one or more")
    return found


def only(statement: Mapping[str, Any], elements: frozenset[str], what: str) -> None:
    """Refuse a statement that lacks one of the elements or has another, such as Condition."""
    if more := statement.keys() - elements:
        text = f"reading a {what}: {_listed(more)} is not understood by this sandbox: leave it out"
        raise ValueError(text)
    if less := elements - statement.keys():
        raise ValueError(f"reading a {what}: a statement lacks {_listed(less)}")


def texts(value: Any, what: str) -> tuple[str, ...]:
    """A text or a list of texts, as documents have them; raises ValueError."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed or not all(isinstance(t, str) for t in listed):
        raise ValueError(f"reading {what}: give a text or a list of texts, not {value!r}")
    return tuple(listed)


def fits(pattern: str, text: str) -> bool:
    """Whether a text is one that a pattern with `*` and `?` means."""
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(c) or re.escape(c) for c in pattern), re.DOTALL)


def _statement(raw: Mapping[str, Any]) -> Statement:
    only(raw, _ELEMENTS, "policy")
    if raw["Effect"] not in _EFFECTS:
        raise ValueError(f"reading a policy: Effect {raw['Effect']!r} is neither Allow nor Deny")
    actions, resources = texts(raw["Action"], "an Action"), texts(raw["Resource"], "a Resource")
    for action in actions:
        if action != "*" and not re.fullmatch(r"[^:]+:[^:]+", action):
            raise ValueError(f"reading a policy: Action {action!r} is not <service>:<action>")
    for resource in resources:
        if resource != "*" and not resource.startswith("acs:"):
            raise ValueError(f"reading a policy: Resource {resource!r} is neither * nor acs:…")
    return Statement(raw["Effect"] == "Allow", actions, resources)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
