"""The agents' folders of all hosts, before and after, to the byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sandbox.hosts.root import CONF
from sandbox.world import APP, TARGET_ACCOUNT, World

File = tuple[int, int, int, bytes]  # mode, owner, group, content
Folder = Mapping[str, File]  # by path below the agent's folder
OURS = f"users/{TARGET_ACCOUNT}"
LEDGER = ".logmigrate"
IDS = "user_defined_id"


def seen(world: World) -> dict[str, Folder]:
    """By host."""
    return {name: dict(_files(world.fleet.root(name) / CONF)) for name in world.shape.names}


def _files(folder: Path) -> Iterator[tuple[str, File]]:
    for path in sorted(folder.rglob("*")):
        told, content = path.lstat(), path.read_bytes() if path.is_file() else b""
        yield str(path.relative_to(folder)), (told.st_mode, told.st_uid, told.st_gid, content)


def not_prepared(before: Folder, now: Folder) -> str:
    """What is otherwise than our file and our line added, and nothing else; "" if nothing is."""
    if strange := now.keys() - before.keys() - {"users", OURS, LEDGER}:
        return f"has {', '.join(sorted(strange))}"
    if wrong := [name for name in before if name != IDS and now.get(name) != before[name]]:
        return f"has another {', '.join(wrong)}"
    if now.get(OURS, (0, 0, 0, b"?"))[3]:
        return f"{OURS} is not there, or not empty"
    *manner, text = before[IDS]
    wanted = (*manner, text + (b"" if text.endswith(b"\n") else b"\n") + APP.encode() + b"\n")
    return "" if now[IDS] == wanted else f"{IDS}: {now[IDS]!r}, not {wanted!r}"


def differing(
    before: Mapping[str, Folder], now: Mapping[str, Folder], names: Iterable[str]
) -> list[str]:
    """Hosts whose folder is not as it was, and where."""
    found = {name: _changed(before[name], now[name]) for name in names}
    return [f"{name}: {', '.join(sorted(files))}" for name, files in found.items() if files]


def _changed(before: Folder, now: Folder) -> set[str]:
    return {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}
