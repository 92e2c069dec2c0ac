"""The axes of a picture: which value stands where, and which values are worth a word. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import gmtime, strftime

TICKS = 5  # on an axis of numbers, at most
MOMENTS = 7  # on one of times
SHORT = 180  # seconds, in less than which times are told with their seconds
SPANS = (  # seconds between two of them
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 14400, 21600, 43200, 86400),
)


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high`, drawn from pixel `start` to pixel `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Its pixel; a value beyond the axis stands at its end."""
        kept = min(max(value, self.low), self.high)
        return self.start + (kept - self.low) / (self.high - self.low) * (self.end - self.start)


def steps(most: int) -> list[int]:
    """Round numbers from 0 on, as far apart as fits; the last is no less than `most`."""
    rough = max(most, 1) / (TICKS - 1)
    power = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    apart = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [apart * n for n in range(math.ceil(max(most, 1) / apart) + 1)]


def moments(start: int, end: int) -> list[int]:
    """Round moments in the span; seconds since the epoch."""
    apart = next((s for s in SPANS if (end - start) / s <= MOMENTS), _days(end - start))
    first = math.ceil(start / apart) * apart
    return list(range(first, end + 1, apart))


def _days(seconds: int) -> int:
    return math.ceil(seconds / SPANS[-1] / MOMENTS) * SPANS[-1]


def named(at: int, start: int, end: int) -> str:
    """The time of a moment in UTC; its day where the span has several and one begins."""
    if at % SPANS[-1] == 0 and gmtime(start)[:3] != gmtime(end)[:3]:
        return strftime("%b %d", gmtime(at))
    return strftime("%H:%M:%S" if end - start < SHORT else "%H:%M", gmtime(at))


def short(number: float) -> str:
    """`1,200`, `35k`, `1.2M`."""
    for unit, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= unit and abs(number) >= 10_000:
            return f"{number / unit:.4g}{sign}"
    return f"{number:,.0f}"
