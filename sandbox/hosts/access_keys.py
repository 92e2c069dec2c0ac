"""The access keys an agent holds for the accounts whose configs it obeys."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.clock import Clock

REFRESH_AFTER = 60.0  # seconds; request_access_key_interval, ConfigManagerBase.cpp


class AccessKeys:
    """When each account's key was last asked for.

    Source: ConfigManager.cpp UpdateAccessKey of 1.8.8. The commercial agent's way to a key is not
    public; here a new one is always handed out and changes nothing.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked: dict[str, float] = {}

    def age(self, account: str, now: float) -> float:
        """Return documented seconds since the account's key was asked for, infinite if never."""
        asked = self._asked.get(account)
        return float("inf") if asked is None else (now - asked) / self._clock.real(1.0)

    def refresh(self, account: str, now: float) -> None:
        """Ask for a new key."""
        self._asked[account] = now
