"""A bench for one agent: its host folder, a door that records, and time that tests move."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

from sandbox.clock import Clock
from sandbox.hosts.agent import Agent
from sandbox.hosts.disk import RealDisk
from sandbox.hosts.root import Machine, inside, lay_out
from sandbox.sls.door import Answer, Beat, Delivered, LogGroup

B = "1700000000000397"
A = "1200000000000456"
NOON = 1_795_348_800.0
LOG = "/var/log/app-b/app.log"
MACHINE = ("ip", "env", "skew", "delivered_in")  # what a bench passes on to it


def delivered(name: str = "app-b", **wanted: Any) -> Delivered:
    """Return a config of simple lines, changed by `created`, `project` and inputDetail keys."""
    detail = {
        "logType": "common_reg_log",
        "logPath": "/var/log/app-b",
        "filePattern": "*.log",
        "topicFormat": "none",
    }
    created, project = wanted.pop("created", 100), wanted.pop("project", "project-b")
    account, input_type = wanted.pop("account", B), wanted.pop("inputType", "file")
    body = {
        "configName": name,
        "inputType": input_type,
        "inputDetail": detail | wanted,
        "outputDetail": {"logstoreName": f"{name}-store"},
    }
    return Delivered(project, name, account, body, created)


class RecordingDoor:
    """Delivers `configs`, answers `status`, keeps beats and the groups it took."""

    def __init__(self) -> None:
        self.configs: tuple[Delivered, ...] = ()
        self.status = 200
        self.code = ""
        self.refuses = ""  # a project that is answered 503
        self.beats: list[Beat] = []
        self.tries = 0
        self.now = NOON
        self.groups: list[tuple[frozenset[str], str, str, LogGroup]] = []

    def beat(self, beat: Beat) -> tuple[Delivered, ...]:
        self.beats.append(beat)
        return self.configs

    def put(
        self,
        accounts: frozenset[str],
        project: str,
        logstore: str,
        group: LogGroup,
        at: float | None = None,
    ) -> Answer:
        self.tries += 1
        if at is not None and abs(at - self.now) > 900:
            return Answer.of(400, "RequestTimeExpired")
        if project == self.refuses:
            return Answer.of(503, "ServerBusy")
        if self.status == 200:
            self.groups.append((accounts, project, logstore, group))
        return Answer.of(self.status, self.code)

    def lines(self, logstore: str = "app-b-store") -> list[str]:
        return [log["content"] for log in self.fields(logstore)]

    def fields(self, logstore: str = "app-b-store") -> list[dict[str, str]]:
        groups = [group for _, _, store, group in self.groups if store == logstore]
        return [dict(fields) for group in groups for _, fields in group.logs]


class Bench:
    """One host. `round(seconds)` lets that many seconds pass before the agent's next round."""

    def __init__(
        self, folder: Path, version: str = "1.8.8", speed: float = 1.0, **more: Any
    ) -> None:
        self.root = folder / "h1"
        machine = {name: more.pop(name) for name in MACHINE if name in more}
        said = {"name": "h1", "ip": "10.0.0.11", "region": "cn-hangzhou", "version": version}
        self.machine = Machine(**(said | machine))
        self.agent_settings = more
        self.door = RecordingDoor()
        self.clock = Clock(speed)
        self.now = NOON
        lay_out(self.root, self.machine, "app-b-hosts")
        self.agent = self._agent()

    def deliver(self, *configs: Delivered) -> None:
        """Have these configs in force, whatever time the delivery takes."""
        self.door.configs = configs
        if self.agent.running:
            self.round(180)
        else:
            self.start()

    def start(self) -> None:
        self.agent.start(self.now)
        self.round()

    def round(self, seconds: float = 0.0) -> None:
        self.now += seconds
        self.door.now = self.now
        self.agent.round(self.now)

    def restart(self, *, clean: bool) -> None:
        """End the agent's life and begin another, as a new process would."""
        (self.agent.stop if clean else self.agent.kill)(self.now)
        self.agent = self._agent()
        self.start()

    def write(self, text: str, path: str = LOG) -> None:
        file = self.path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as out:
            out.write(text)
        self.touch(self.now, path)

    def touch(self, at: float, path: str = LOG) -> None:
        os.utime(self.path(path), (at, at))

    def path(self, path: str = LOG) -> Path:
        return inside(self.root, path)

    def _agent(self) -> Agent:
        return Agent(
            self.machine,
            RealDisk(self.root),
            own_account=B,
            door=self.door,  # type: ignore[arg-type]  # a double of the two methods used
            clock=self.clock,
            rng=random.Random(7),
            truth=self.root.parent / "truth-h1.jsonl",
            **self.agent_settings,
        )
