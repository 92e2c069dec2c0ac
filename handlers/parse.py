"""What somebody typed after /logmigrate, as one of the requests that there are."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from handlers.requests import (
    Cancel,
    Diagnose,
    Help,
    History,
    LeaveOut,
    List,
    Plan,
    Request,
    RollBack,
    Start,
    Status,
    Unknown,
    as_typed,
)
from handlers.words import names_in, nearest, words_of

OF_AN_APP: dict[str, type[Plan | Start | Diagnose]] = {
    "plan": Plan,
    "start": Start,
    "diagnose": Diagnose,
}
OF_A_JOB: dict[str, type[Status | Cancel | RollBack]] = {
    "status": Status,
    "cancel": Cancel,
    "rollback": RollBack,
}
VERBS = (*OF_AN_APP, *OF_A_JOB, "history", "without", "list", "help")
WITHOUT = "--without"  # with the names of hosts
FIRST = "--stop-first"  # alone; both are of `plan` and `start`
FROM = "--from"  # of `history`
WITH_IT = ("plan", "start")
_OPTION = re.compile(r"--?([A-Za-z][\w-]*)(?:=(.*))?")


def parse(text: str, apps: Collection[str]) -> Request:
    """Never raises: what makes no sense is Help, a near miss is Unknown with what was meant."""
    words = words_of(text)
    if not words:
        return Help()
    verb, rest = _verb(words)
    if verb not in VERBS:
        return _no_such_verb(verb, rest, apps)
    if verb == "help":
        return Help()
    return _asked(verb, rest, apps)


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


def _asked(verb: str, rest: list[str], apps: Collection[str]) -> Request:
    names, options = _apart(rest)
    if verb == "history":
        return _history(names, options, apps)
    if odd := _odd_option(verb, names, options):
        return odd
    if verb == "list" or (verb == "status" and not names):
        return List() if not names else Unknown("“list” takes no name.", "/logmigrate list")
    if not names:
        return Unknown(f"“{verb}” needs the name of an app. Apps: {_known(apps)}.")
    if verb == "without":
        return _left_out(_app(names[0], apps) or names[0], names_in(names[1:]))
    if verb == "diagnose":
        return _of_an_app(verb, names[0], names_in(names[1:]), apps)
    if len(names) > 1:
        why = f"“{verb}” takes one name, not “{' '.join(names)}”."
        return Unknown(why, f"/logmigrate {verb} {_app(names[0], apps) or names[0]}")
    if verb in OF_A_JOB:
        return OF_A_JOB[verb](_app(names[0], apps) or names[0])
    found = _of_an_app(verb, names[0], names_in(options.get(WITHOUT, ())), apps)
    return _stopping_first(found) if FIRST in options else found


def _apart(words: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """The words before the first option, and those behind each."""
    names: list[str] = []
    options: dict[str, list[str]] = {}
    here = names
    for word in _joined(words):
        if option := _OPTION.fullmatch(word):
            here = options.setdefault(f"--{option[1].lower()}", [])
            here += [option[2]] if option[2] else []
        else:
            here.append(word)
    return names, options


def _joined(words: list[str]) -> list[str]:
    """A dash that an editor has set apart belongs to the word behind it."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in {"-", "--"}:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _odd_option(verb: str, names: list[str], options: dict[str, list[str]]) -> Unknown | None:
    """An option that there is not, not for this verb, or without the hosts that it needs."""
    for option, given in options.items():
        told = " ".join(["/logmigrate", verb, *names])
        if verb not in WITH_IT:
            hosts = f" {','.join(names_in(given))}" if verb in {"without", "diagnose"} else ""
            return Unknown(f"“{verb}” takes no option.", told + hosts)
        if option == FIRST and given:
            return Unknown(f"“{FIRST}” stands alone.", f"{told} {FIRST}")
        if option not in {WITHOUT, FIRST}:
            meant = f"{told} {WITHOUT} {','.join(names_in(given))}" if names_in(given) else told
            known = f"{WITHOUT} h7,h9 and {FIRST}"
            return Unknown(f"There is no option “{option}”, only {known}.", meant)
        if option == WITHOUT and not names_in(given):
            return Unknown(f"“{WITHOUT}” needs the names of hosts: {told} {WITHOUT} h7,h9.")
    return None


def _stopping_first(request: Request) -> Request:
    """The same by the other route; of what was not understood, what was meant."""
    if isinstance(request, Start | Plan):
        return replace(request, stop_first=True)
    if isinstance(request, Unknown) and request.meant:
        return replace(request, meant=f"{request.meant} {FIRST}")
    return request


def _history(names: list[str], options: dict[str, list[str]], apps: Collection[str]) -> Request:
    """`history APP --from 30d`; the service reads how far back that is."""
    if not names:
        return Unknown(f"“history” needs the name of an app. Apps: {_known(apps)}.")
    since = " ".join(options.pop(FROM, ()))
    meant = f"/logmigrate history {_app(names[0], apps) or names[0]} {FROM} {since or '30d'}"
    if options or len(names) > 1:
        return Unknown(f"“history” takes one app and {FROM}.", meant)
    if not since:
        return Unknown(f"“history” needs how far back: {FROM} 30d, 12h or 2026-10-01.", meant)
    if app := _app(names[0], apps):
        return History(app, since)
    other = nearest(names[0], apps)
    why = f"There is no app “{names[0]}”. Apps: {_known(apps)}."
    return Unknown(why, f"/logmigrate history {other} {FROM} {since}" if other else "")


def _left_out(ref: str, hosts: tuple[str, ...]) -> Request:
    if not hosts:
        return Unknown(f"“without” needs the names of hosts: /logmigrate without {ref} h7,h9.")
    return LeaveOut(ref, hosts)


def _of_an_app(verb: str, name: str, hosts: tuple[str, ...], apps: Collection[str]) -> Request:
    if app := _app(name, apps):
        return OF_AN_APP[verb](app, hosts)
    meant = nearest(name, apps)
    why = f"There is no app “{name}”. Apps: {_known(apps)}."
    return Unknown(why, as_typed(OF_AN_APP[verb](meant, hosts)) if meant else "")


def _app(name: str, apps: Collection[str]) -> str:
    """The app of that name, however it is capitalised, or ""."""
    if name in apps:
        return name
    alike = [app for app in apps if app.lower() == name.lower()]
    return alike[0] if len(alike) == 1 else ""


def _known(apps: Collection[str]) -> str:
    return ", ".join(sorted(apps)) or "none is configured"
