"""Commands as checked values on their way through Redis; the host comes from where they arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, get_type_hints

from workflows.apps import Host
from workflows.ports import Command
from workflows.steps.on_host.commands import AddIdentity, Delivered, Look, RemoveIdentity
from workflows.steps.on_host.examine import Examine, Restart
from workflows.steps.on_host.file_look import FileLook

KINDS: Mapping[str, type[Any]] = {
    kind.__name__: kind
    for kind in (AddIdentity, Delivered, Examine, FileLook, Look, RemoveIdentity, Restart)
}


def pack(command: Command) -> dict[str, Any]:
    """The command as JSON, without its host. Raises TypeError for a kind that is not in KINDS."""
    kind = type(command)
    if KINDS.get(kind.__name__) is not kind:
        raise TypeError(f"packing a command: {kind.__name__} may not travel; add it to KINDS")
    return {"kind": kind.__name__, **{f.name: getattr(command, f.name) for f in _own(kind)}}


def unpack(packed: Mapping[str, Any], host: Host) -> Command:
    """The command for this host. Raises ValueError, saying what is wrong, for anything else."""
    kind = KINDS.get(str(packed.get("kind")))
    if kind is None:
        raise ValueError(f"unpacking a command: kind {packed.get('kind')!r} is not known here")
    values = {name: value for name, value in packed.items() if name != "kind"}
    _check(kind, values)
    command: Command = kind(host=host, **{k: _thawed(v) for k, v in values.items()})
    return command


def _own(kind: type[Any]) -> tuple[Field[Any], ...]:
    return tuple(field for field in fields(kind) if field.name != "host")


def _check(kind: type[Any], values: Mapping[str, Any]) -> None:
    known = {field.name: field for field in _own(kind)}
    needed = {name for name, field in known.items() if field.default is MISSING}
    if wrong := sorted((values.keys() - known.keys()) | (needed - values.keys())):
        raise ValueError(f"unpacking {kind.__name__}: {wrong[0]!r} is missing or not known")
    hints = get_type_hints(kind)
    for name, value in values.items():
        if not _fits(value, hints[name]):
            raise ValueError(f"unpacking {kind.__name__}: {name} is a {type(value).__name__}")


def _fits(value: Any, wanted: Any) -> bool:
    if wanted == tuple[str, ...]:
        return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    return type(value) is wanted  # a bool is no int here


def _thawed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
