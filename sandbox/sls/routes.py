"""The table of endpoints, and which of them a request means."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.sls import errors
from sandbox.sls.requests import Request
from sandbox.sls.route import Route, match
from sandbox.sls.routes_collection import COLLECTION
from sandbox.sls.routes_lines import LINES
from sandbox.sls.routes_readers import READERS
from sandbox.sls.routes_resources import RESOURCES

__all__ = ["ROUTES", "Route", "find", "match"]

ROUTES = (*RESOURCES, *LINES, *COLLECTION, *READERS)


def find(request: Request) -> tuple[Route, Mapping[str, str]]:
    """The route of a request and the names in its path; raises NotImplemented."""
    for route in ROUTES:
        names = route.names(request)
        if names is not None:
            return route, names
    asked = [
        f"{name}={request.query[name]}" for name in ("type", "action") if name in request.query
    ]
    raise errors.not_implemented(
        f"{request.method} {request.path}{'?' * bool(asked)}{'&'.join(asked)}"
        f"{'' if request.host.project else ' without a project in the Host'}"
    )
