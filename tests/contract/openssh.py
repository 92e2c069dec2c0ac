"""A real OpenSSH sshd on loopback, with its own config, host keys and user key."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.needs import lacking

SSHD = "/usr/sbin/sshd"
ADDRESS = "127.0.0.1"


def need_sshd() -> None:
    """Skip where sshd is not installed, but fail where CI promised it."""
    if not (Path(SSHD).exists() and shutil.which("ssh-keygen")):
        lacking(SSHD, "apt-get install openssh-server")


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=30)
    return path


class OpenSsh:
    """One sshd; `folder/bin` comes first in the PATH of what it runs."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder, self._more = folder, more
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self.key_file = make_key(folder / "user_key")
        self.host_keys = {kind: make_key(folder / f"host_{kind}", kind) for kind in KINDS}
        self.known_hosts = folder / "known_hosts"
        (folder / "bin").mkdir()
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd as root insists on it
        self._start()
        self.known_hosts.write_text(self.line("ed25519"))

    def line(self, kind: str, name: str = "") -> str:
        """The line of known_hosts for one of the host keys."""
        public = self.host_keys[kind].with_suffix(".pub").read_text().split()[:2]
        return f"{name or f'[{ADDRESS}]:{self.port}'} {' '.join(public)}\n"

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        if self._process.stderr:
            self._process.stderr.close()

    def _start(self) -> None:
        # sshd cannot pick a free port itself, so another process may take ours first.
        for _ in range(5):
            self.port = _free_port()
            self._process = subprocess.Popen(
                [SSHD, "-D", "-e", "-f", str(self._config())], stderr=subprocess.PIPE, text=True
            )
            if said := self._said_until("Server listening on"):
                break
            self.stop()
        else:
            pytest.fail(f"starting sshd: {said}")

    def _said_until(self, awaited: str) -> str:
        """The line that has it; "" when sshd ended without saying it."""
        assert self._process.stderr
        return next((line for line in self._process.stderr if awaited in line), "")

    def _config(self) -> Path:
        path = self.folder / "sshd_config"
        keys = "".join(f"HostKey {key}\n" for key in self.host_keys.values())
        config = CONFIG.format(address=ADDRESS, port=self.port, folder=self.folder)
        path.write_text(keys + config + self._more)
        return path


KINDS = ("ed25519", "ecdsa", "rsa")

CONFIG = """\
ListenAddress {address}:{port}
PidFile none
AuthorizedKeysFile {folder}/user_key.pub
AuthenticationMethods publickey
PermitRootLogin prohibit-password
PasswordAuthentication no
StrictModes no
UsePAM no
LogLevel INFO
MaxStartups 200
SetEnv PATH={folder}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin SHLVL=2
"""  # bash then reads no .bashrc: whatever is in the developer's own, it takes its time


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((ADDRESS, 0))
        return int(free.getsockname()[1])
