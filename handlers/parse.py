"""What somebody typed after /logmigrate, as one of eight requests."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Start:
    app: str


@dataclass(frozen=True)
class Plan:
    app: str


@dataclass(frozen=True)
class Status:
    ref: str  # an app's name or a job's id


@dataclass(frozen=True)
class Cancel:
    ref: str


@dataclass(frozen=True)
class RollBack:
    ref: str


@dataclass(frozen=True)
class List:
    pass


@dataclass(frozen=True)
class Help:
    pass


@dataclass(frozen=True)
class Unknown:
    """Not understood: why, and what may have been meant. Plain text, not escaped."""

    why: str
    meant: str = ""


Request = Start | Plan | Status | Cancel | RollBack | List | Help | Unknown

VERBS = ("plan", "start", "status", "list", "cancel", "rollback", "help")
OF_AN_APP: dict[str, type[Plan | Start]] = {"plan": Plan, "start": Start}
OF_A_JOB: dict[str, type[Status | Cancel | RollBack]] = {
    "status": Status,
    "cancel": Cancel,
    "rollback": RollBack,
}

_LINK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_SCHEME = re.compile(r"^(?:https?://|mailto:|[@#!])", re.IGNORECASE)
_DASHES = {"\u2013": "-", "\u2011": "-", "\u2014": "--"}
_CURLED = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
_LOOKS = str.maketrans(_DASHES | _CURLED)
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_QUOTES = "\"'`*"


def parse(text: str, apps: Collection[str]) -> Request:
    """Never raises: what makes no sense is Help, a near miss is Unknown with what was meant."""
    words = _words(text)
    if not words:
        return Help()
    verb, rest = _verb(words)
    if verb not in VERBS:
        return _no_such_verb(verb, rest, apps)
    if verb == "help":
        return Help()
    return _with_name(verb, rest, apps)


def nearest(name: str, known: Collection[str]) -> str:
    """The known name that was most likely meant, or ""."""
    spelled = {one.lower(): one for one in known}
    found = get_close_matches(name.lower(), spelled, n=1, cutoff=0.6)
    return spelled[found[0]] if found else ""


def _words(text: str) -> list[str]:
    """Slack links what looks like an address, editors curl quotes: give back what was meant."""
    text = _UNSEEN.sub("", _LINK.sub(_unlinked, text))
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, char)
    words = (word.strip(_QUOTES) for word in text.translate(_LOOKS).split())
    return [word for word in words if word]


def _unlinked(link: re.Match[str]) -> str:
    target, label = link.group(1), link.group(2)
    return _SCHEME.sub("", label or target).rstrip("/")


def _verb(words: list[str]) -> tuple[str, list[str]]:
    verb, rest = words[0].lower(), words[1:]
    if verb == "roll" and rest and rest[0].lower() == "back":
        return "rollback", rest[1:]
    return ("rollback" if verb == "roll-back" else verb), rest


def _no_such_verb(verb: str, rest: list[str], apps: Collection[str]) -> Request:
    if app := _app(verb, apps):
        return Unknown(f"What about {app}?", f"/logmigrate status {app}")
    if meant := nearest(verb, VERBS):
        return Unknown(f"There is no “{verb}”.", " ".join(["/logmigrate", meant, *rest]))
    return Help()


def _with_name(verb: str, rest: list[str], apps: Collection[str]) -> Request:
    if verb == "list" or (verb == "status" and not rest):
        return List() if not rest else Unknown("“list” takes no name.", "/logmigrate list")
    if not rest:
        return Unknown(f"“{verb}” needs the name of an app. Apps: {_known(apps)}.")
    if len(rest) > 1:
        why = f"“{verb}” takes one name, not “{' '.join(rest)}”."
        return Unknown(why, f"/logmigrate {verb} {_app(rest[0], apps) or rest[0]}")
    if verb in OF_A_JOB:
        return OF_A_JOB[verb](_app(rest[0], apps) or rest[0])
    return _of_an_app(verb, rest[0], apps)


def _of_an_app(verb: str, name: str, apps: Collection[str]) -> Request:
    if app := _app(name, apps):
        return OF_AN_APP[verb](app)
    meant = nearest(name, apps)
    why = f"There is no app “{name}”. Apps: {_known(apps)}."
    return Unknown(why, f"/logmigrate {verb} {meant}" if meant else "")


def _app(name: str, apps: Collection[str]) -> str:
    """The app of that name, however it is capitalised, or ""."""
    if name in apps:
        return name
    alike = [app for app in apps if app.lower() == name.lower()]
    return alike[0] if len(alike) == 1 else ""


def _known(apps: Collection[str]) -> str:
    return ", ".join(sorted(apps)) or "none is configured"
