"""The words of a command, freed from what editors and Slack did to them, and the nearest to one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

_LINK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_SCHEME = re.compile(r"^(?:https?://|mailto:|[@#!])", re.IGNORECASE)
_DASHES = {"\u2013": "-", "\u2011": "-", "\u2014": "--"}
_CURLED = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
_LOOKS = str.maketrans(_DASHES | _CURLED)
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_QUOTES = "\"'`*"


def words_of(text: str) -> list[str]:
    """Slack links what looks like an address, editors curl quotes: give back what was meant."""
    text = _UNSEEN.sub("", _LINK.sub(_unlinked, text))
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, char)
    words = (word.strip(_QUOTES) for word in text.translate(_LOOKS).split())
    return [word for word in words if word]


def _unlinked(link: re.Match[str]) -> str:
    target, label = link.group(1), link.group(2)
    return _SCHEME.sub("", label or target).rstrip("/")


def names_in(words: Iterable[str]) -> tuple[str, ...]:
    """`h7, h9` or `h7 h9`: each name once, in order."""
    names = (name.strip(_QUOTES) for word in words for name in word.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def nearest(name: str, known: Collection[str]) -> str:
    """The known name that was most likely meant, or ""."""
    spelled = {one.lower(): one for one in known}
    found = get_close_matches(name.lower(), spelled, n=1, cutoff=0.6)
    return spelled[found[0]] if found else ""
