"""Something that comes round again and again, not always after the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random


class Due:
    """Comes at once, and then each `shortest` to `longest` real seconds, drawn from `rng`."""

    def __init__(self, rng: random.Random, shortest: float, longest: float) -> None:
        self._rng = rng
        self._between = (shortest, longest)
        self._next = float("-inf")

    def comes(self, now: float) -> bool:
        """Say whether it is time, and if so set the next time."""
        if now < self._next:
            return False
        self.put_off(now)
        return True

    @property
    def next(self) -> float:
        """When it will have come."""
        return self._next

    def put_off(self, now: float) -> None:
        """Set the next time without its being this time."""
        self._next = now + self._rng.uniform(*self._between)
