"""One host three times: as a dict of files, behind OpenSSH's sshd, behind the sandbox's server."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.ssh import FabricHosts, SshTarget
from sandbox.hosts.keys import key_in
from sandbox.hosts.servers import SshServers
from sandbox.hosts.ssh import ADDRESS as SANDBOX_ADDRESS
from sandbox.hosts.ssh import USER, SshHost
from tests.contract.openssh import ADDRESS, OpenSsh, need_sshd
from tests.fake_hosts import FakeHosts
from workflows.apps import Host
from workflows.model import HostResult
from workflows.ports import Command


@dataclass(frozen=True)
class Script:
    """A command that is no more than its script."""

    script: str


class Runs(Protocol):
    """What asks hosts, without the errands that are kept above it."""

    def run(self, commands: Mapping[str, Command], /) -> tuple[HostResult, ...]: ...


class World(ABC):
    """Host h1 through the port, and its files as they are behind the port's back."""

    hosts: Runs
    host: Host

    def run(self, command: Command) -> HostResult:
        (result,) = self.hosts.run({"h1": command})
        return result

    def run_without_rights(self, command: Command) -> HostResult:
        """Run as somebody whom read-only folders stop, though the tests run as root."""
        return self.run(command)

    @abstractmethod
    def put(self, path: str, content: bytes) -> None: ...

    @abstractmethod
    def link(self, path: str, target: str) -> None: ...

    @abstractmethod
    def make_read_only(self, folder: str) -> None: ...

    @abstractmethod
    def files(self) -> dict[str, bytes]:
        """Contents by path of the plain files in the agent's folder of settings."""


class FakeWorld(World):
    def __init__(self) -> None:
        self.hosts: FakeHosts = FakeHosts({"h1": {}, "h2": {}})
        self.host = Host("h1", "/root/etc", "/root/agent")

    def put(self, path: str, content: bytes) -> None:
        self.hosts.hosts["h1"].files[path] = content

    def link(self, path: str, target: str) -> None:
        self.hosts.hosts["h1"].links[path] = target

    def make_read_only(self, folder: str) -> None:
        self.hosts.hosts["h1"].read_only.add(folder)

    def files(self) -> dict[str, bytes]:
        held = self.hosts.hosts["h1"].files.items()
        return {path: content for path, content in held if path.startswith("/root/etc/")}


class RealWorld(World):
    def __init__(self, root: Path, target: SshTarget, known_hosts: Path) -> None:
        self.host = Host("h1", str(root / "etc"), str(root / "agent"))
        for folder in (self.host.conf_dir, self.host.agent_dir):
            Path(folder).mkdir(parents=True)
        self.hosts = FabricHosts({"h1": target}, known_hosts)

    def run_without_rights(self, command: Command) -> HostResult:
        if os.getuid() == 0:
            command = Script(f"{NO_RIGHTS} <<'END OF SCRIPT'\n{command.script}END OF SCRIPT\n")
        return self.run(command)

    def put(self, path: str, content: bytes) -> None:
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_bytes(content)

    def link(self, path: str, target: str) -> None:
        Path(path).symlink_to(target)

    def make_read_only(self, folder: str) -> None:
        Path(folder).chmod(0o555)

    def files(self) -> dict[str, bytes]:
        found = Path(self.host.conf_dir).rglob("*")
        return {
            str(path): path.read_bytes()
            for path in found
            if path.is_file() and not path.is_symlink()
        }


# Root keeps its name and loses what lets it pass over the modes of files.
NO_RIGHTS = (
    "setpriv --bounding-set -dac_override,-dac_read_search "
    "--inh-caps -dac_override,-dac_read_search /bin/sh -s"
)


@contextmanager
def fake_server(_: Path) -> Iterator[MakeWorld]:
    yield lambda _: FakeWorld()


@contextmanager
def openssh_server(folder: Path) -> Iterator[MakeWorld]:
    need_sshd()
    sshd = OpenSsh(folder)
    target = SshTarget("h1", ADDRESS, sshd.port, sshd.user, sshd.key_file)
    try:
        yield lambda root: RealWorld(root, target, sshd.known_hosts)
    finally:
        sshd.stop()


@contextmanager
def sandbox_server(folder: Path) -> Iterator[MakeWorld]:
    client = key_in(folder / "user_key")
    server = SshHost(folder, key_in(folder / "host_key"), client)
    servers = SshServers({"h1": server})
    servers.start()
    known_hosts = folder / "known_hosts"
    known_hosts.write_text(f"{server.known_host}\n")
    target = SshTarget("h1", SANDBOX_ADDRESS, server.port, USER, folder / "user_key")
    try:
        yield lambda root: RealWorld(root, target, known_hosts)
    finally:
        servers.stop()


MakeWorld = Callable[[Path], World]  # given a folder of its own

SERVERS = {"fake": fake_server, "openssh": openssh_server, "sandbox": sandbox_server}
