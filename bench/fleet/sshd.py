"""OpenSSH's sshd on many addresses of 127.0.0.0/8, for one host each."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.fleet.hosts import wipe
from bench.fleet.spec import Fleet

SSHD = "/usr/sbin/sshd"
KNOWN = 360  # host keys on file at least: an operator has more hosts than one app's
EACH = 16  # addresses that one sshd can listen on
CONFIG = """\
{listen}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/user_key.pub
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
LogLevel ERROR
MaxStartups 1000
SetEnv HOME={folder}/home
"""


@dataclass(frozen=True)
class Sshds:
    """Running servers: they answer on all `addresses`, at one port, with one host key."""

    folder: Path
    addresses: tuple[str, ...]
    port: int
    pids: tuple[int, ...]

    def cpu_seconds(self) -> float:
        """Of the servers and of all sessions that ended."""
        return sum(map(_cpu_seconds, self.pids))

    def rest(self) -> None:
        """Wait until the last session is over."""
        deadline = time.monotonic() + 30
        while any(map(_children, self.pids)):
            if time.monotonic() > deadline:
                raise SystemExit("waiting for sshd's last session to end: still there after 30 s")
            threading.Event().wait(0.05)

    def fleet(self, names: int, port: int = 0, **options: Any) -> Fleet:
        """That many hosts with empty folders; more than addresses share these in turn."""
        hosts = dict(_named(self.addresses, names))
        port = port or self.port
        known = self.folder / f"known_hosts.{port}"
        key = (self.folder / "host_key.pub").read_text("ascii").rsplit(" ", 1)[0]
        others = (f"web-{n}.example.com" for n in range(KNOWN - len(self.addresses)))
        lines = [f"[{name}]:{port} {key}\n" for name in (*others, *self.addresses)]
        known.write_text("".join(lines), "ascii")
        user, root = pwd.getpwuid(os.getuid()).pw_name, str(self.folder / "hosts")
        user_key = str(self.folder / "user_key")
        fleet = Fleet(hosts, port, user, user_key, str(known), root, **options)
        wipe(fleet)
        return fleet


@contextmanager
def sshds(folder: Path, addresses: int) -> Iterator[Sshds]:
    """Servers on that many addresses; ended by their process ids."""
    _need_openssh()
    for name in ("host_key", "user_key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    wanted = tuple(f"127.0.{1 + n // 250}.{1 + n % 250}" for n in range(addresses))
    port = free_port(wanted[0])
    with ExitStack() as ends:
        pids = [
            ends.enter_context(_sshd(folder, number, wanted[number : number + EACH], port))
            for number in range(0, addresses, EACH)
        ]
        yield Sshds(folder, wanted, port, tuple(pids))


def _need_openssh() -> None:
    for program in (SSHD, "ssh", "ssh-keygen", "xargs"):
        if not shutil.which(program):
            raise SystemExit(f"looking for {program}: not there; apt-get install openssh-server")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd as root insists on it


@contextmanager
def _sshd(folder: Path, number: int, addresses: tuple[str, ...], port: int) -> Iterator[int]:
    config = folder / f"sshd_config.{number}"
    listen = "\n".join(f"ListenAddress {address}:{port}" for address in addresses)
    config.write_text(CONFIG.format(listen=listen, folder=folder), "utf-8")
    command = [SSHD, "-D", "-E", str(folder / "sshd.log"), "-f", str(config)]
    with subprocess.Popen(command, start_new_session=True) as server:
        try:
            _await_banner(addresses[-1], port, server, folder / "sshd.log")
            yield server.pid
        finally:
            server.terminate()


def _await_banner(address: str, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection((address, port), 5) as wire:
                wire.recv(1)
            return
        except OSError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                said = log.read_text("utf-8", "replace")
                raise SystemExit(f"starting sshd on {address}:{port}: {error}; {said}") from error
        threading.Event().wait(0.02)


def _named(addresses: tuple[str, ...], names: int) -> Iterator[tuple[str, str]]:
    for number in range(names):
        address = addresses[number % len(addresses)]
        again = number // len(addresses)
        yield (f"{address}-{again}" if again else address), address


def free_port(address: str) -> int:
    with socket.socket() as free:
        free.bind((address, 0))
        return int(free.getsockname()[1])


def _cpu_seconds(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
