"""Hosts as dicts of files behind the port; trusted through tests/contract/test_hosts."""

from __future__ import annotations

from collections.abc import Mapping

from tests.fake_host import FakeHost, Refusal, with_line, without_line
from workflows.model import HostResult
from workflows.ports import Command

__all__ = ["FakeHost", "FakeHosts", "Refusal", "with_line", "without_line"]


class FakeHosts:
    """Implements ports.Hosts; `refusing` holds the sentence of each host that cannot be asked.

    It keeps nothing of an errand: every command may be given twice, so asking anew is as good.
    """

    def __init__(self, files: Mapping[str, Mapping[str, bytes]]) -> None:
        self.hosts = {name: FakeHost(dict(content)) for name, content in files.items()}
        self.refusing: dict[str, str] = {}

    def refuse(self, name: str, said: str = "connection refused") -> None:
        self.refusing[name] = f"connecting to {name}: {said}"

    def allow(self, name: str) -> None:
        self.refusing.pop(name, None)

    def run(self, commands: Mapping[str, Command], errand: str = "") -> tuple[HostResult, ...]:
        return tuple(self._on(name, command) for name, command in commands.items())

    def forget(self, errand: str) -> None: ...

    def _on(self, name: str, command: Command) -> HostResult:
        if name not in self.hosts:
            said = f"looking for {name}: no such host; add it under [hosts]"
            return HostResult(name, ok=False, said=said)
        if name in self.refusing:
            return HostResult(name, ok=False, said=self.refusing[name])
        try:
            said = self.hosts[name].run(command)
        except Refusal as refusal:
            return HostResult(name, ok=False, said=f"{refusal} ({name}, exit status 1)")
        return HostResult(name, ok=True, changed=said.endswith("changed"), said=said)
