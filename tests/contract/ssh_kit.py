"""One host asked once, and what it refused."""

from __future__ import annotations

from pathlib import Path

from bot.ssh import FabricHosts, SshTarget
from tests.contract.host_worlds import Script
from workflows.model import HostResult

HELLO = "echo hello"


def run(target: SshTarget, known_hosts: Path, script: str = HELLO, **patience: float) -> HostResult:
    hosts = FabricHosts({target.name: target}, known_hosts, **patience)  # type: ignore[arg-type]
    (result,) = hosts.run({target.name: Script(script)})
    return result


def refused(result: HostResult) -> str:
    assert not result.ok
    assert result.host == "h2"
    return result.said
