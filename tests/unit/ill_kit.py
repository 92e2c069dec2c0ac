"""A fleet on a real service whose guests are all let in, so that silence has a reason."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import paramiko
import pytest

from sandbox.clock import Clock
from sandbox.hosts.app import Habits
from sandbox.hosts.fleet import Fleet
from sandbox.hosts.root import CUSTOM_IDS, USERS
from sandbox.hosts.spoiling import Guest
from sandbox.hosts.ssh import ADDRESS, USER
from sandbox.sls.accounts import Account, Key
from sandbox.sls.door import Door
from sandbox.sls.settings import Delays, Limits
from sandbox.sls.state import MachineGroup, Project, State
from tests.unit.agent_kit import A, B

GUEST = Guest(A, "app-b")
REGION = "cn-hangzhou"
PATIENCE = 30.0


def wait_for(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not happen within {PATIENCE:.0f} s")
        threading.Event().wait(0.02)


class Ward:
    """Hosts that beat in account A's group, until something is wrong with them."""

    def __init__(self, folder: Path, names: Sequence[str] = ("h1", "h2"), **more: Any) -> None:
        clock = Clock(more.pop("speed", 300.0))
        self.project, self.group = _project()
        state = State((self.project.account,), clock, Delays(), Limits())
        state.projects[self.project.name] = self.project
        habits = Habits(rate=1.0, history=5)
        more = {"account_id": B, "region": REGION, "guest": GUEST, "habits": habits, **more}
        self.fleet = Fleet(folder, names, clock=clock, door=Door(state), **more)
        for name in names:
            self.let_in(name)

    def __enter__(self) -> Self:
        self.fleet.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.fleet.stop()

    def let_in(self, name: str) -> None:
        root = self.fleet.root(name)
        (root / USERS).mkdir(exist_ok=True)
        (root / USERS / GUEST.account).touch()
        with (root / CUSTOM_IDS).open("a") as file:
            file.write(f"\n{GUEST.custom_id}\n")

    def heard(self, name: str) -> float:
        """When the group last heard of a host; 0 if never."""
        unique_id = self.fleet.machines[name].unique_id
        return self.group.beats.get(unique_id, (None, 0.0))[1]

    def heard_since(self, name: str, moment: float) -> bool:
        return self.heard(name) > moment

    def run(self, name: str, command: str, *, timeout: float = PATIENCE) -> tuple[int, str, str]:
        with self.connect(name) as client:
            _, out, err = client.exec_command(command, timeout=timeout)
            said = out.read().decode(), err.read().decode()
            return out.channel.recv_exit_status(), *said

    def connect(self, name: str, sock: Any = None) -> paramiko.SSHClient:
        host = next(host for host in self.fleet.hosts if host.name == name)
        return self.log_in(host.port, sock)

    def log_in(self, port: int, sock: Any = None) -> paramiko.SSHClient:
        client = paramiko.SSHClient()
        client.load_host_keys(str(self.fleet.known_hosts))
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        client.connect(
            ADDRESS,
            port,
            USER,
            key_filename=str(self.fleet.key_file),
            allow_agent=False,
            look_for_keys=False,
            timeout=2.0,
            banner_timeout=2.0,
            sock=sock,
        )
        return client


def _project() -> tuple[Project, MachineGroup]:
    owner = Account(A, REGION, (Key("ak", "secret"),))
    identity = {"machineIdentifyType": "userdefined", "machineList": [GUEST.custom_id]}
    group = MachineGroup({"groupName": "app-b", "groupAttribute": {}, **identity})
    return Project("project-a", owner, REGION, "", 0.0, groups={"app-b": group}), group
