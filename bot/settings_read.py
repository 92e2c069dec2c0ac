"""Reads a TOML file table by table, so that every complaint starts with the path of its key."""

from __future__ import annotations

import difflib
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import TypeVar

from workflows.errors import SettingsError

T = TypeVar("T")
KINDS: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
    date: "a date",
    time: "a time",
    datetime: "a date and time",
}


def toml(path: Path) -> dict[str, object]:
    """The file's content. Raises SettingsError that starts with the file's name."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        way_out = "copy config.example.toml, or name another file with --config"
        raise SettingsError(f"{path}: no such file; {way_out}") from error
    except OSError as error:
        raise SettingsError(f"{path}: reading it: {(error.strerror or '').lower()}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: not UTF-8 text at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from error


def joined(path: str, key: str) -> str:
    """The path of a key, quoted as TOML wants it where it is not a bare one."""
    written = key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)
    return f"{path}.{written}" if path else written


def listed(names: Iterable[str], limit: int = 8) -> str:
    """`a, b, c`, or `a, b and 9 more`, or `none`."""
    names = list(names)
    if not names:
        return "none"
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def holds_password(url: str) -> bool:
    return re.match(r"\w+://[^?#]*:[^?#]*@", url) is not None


def _shown(value: object) -> str:
    kind = KINDS.get(type(value), "something else")
    return kind if isinstance(value, (list, dict, bool)) else f"{kind} ({value!r:.40})"


class Table:
    """One table of the file; only keys that were announced may be in it, or be asked for."""

    def __init__(self, values: Mapping[str, object], path: str, folder: Path, *keys: str) -> None:
        self.path = path
        self.folder = folder  # what relative paths in the file start from
        self._values = values
        self._keys = dict.fromkeys(keys)  # thousands of hosts are looked up in it
        for key in values:
            self._refuse_unknown(key)

    def _refuse_unknown(self, key: str) -> None:
        if key in self._keys:
            return
        near = difflib.get_close_matches(key, self._keys, n=1)
        way_out = f"did you mean {near[0]}?" if near else f"known are {listed(self._keys, 12)}"
        raise self.wrong(key, f"no such setting; {way_out}")

    def wrong(self, key: str, why: str) -> SettingsError:
        return SettingsError(f"{joined(self.path, key)}: {why}")

    def has(self, key: str) -> bool:
        if key not in self._keys:
            raise KeyError(key)  # ours: the key was not announced
        return key in self._values

    def given(self) -> tuple[str, ...]:
        """The keys that are in it."""
        return tuple(self._values)

    def _value(self, key: str, kind: type[T], default: T | None) -> T:
        if self.has(key):
            value = self._values[key]
            if type(value) is not kind:  # exactly: true is an int to Python, not to people
                raise self.wrong(key, f"is {_shown(value)}; it must be {KINDS[kind]}")
            return value
        if default is None:
            raise self.wrong(key, f"missing; it must be {KINDS[kind]}, see config.example.toml")
        return default

    def text(self, key: str, default: str | None = None) -> str:
        """A text; an empty one only where the default is empty."""
        value = self._value(key, str, default)
        if not value and default != "":
            raise self.wrong(key, "is empty")
        return value

    def matching(self, key: str, pattern: str, rule: str, default: str | None = None) -> str:
        value = self.text(key, default)
        if not re.fullmatch(pattern, value) and (value or default != ""):
            raise self.wrong(key, f"is {value!r}; {rule}")
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise self.wrong(key, f"is {value!r}; it must be {' or '.join(choices)}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        return self._value(key, bool, default)

    def whole(self, key: str, default: int, most: float = math.inf, *, least: int = 1) -> int:
        """A whole number from `least` to `most`."""
        value = self._value(key, int, default)
        if not least <= value <= most:
            limit = f"at least {least}" if most == math.inf else f"from {least} to {most}"
            raise self.wrong(key, f"is {value}; it must be {limit}")
        return value

    def number(self, key: str, default: float, least: float = 0.0, most: float = math.inf) -> float:
        """A finite number, whole or not: above 0, no less than `least`, no more than `most`."""
        whole = self.has(key) and type(self._values[key]) is int
        value = float(self.whole(key, 1)) if whole else self._value(key, float, default)
        if not (math.isfinite(value) and value > 0):
            raise self.wrong(key, f"is {value}; it must be above 0")
        if not least <= value <= most:
            limit = f"at least {least:g}" if most == math.inf else f"at most {most:g}"
            raise self.wrong(key, f"is {value:g}; it must be {limit}")
        return value

    def text_or_texts(self, key: str) -> tuple[str, ...]:
        """One text, or a list of them; none where it is empty or not there."""
        if self.has(key) and isinstance(self._values[key], list):
            return self.texts(key)
        value = self.text(key, "")
        return (value,) if value else ()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, none empty and none twice; no list is an empty one."""
        values = self._value(key, list, [])
        seen = set[str]()
        for n, value in enumerate(values):
            if not isinstance(value, str) or not value:
                raise self.wrong_at(key, n, f"is {_shown(value)}; it must be a text that says more")
            if value in seen:
                raise self.wrong_at(key, n, f"{value!r} stands in the list twice")
            seen.add(value)
        return tuple(values)

    def wrong_at(self, key: str, n: int, why: str) -> SettingsError:
        return SettingsError(f"{joined(self.path, key)}[{n}]: {why}")

    def file(self, key: str, default: str | None = None) -> Path:
        return self.folder / Path(self.text(key, default)).expanduser()

    def table(self, key: str, *keys: str) -> Table:
        """The table under `key`, empty if there is none, with the keys it may have."""
        values = self._value(key, dict, {})
        return Table(values, joined(self.path, key), self.folder, *keys)

    def tables(self, key: str, rule: tuple[str, str], *keys: str) -> dict[str, Table]:
        """The tables under `key` by their names; `rule` is a name's pattern and its words."""
        names = self._value(key, dict, {})
        named = self.table(key, *names)
        for name in names:
            if not re.fullmatch(rule[0], name):
                raise named.wrong(name, rule[1])
        return {name: named.table(name, *keys) for name in names}
