"""The part of the settings that says through which host another one is reached."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from bot.settings_read import Table, joined, listed
from workflows.errors import SettingsError


def jump_of(table: Table) -> str:
    """The host through which this table's are reached; "" for none, or where it does not say."""
    return table.text("jump", "")


def way(jump: str, jumps: Mapping[str, str]) -> list[str]:
    """The hosts that a connection goes through, the last one first; `jumps` are those by host."""
    found: list[str] = []
    while jump and jump not in found:
        found.append(jump)
        jump = jumps.get(jump, "")
    return found


def refuse_unknown_jumps(tables: Iterable[Table], hosts: Collection[str]) -> None:
    for table in tables:
        jump = jump_of(table)
        if jump and jump not in hosts:
            raise table.wrong("jump", f'no such host "{jump}"; known are {listed(hosts)}')


def refuse_circles(own: Mapping[str, str], jumps: Mapping[str, str], path: str) -> None:
    """No host may be reached through itself. `own` are the jumps to judge, `jumps` those behind."""
    for name, jump in own.items():
        if circle := _circle(name, jump, jumps):
            why = f"goes in a circle, {' → '.join(circle)}"
            cure = 'write jump = "" under the one that is reached directly'
            raise SettingsError(f"{joined(path, name)}.jump: {why}; {cure}")


def _circle(name: str, jump: str, jumps: Mapping[str, str]) -> list[str]:
    passed = [name]
    while jump and jump not in passed:
        passed.append(jump)
        jump = jumps.get(jump, "")
    return [*passed, jump] if jump else []
