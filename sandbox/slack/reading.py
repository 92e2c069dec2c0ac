"""A message as a person reads it in Slack, as lines of plain text; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from typing import Any

Json = Mapping[str, Any]

DIVIDER = "─" * 24

_CODE = re.compile(r"```\n?(.*?)\n?```|`([^`\n]+)`", re.DOTALL)
_MARKS = re.compile(r"(?<![\w*_~])([*_~])(?=\S)([^\n]*?\S)\1(?![\w*_~])")
_ANGLE = re.compile(r"<([^<>]+)>")


def render(message: Json, names: Mapping[str, str] | None = None) -> list[str]:
    """Return the lines that a person sees; `names` maps user and channel ids to names."""
    names, files = names or {}, [f"[file: {file['title']}]" for file in message.get("files") or []]
    if message.get("blocks"):
        return [line for block in message["blocks"] for line in _block(block, names)] + files
    text = message.get("text") or ""
    shown = plain(text, names) if message.get("mrkdwn", True) else _tags(text, names)
    return shown.splitlines() + files


def plain(text: str, names: Mapping[str, str] | None = None) -> str:
    """Return mrkdwn as it looks: marks gone, code verbatim, mentions and links by name."""
    out, at = [], 0
    for code in _CODE.finditer(text):
        out += [_unmarked(text[at : code.start()], names or {}), unescape(code[1] or code[2] or "")]
        at = code.end()
    return "".join([*out, _unmarked(text[at:], names or {})])


def _unmarked(text: str, names: Mapping[str, str]) -> str:
    before = None
    while before != text:
        before, text = text, _MARKS.sub(r"\2", text)
    return _tags(text, names)


def _tags(text: str, names: Mapping[str, str]) -> str:
    return unescape(_ANGLE.sub(lambda tag: _tag(tag[1], names), text))


def _tag(tag: str, names: Mapping[str, str]) -> str:
    what, _, label = tag.partition("|")
    if what[0] in "@#":
        return what[0] + (label or names.get(what[1:], what[1:]))
    if what[0] == "!":
        return label or "@" + what[1:].split("^")[0]
    return label or what.removeprefix("mailto:")


def _block(block: Json, names: Mapping[str, str]) -> Iterable[str]:
    reader = _READERS.get(block["type"])
    return reader(block, names) if reader else [f"[{block['type']}]"]


def _section(block: Json, names: Mapping[str, str]) -> Iterator[str]:
    if block.get("text"):
        yield from _text(block["text"], names).splitlines()
    for field in block.get("fields", []):
        yield from _text(field, names).splitlines()
    if block.get("accessory"):
        yield _element(block["accessory"], names)


def _header(block: Json, names: Mapping[str, str]) -> list[str]:
    return [_text(block["text"], names)]


def _divider(block: Json, names: Mapping[str, str]) -> list[str]:
    del block, names
    return [DIVIDER]


def _image(block: Json, names: Mapping[str, str]) -> list[str]:
    return [_element(block, names)]


def _context(block: Json, names: Mapping[str, str]) -> list[str]:
    return " ".join(_element(part, names) for part in block["elements"]).splitlines()


def _actions(block: Json, names: Mapping[str, str]) -> list[str]:
    return [" ".join(_element(part, names) for part in block["elements"])]


def _markdown(block: Json, names: Mapping[str, str]) -> list[str]:
    del names
    return str(block["text"]).splitlines()


def _rich_text(block: Json, names: Mapping[str, str]) -> Iterator[str]:
    for part in block["elements"]:
        if part["type"] == "rich_text_list":
            yield from (f"• {_rich_line(item, names)}" for item in part["elements"])
        else:
            yield from _rich_line(part, names).splitlines()


def _rich_line(part: Json, names: Mapping[str, str]) -> str:
    return "".join(_rich_piece(piece, names) for piece in part["elements"])


def _rich_piece(piece: Json, names: Mapping[str, str]) -> str:
    kind = piece["type"]
    if kind in ("user", "channel"):
        wanted = piece[f"{kind}_id"]
        return ("@" if kind == "user" else "#") + names.get(wanted, wanted)
    if kind == "emoji":
        return f":{piece['name']}:"
    return str(piece.get("text") or piece.get("url") or f"[{kind}]")


def _table(block: Json, names: Mapping[str, str]) -> Iterator[str]:
    for row in block["rows"]:
        yield " | ".join(_cell(cell, names) for cell in row)


def _cell(cell: Json, names: Mapping[str, str]) -> str:
    if cell["type"] == "rich_text":
        return " ".join(_rich_text(cell, names))
    return str(cell.get("text", cell.get("value", "")))


def _text(given: Json, names: Mapping[str, str]) -> str:
    text = str(given["text"])
    return plain(text, names) if given["type"] == "mrkdwn" else unescape(text)


def _element(part: Json, names: Mapping[str, str]) -> str:
    kind = part["type"]
    if kind in ("mrkdwn", "plain_text"):
        return _text(part, names)
    if kind in ("button", "workflow_button"):
        return f"[{_text(part['text'], names)}]"
    if kind == "image":
        return f"[image: {part['alt_text']}]"
    return f"[{kind}]"


_READERS = {
    "header": _header,
    "section": _section,
    "divider": _divider,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "table": _table,
}
