"""What comes back when a gesture is handed to the app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

TIMED_OUT = "operation_timeout"
FAILED = "dispatch_failed"


@dataclass(frozen=True)
class Reply:
    """The app's ack, empty if it said nothing; `error` if there was none: what Slack tells the user."""

    ack: Mapping[str, Any] | None = None
    error: str | None = None


class Delivery(Protocol):
    """A way to the app."""

    async def deliver(self, kind: str, payload: dict[str, Any]) -> Reply:
        """Hand over a payload of `kind` (slash_commands, interactive) and wait for the ack."""


def as_ack(given: Any) -> Mapping[str, Any] | None:
    """Return an ack's body as a message: none, a bare string as its text, or an object."""
    if given in (None, "", {}):
        return None
    return given if isinstance(given, Mapping) else {"text": str(given)}
