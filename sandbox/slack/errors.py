"""How the Slack double says no: the error code Slack uses, and whatever Slack puts beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SlackError(Exception):
    """A request is refused: `error` is Slack's code, `details` go into the answer beside it."""

    def __init__(self, error: str, **details: Any) -> None:
        super().__init__(error, details)
        self.error = error
        self.details = details

    def body(self) -> dict[str, Any]:
        """Return the JSON answer."""
        return {"ok": False, "error": self.error, **self.details}


class TooFastError(SlackError):
    """A method was called faster than its pace; answered as HTTP 429 with Retry-After."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


def explained(error: str, reasons: Sequence[str]) -> SlackError:
    """Return a refusal with its reasons where Slack puts them."""
    return SlackError(error, response_metadata={"messages": [f"[ERROR] {why}" for why in reasons]})
