"""The options of one plugin of a pipeline: what is not understood is refused by name."""

from __future__ import annotations

from typing import Any

from sandbox.hosts.refusal import NotCollectable


class Options:
    """Hands out the options of `plugin`; `end` refuses those that nobody asked for."""

    def __init__(self, plugin: dict[str, Any], where: str) -> None:
        self._left = {name: value for name, value in plugin.items() if name != "Type"}
        self._where = f"{where} {plugin.get('Type', '')}".strip()

    def take(self, name: str, kind: type, default: Any = None) -> Any:
        """Return an option of that type; absent, or null, is `default`."""
        value = self._left.pop(name, None)
        if value is None:
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise NotCollectable(f"{self._where}: {name} {value!r} is not of type {kind.__name__}")
        return value

    def need(self, name: str, kind: type) -> Any:
        """Return an option that the plugin cannot do without."""
        value = self.take(name, kind)
        if value is None or value == "":
            raise NotCollectable(f"{self._where}: {name} is missing")
        return value

    def ignore(self, *names: str) -> None:
        """Pass over options that change nothing about which records arrive, or how."""
        for name in names:
            self._left.pop(name, None)

    def end(self) -> None:
        """Refuse what is left over, unless it is off or empty."""
        if left := [name for name, value in self._left.items() if value]:
            raise NotCollectable(f"{self._where}: {left[0]} is not modelled")
