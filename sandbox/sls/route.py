"""One endpoint: method, path, RAM action and resource, and the function that answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.sls.call import Call, Reply
from sandbox.sls.requests import Request


@dataclass(frozen=True)
class Route:
    """One endpoint.

    `resource` is the end of the RAM resource, `also` that of a second one that must be allowed
    too; `whole` is for actions that a policy can grant on `*` only; `kinds` are values of the
    query's `type` that lead here, `verb` that of its `action`; `scope` is `project`, `account` (a
    Host without a project) or `new` (a project about to be created); `locked` is off where the
    handler takes the lock itself; `optional` names headers that the official client leaves out
    beside the body of this route.
    """

    method: str
    path: str
    answer: Callable[[Call], Reply]
    action: str
    resource: str = ""
    kinds: tuple[str, ...] = ()
    verb: str = ""
    body: str = ""
    scope: str = "project"
    writes: bool = False
    locked: bool = True
    also: str = ""
    whole: bool = False
    optional: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """How COVERAGE.md names it."""
        kind = f"?type={'/'.join(self.kinds)}" if self.kinds else ""
        kind += f"?action={self.verb}" if self.verb else ""
        return f"{self.method} {self.path}{kind}" + (" (account)" * (self.scope == "account"))

    def resources(self, names: Mapping[str, str]) -> list[str]:
        """The ends of the RAM resources that must be allowed, behind the project's name."""
        ends = [end for end in (self.resource, self.also) if end]
        return [f"/{end.format_map(names)}" for end in ends] or [""]

    def names(self, request: Request) -> dict[str, str] | None:
        """The variable parts of the path, or None when this is not the route."""
        if request.method != self.method or request.query.get("type", "") not in (
            self.kinds or ("",)
        ):
            return None
        if self.verb and request.query.get("action") != self.verb:
            return None
        if (self.scope == "account") != (not request.host.project):
            return None
        return match(self.path, request.raw_path)


def match(pattern: str, raw_path: str) -> dict[str, str] | None:
    """The variable parts of a path that fits the pattern, or None."""
    wanted, given = pattern.split("/"), raw_path.split("/")
    if len(wanted) != len(given):
        return None
    names = {}
    for name, raw in zip(wanted, given, strict=True):
        if name.startswith("{"):
            names[name[1:-1]] = unquote(raw)
        elif name != raw:
            return None
    return names
