"""What a picture is drawn on; the one file that knows Pillow.

Drawn twice as large as it is shown and made smaller at the end, which makes its lines smooth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from itertools import pairwise
from math import hypot

from PIL import Image, ImageDraw, ImageFont

FINE = 2  # drawn so many times larger
PAPER = "#ffffff"

Point = tuple[float, float]


class Canvas:
    """Everything is told in the finished picture's pixels, from its upper left corner."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._image = Image.new("RGB", (width * FINE, height * FINE), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def line(self, points: Sequence[Point], color: str, width: float = 2) -> None:
        """Nothing where there are less than two points."""
        if len(points) > 1:
            self._draw.line(_fine(points), fill=color, width=round(width * FINE), joint="curve")

    def dashes(self, points: Sequence[Point], color: str, width: float, dash: float) -> None:
        """A line with gaps as long as its dashes, whichever way it turns."""
        for piece in _pieces(points, dash):
            self.line(piece, color, width)

    def area(self, points: Sequence[Point], color: str) -> None:
        self._draw.polygon(_fine(points), fill=color)

    def box(self, left: float, top: float, right: float, bottom: float, color: str) -> None:
        """At least three pixels wide, so that one minute of very many is seen as well."""
        corners = [(left, top), (max(right, left + 3), bottom)]
        self._draw.rectangle(_fine(corners), fill=color)

    def dot(self, x: float, y: float, color: str, size: float = 8) -> None:
        self._draw.ellipse(_fine([(x - size, y - size), (x + size, y + size)]), fill=color)

    def say(self, x: float, y: float, text: str, color: str, size: int, anchor: str) -> None:
        """What the font has no sign for is shown as a question mark."""
        plain = text.encode("ascii", "replace").decode()
        at = (x * FINE, y * FINE)
        self._draw.text(at, plain, fill=color, font=_font(size), anchor=anchor)

    def png(self) -> bytes:
        small = self._image.resize(self._size, Image.Resampling.LANCZOS)
        out = BytesIO()
        few = small.quantize(method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
        return out.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The one that comes with Pillow, so that a picture looks the same wherever it is drawn."""
    return ImageFont.load_default(size * FINE)


def _fine(points: Sequence[Point]) -> list[Point]:
    return [(x * FINE, y * FINE) for x, y in points]


def _pieces(points: Sequence[Point], dash: float) -> Iterator[list[Point]]:
    """Every other stretch of `dash` along the line."""
    left, drawn, piece = dash, True, list(points[:1])
    for (x, y), end in pairwise(points):
        far = hypot(end[0] - x, end[1] - y)
        gone = 0.0
        while far - gone > left:
            gone, left = gone + left, dash
            at = (x + (end[0] - x) * gone / far, y + (end[1] - y) * gone / far)
            if drawn:
                yield [*piece, at]
            drawn, piece = not drawn, [at]
        left -= far - gone
        piece.append(end)
    if drawn and len(piece) > 1:
        yield piece
