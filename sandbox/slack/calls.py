"""One call of the Web API, read from any of the forms in which Slack takes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.slack import arguments
from sandbox.slack.errors import SlackError

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
NESTED = ("blocks", "metadata", "attachments")


@dataclass(frozen=True)
class Call:
    """A method's name, its arguments, and the token that came with it."""

    method: str
    token: str
    arguments: dict[str, Any]

    def required(self, name: str) -> str:
        """Return an argument that must be a non-empty string; raises invalid_arguments."""
        return arguments.required(self.arguments, name)

    def optional(self, name: str) -> str | None:
        """Return a string, None if it is not there; raises invalid_arguments."""
        return arguments.optional(self.arguments, name)

    def flag(self, name: str) -> bool:
        """Return whether a boolean argument is set, in any spelling of a form or JSON."""
        return self.arguments.get(name) in (True, "true", "1", 1)

    def number(self, name: str, default: int) -> int:
        """Return a whole number; raises invalid_arguments."""
        return int(arguments.number(self.arguments, name, default))


async def read_call(request: web.Request) -> Call:
    """Return the call; a JSON body carries no token, as with Slack: that must be in the header."""
    given = dict(request.query) | await _body(request)
    in_body = "" if request.content_type == "application/json" else str(given.pop("token", ""))
    scheme, _, in_header = request.headers.get("Authorization", "").partition(" ")
    token = in_header.strip() if scheme == "Bearer" else in_body
    nested = {name: _parsed(name, given[name]) for name in NESTED if name in given}
    return Call(request.match_info["method"], token, given | nested)


async def _body(request: web.Request) -> dict[str, Any]:
    if not request.can_read_body:
        return {}
    if request.content_type == "application/json":
        return await arguments.json_object(request)
    if request.content_type in FORMS:
        return dict(await request.post())
    raise SlackError("invalid_post_type")


def _parsed(name: str, value: Any) -> Any:
    if not isinstance(value, str) or not value:
        return value
    try:
        return json.loads(value)
    except ValueError:
        wrong = "invalid_metadata_format" if name == "metadata" else f"invalid_{name}_format"
        raise SlackError(wrong) from None
