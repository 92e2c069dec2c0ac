"""HTML in which nothing that was said by others can be anything but text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

PERSON = re.compile(r"<@(\w+)>")
DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")


class Html(str):
    """What is HTML already."""

    __slots__ = ()


def el(name: str, *inside: object, **attributes: object) -> Html:
    """An element; text in it is escaped. `of` is its class; an attribute of "" is left out."""
    told = {{"of": "class"}.get(k, k).replace("_", "-"): v for k, v in attributes.items()}
    marks = "".join(f' {key}="{escape(str(value))}"' for key, value in told.items() if value != "")
    return Html(f"<{name}{marks}>{joined(inside)}</{name}>")


def joined(parts: Iterable[object]) -> Html:
    return Html("".join(part if isinstance(part, Html) else text(part) for part in parts))


def text(said: object) -> Html:
    """What is not printable is spelt out; people and dates read as Slack shows them."""
    plain = DATE.sub(r"\1", PERSON.sub(r"@\1", str(said)))
    spelt = plain if plain.isprintable() else "".join(map(_spelt, plain))
    return Html(escape(spelt))


def _spelt(sign: str) -> str:
    return sign if sign.isprintable() or sign in "\n\t" else sign.encode("unicode_escape").decode()


def table(head: Sequence[object], rows: Iterable[Sequence[object]], of: str = "") -> Html:
    """Numbers are set to the right, and so is what stands above them."""
    lines = list(rows)
    like = lines[0] if lines else head
    top = (el("th", word, of=_of(cell)) for word, cell in zip(head, like, strict=True))
    body = (el("tr", *(el("td", _told(cell), of=_of(cell)) for cell in line)) for line in lines)
    inside = el("table", el("thead", el("tr", *top)), el("tbody", *body), of=of)
    return el("div", inside, of="wide")


def _of(cell: object) -> str:
    return "number" if isinstance(cell, int | float) else ""


def _told(cell: object) -> object:
    return f"{cell:,}" if isinstance(cell, int | float) else cell
