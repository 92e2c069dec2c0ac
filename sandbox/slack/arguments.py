"""Arguments taken out of a request, each of the type it must have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.slack.errors import SlackError, explained


def required(given: Mapping[str, Any], name: str) -> str:
    """Return an argument that must be there; raises invalid_arguments."""
    value = optional(given, name)
    if not value:
        raise explained("invalid_arguments", [f"missing required field: {name}"])
    return value


def optional(given: Mapping[str, Any], name: str) -> str | None:
    """Return a string, None if it is not there; raises invalid_arguments."""
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise explained("invalid_arguments", [f"{name} must be a string"])
    return value or None


def number(given: Mapping[str, Any], name: str, default: float) -> float:
    """Return a number that is not negative; raises invalid_arguments."""
    try:
        value = float(given.get(name) or default)
    except (TypeError, ValueError):
        value = -1.0
    if not 0 <= value < 1e12:  # ends infinity and not-a-number too
        raise explained("invalid_arguments", [f"{name} must be a number from 0"])
    return value


async def json_object(request: web.Request) -> dict[str, Any]:
    """Return a JSON body that must be an object; raises invalid_json and json_not_object."""
    try:
        body = await request.json()
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return body
