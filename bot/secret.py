"""Secrets come from the environment or from files of their own, and are never printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.settings_read import Table
from workflows.errors import SettingsError


@dataclass(frozen=True, repr=False)
class Secret:
    """A text that shows as *** wherever it is printed; `plain` is the text itself."""

    plain: str

    def __repr__(self) -> str:
        return "***"


@dataclass(frozen=True)
class Secrets:
    """Where secrets are found: the file that the settings name, or else the environment."""

    environ: Mapping[str, str]

    def find(self, table: Table, key: str, variable: str) -> Secret | None:
        """The secret, or None; one that is written into the settings themselves is refused."""
        if table.has(key):
            way_out = f"set {variable}, or name a file with {key}_file"
            raise table.wrong(key, f"a secret does not belong in this file; {way_out}")
        if table.has(f"{key}_file"):
            return _from_file(table, f"{key}_file")
        value = self.environ.get(variable, "").strip()
        return Secret(value) if value else None

    def need(self, table: Table, key: str, variable: str) -> Secret:
        found = self.find(table, key, variable)
        if found is None:
            raise table.wrong(key, f"missing; set {variable}, or name a file with {key}_file")
        return found


def _from_file(table: Table, key: str) -> Secret:
    path = table.file(key)
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise table.wrong(key, f"reading {path}: {_reason(error)}") from error
    if not value:
        raise table.wrong(key, f"{path} is empty")
    return Secret(value)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "").lower() if isinstance(error, OSError) else "not UTF-8 text"


def token(secret: Secret, prefix: str, table: Table, key: str) -> Secret:
    """The secret, if it starts as its kind does: swapped tokens are the usual mistake."""
    if not secret.plain.startswith(prefix):
        raise SettingsError(f"{table.path}.{key}: does not start with {prefix}; swapped tokens?")
    return secret
