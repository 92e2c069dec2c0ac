"""Trigger ids: each gesture of a person gives the app one, for one modal, for three seconds."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sandbox.slack.errors import SlackError


class Triggers:
    """The trigger ids given out, and which are spent."""

    def __init__(self, now: Callable[[], float], seconds: float) -> None:
        self._now = now
        self._seconds = seconds
        self._given: dict[str, tuple[str, float]] = {}
        self._spent: set[str] = set()

    def give(self, user: str) -> str:
        """Return a new trigger id for that person's gesture."""
        trigger = f"{int(self._now() * 1000)}.{len(self._given)}.{secrets.token_hex(16)}"
        self._given[trigger] = (user, self._now())
        return trigger

    def spend(self, trigger: str) -> str:
        """Return whose gesture it was, once; raises Slack's three trigger errors."""
        if trigger not in self._given:
            raise SlackError("invalid_trigger_id")
        if trigger in self._spent:
            raise SlackError("exchanged_trigger_id")
        user, since = self._given[trigger]
        if self._now() - since > self._seconds:
            raise SlackError("expired_trigger_id")
        self._spent.add(trigger)
        return user

    def clear(self) -> None:
        """Forget all of them."""
        self._given.clear()
        self._spent.clear()
