"""Times and lengths as a report writes them."""

from __future__ import annotations

from time import gmtime, strftime


def moment(at: float) -> str:
    """In UTC, to the second."""
    return strftime("%Y-%m-%d %H:%M:%S UTC", gmtime(at))


def short(at: float) -> str:
    """The same where the day is told elsewhere; "" for never."""
    return strftime("%m-%d %H:%M:%S", gmtime(at)) if at else ""


def span(seconds: float) -> str:
    """Two units at the most."""
    if seconds < 60:
        return f"{seconds:.1f} s" if 0 < seconds < 10 else f"{seconds:.0f} s"
    minutes, left = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {left} s" if left else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} d {hours % 24} h"


def size(octets: float) -> str:
    """In decimal units, as the service bills."""
    for unit in ("B", "kB", "MB", "GB"):
        if octets < 1000:
            return f"{octets:.0f} {unit}" if unit == "B" else f"{octets:.1f} {unit}"
        octets /= 1000
    return f"{octets:.1f} TB"
