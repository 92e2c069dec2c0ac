"""Both sides' lines per minute as a picture: the target over a wider source, differences below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import gmtime, strftime
from typing import Any

from bot.report_html import Html, el
from handlers.locale import Tongue

WIDE, HIGH, LEFT, RIGHT, TOP = 800, 220, 64, 16, 12
BELOW, PANEL = 34, 52  # the axis with its times, and the panel of differences
DRAWN = {  # for what prints or mails a page and does not heed its style
    "source": {"fill": "none", "stroke": "#c77700", "stroke_width": 6, "stroke_opacity": 0.45},
    "target": {"fill": "none", "stroke": "#0b6bcb", "stroke_width": 2},
}
MOST = 360  # points of a curve; of more minutes several make one


@dataclass(frozen=True)
class Bin:
    start: int  # seconds since the epoch
    source: int
    target: int
    equal: bool


def binned(minutes: Sequence[dict[str, Any]]) -> list[Bin]:
    """The minutes, or sums of so many of them that there are no more than `MOST`."""
    size = -(-len(minutes) // MOST)
    parts = [minutes[at : at + size] for at in range(0, len(minutes), size or 1)]
    return [
        Bin(
            part[0]["start"],
            sum(minute["source"] for minute in part),
            sum(minute["target"] for minute in part),
            all(minute["equal"] for minute in part),
        )
        for part in parts
    ]


def curves(minutes: Sequence[dict[str, Any]], say: Tongue) -> Html:
    """A figure of both, with a sentence for whoever does not see it; "" without minutes."""
    bins = binned(minutes)
    if not bins:
        return Html("")
    top = max(max(one.source, one.target) for one in bins) or 1

    def x(at: int) -> float:
        return LEFT + (WIDE - LEFT - RIGHT) * (at + 0.5) / len(bins)

    def y(lines: int) -> float:
        return TOP + (HIGH - TOP) * (1 - lines / top)

    parts = [
        *_axes(bins, top, x, y),
        _curve("source", [(x(at), y(one.source)) for at, one in enumerate(bins)]),
        _curve("target", [(x(at), y(one.target)) for at, one in enumerate(bins)]),
        *_differences(bins, x),
    ]
    box = f"0 0 {WIDE} {HIGH + BELOW + PANEL}"
    told = _told(bins, say)
    picture = el("svg", *parts, viewBox=box, role="img", aria_label=told)
    return el("figure", picture, el("figcaption", told))


def _told(bins: Sequence[Bin], say: Tongue) -> str:
    unequal = sum(not one.equal for one in bins)
    first, last = (_clock(one.start, bins) for one in (bins[0], bins[-1]))
    words = say("Lines per minute, {first} to {last} UTC: source wide, target narrow; {n} differ")
    return words.format(first=first, last=last, n=unequal)


def _axes(
    bins: Sequence[Bin], top: int, x: Callable[[int], float], y: Callable[[int], float]
) -> list[Html]:
    parts = []
    for lines in (0, top // 2, top):
        level = f"{y(lines):.1f}"
        parts.append(el("line", x1=LEFT, x2=WIDE - RIGHT, y1=level, y2=level, of="grid"))
        parts.append(
            el("text", f"{lines:,}", x=LEFT - 8, y=f"{y(lines) + 4:.1f}", text_anchor="end")
        )
    marks = sorted({0, len(bins) // 2, len(bins) - 1})
    for at in marks:
        place = {"x": f"{x(at):.1f}", "y": HIGH + 18, "text_anchor": _anchor(at, len(bins))}
        parts.append(el("text", _clock(bins[at].start, bins), **place))
    return parts


def _anchor(at: int, count: int) -> str:
    if count == 1 or 0 < at < count - 1:
        return "middle"
    return "end" if at else "start"


def _curve(of: str, points: Sequence[tuple[float, float]]) -> Html:
    """One point alone is drawn as a short line, or nobody would see it."""
    if len(points) == 1:
        ((x, y),) = points
        points = [(x - 12, y), (x + 12, y)]
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return el("polyline", points=told, of=of, **DRAWN[of])


def _differences(bins: Sequence[Bin], x: Callable[[int], float]) -> list[Html]:
    """Bars up where the target has more; a dot where only the content differs."""
    middle, half = HIGH + BELOW + PANEL / 2, PANEL / 2 - 4
    most = max(1, *(abs(one.target - one.source) for one in bins))
    wide = max((WIDE - LEFT - RIGHT) / len(bins) * 0.7, 1.5)
    line = el("line", x1=LEFT, x2=WIDE - RIGHT, y1=middle, y2=middle, of="grid")
    label = el("text", "±", x=LEFT - 8, y=middle + 4, text_anchor="end")
    parts = [line, label]
    for at, one in enumerate(bins):
        more = one.target - one.source
        if one.equal:
            continue
        if not more:
            parts.append(el("circle", cx=f"{x(at):.1f}", cy=middle, r=4, of="differs"))
            continue
        high = max(abs(more) / most * half, 2)
        y = middle - high if more > 0 else middle
        bar = {"x": f"{x(at) - wide / 2:.1f}", "y": f"{y:.1f}"}
        told = el("title", f"{_clock(one.start, bins)} {more:+,}")
        parts.append(
            el("rect", told, **bar, width=f"{wide:.1f}", height=f"{high:.1f}", of="differs")
        )
    return parts


def _clock(at: int, bins: Sequence[Bin]) -> str:
    """To the second where spans are shorter than a minute."""
    fine = any(one.start % 60 for one in bins)
    return strftime("%H:%M:%S" if fine else "%H:%M", gmtime(at))
