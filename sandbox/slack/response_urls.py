"""Response URLs: the address handed out with each gesture, good for five answers in half an hour."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from sandbox.slack.errors import SlackError
from sandbox.slack.limits import Limits


@dataclass(frozen=True)
class Gesture:
    """Who did it where; `ts` is the message whose button was pressed, None for a command."""

    user: str
    channel: str
    ts: str | None = None


@dataclass(frozen=True)
class _Handed:
    gesture: Gesture
    since: float
    uses: int = 0


class ResponseUrls:
    """The keys at the end of the addresses, and how often each was used."""

    def __init__(self, now: Callable[[], float], limits: Limits) -> None:
        self._now = now
        self._limits = limits
        self._handed: dict[str, _Handed] = {}

    def hand_out(self, gesture: Gesture) -> str:
        """Return a new key for that gesture."""
        key = secrets.token_urlsafe(18)
        self._handed[key] = _Handed(gesture, self._now())
        return key

    def use(self, key: str) -> Gesture:
        """Count one use and return whose it is; raises expired_url and used_url."""
        handed = self._handed.get(key)
        if handed is None:
            raise SlackError("invalid_url")
        if self._now() - handed.since > self._limits.response_url_seconds:
            raise SlackError("expired_url")
        if handed.uses >= self._limits.response_url_uses:
            raise SlackError("used_url")
        self._handed[key] = replace(handed, uses=handed.uses + 1)
        return handed.gesture

    def clear(self) -> None:
        """Make every address invalid."""
        self._handed.clear()
