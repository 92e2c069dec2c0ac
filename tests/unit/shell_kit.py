"""Commands run by the machine's own /bin/sh, without any SSH between."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from workflows.apps import Host
from workflows.ports import Command
from workflows.steps.on_host.commands import (
    AddIdentity,
    HostFacts,
    Look,
    Removed,
    RemoveIdentity,
    take_back,
)

ACCOUNT = "1234567890123456"
OURS = "app-b"  # the custom id
APP = "b"
OTHER = "c"  # another app


def sh(
    command: Command, *, shell: str = "/bin/sh", path: str = "", **how: Any
) -> subprocess.CompletedProcess[bytes]:
    env = {"PATH": path or os.environ["PATH"]}
    return subprocess.run(
        [shell, "-s"],
        input=command.script.encode(),
        capture_output=True,
        env=env,
        timeout=60,
        **how,
    )


def said(command: Command, **how: Any) -> str:
    done = sh(command, **how)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def last_word(command: Command, **how: Any) -> str:
    return said(command, **how).split()[-1]


def trouble(command: Command, **how: Any) -> str:
    done = sh(command, **how)
    assert done.returncode != 0, done.stdout.decode()
    return done.stderr.decode().strip()


def facts(host: Host, custom_id: str = OURS) -> HostFacts:
    return HostFacts.parse(said(Look(host, ACCOUNT, custom_id)))


def add(host: Host, app: str = APP, custom_id: str = OURS) -> AddIdentity:
    return AddIdentity(host, app, ACCOUNT, custom_id)


def undo(host: Host, before: HostFacts, app: str = APP, custom_id: str = OURS) -> RemoveIdentity:
    """What takes back the app's coming; `before` as it was looked at for the same custom id."""
    command = take_back(host, app, ACCOUNT, custom_id, before.before(app))
    assert command
    return command


def removed(command: RemoveIdentity, **how: Any) -> Removed:
    return Removed.parse(said(command, **how))


def book(host: Host) -> list[str]:
    """The lines of the host's ledger; none where it is gone."""
    path = Path(host.conf_dir, ".logmigrate")
    return path.read_text().splitlines() if path.exists() else []


def tree(host: Host) -> dict[str, bytes | None]:
    found = Path(host.conf_dir).rglob("*")
    return {str(path): path.read_bytes() if path.is_file() else None for path in found}


def make_host(folder: Path) -> Host:
    """A host with all that a quoted value must survive in the names of its folders."""
    conf, agent = folder / "etc $(x) 'il", folder / 'agent "x"'
    conf.mkdir()
    agent.mkdir()
    return Host("h1", str(conf), str(agent))
