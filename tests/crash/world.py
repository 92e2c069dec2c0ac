"""The migration on fakes: three hosts whose agents do what the service tells them, second by second."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fake_hosts import FakeHosts
from tests.fakes import FakeClock, FakeNotifier, FakeQueue, FakeSls, FakeStore
from workflows.apps import App, Host, People, Side, Waits
from workflows.engine import Engine
from workflows.logmigrate import LOGMIGRATE
from workflows.model import ENDED, Claim, Job, JobState, RecordState
from workflows.ports import Machine
from workflows.service import Service
from workflows.step import Context

WAITS = Waits(
    look=3, heartbeat=120, fresh=30, appear=90, index=3, delivery=120, minute=4, minutes=2,
    settle=2, soak=6, proof=120, outage=300, approval=3600, alone=9, quiet=6,
)  # fmt: skip
A, B = "1234567890123456", "1765432109876397"
CONF, AGENT = "/etc/ilogtail", "/usr/local/ilogtail"
APP = App(
    name="app-b",
    custom_id="app-b",
    source=Side("shop-b", "old-logs", "old-config", "old-hosts"),
    target=Side("shop-a", "app-b", "app-b", "app-b"),
    hosts=tuple(Host(name) for name in ("h1", "h2", "h3")),
)
ALICE, BOB = "UALICE", "UBOB"
OLD_CONFIG = {
    "configName": "old-config",
    "inputType": "file",
    "inputDetail": {
        "logType": "common_reg_log",
        "logPath": "/var/log/app-b",
        "filePattern": "app.log",
        "regex": r"(\d+-\d+-\d+ \d+:\d+:\d+) (.*)",
        "key": ["time", "message"],
        "timeKey": "time",
        "timeFormat": "%Y-%m-%d %H:%M:%S",
        "logBeginRegex": ".*",
        "topicFormat": "none",
    },
    "outputType": "LogService",
    "outputDetail": {"logstoreName": "old-logs", "projectName": "shop-b"},
    "logSample": "2026-11-22 14:03:05 order paid",
}
GROUP = {
    "groupName": "app-b",
    "groupType": "",
    "machineIdentifyType": "userdefined",
    "machineList": ["app-b"],
    "groupAttribute": {"groupTopic": "", "externalName": ""},
}
SECONDS = 3000  # of the world; a story that is not over by then hangs

Wrap = Callable[[Any], Any]


class Killed(BaseException):
    """Like SIGKILL: no `except Exception` sees it."""


@dataclass
class Death:
    """Counts the calls of all ports together and dies at the n-th tick; two ticks a call."""

    left: int

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


class Dying:
    """A port whose process dies around one of its calls: before the effect, or after it."""

    def __init__(self, port: Any, death: Death) -> None:
        self._port, self._death = port, death

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._death.tick()
            answer = found(*args, **kwargs)
            self._death.tick()
            return answer

        return call


def untouched(port: Any) -> Any:
    return port


@dataclass
class World:
    """One job from its start to its end; `wrap` stands between the worker and each port."""

    clock: FakeClock = field(default_factory=FakeClock)
    app: App = APP

    def __post_init__(self) -> None:
        self.store, self.notifier = FakeStore(self.clock), FakeNotifier()
        self.source, self.target = FakeSls(B, self.clock), FakeSls(A, self.clock)
        self.dead = set[str]()  # hosts whose agent and application have ended
        self.hosts = FakeHosts({host.name: _files(n) for n, host in enumerate(APP.hosts, 11)})
        self._collect_into_b()
        ids = (f"J{n}" for n in itertools.count(1))
        self.service = Service(
            LOGMIGRATE, {APP.name: self.app}, People(frozenset({BOB})), self.store, FakeQueue(),
            self.clock, lambda: next(ids),
        )  # fmt: skip

    def _collect_into_b(self) -> None:
        sls = self.source
        sls.logstore_bodies["old-logs"] = {"logstoreName": "old-logs", "ttl": 30, "shardCount": 2}
        sls.indexes["old-logs"] = {"line": {"token": [","]}}
        sls.config_bodies["old-config"] = dict(OLD_CONFIG)
        sls.groups["old-hosts"] = {
            "groupName": "old-hosts", "machineIdentifyType": "userdefined",
            "machineList": ["old-hosts"],
        }  # fmt: skip
        sls.bound.add(("old-config", "old-hosts"))

    def engine(self, wrap: Wrap = untouched) -> Engine:
        hosts, source, target = wrap(self.hosts), wrap(self.source), wrap(self.target)
        context = Context(self.app, WAITS, hosts, source, target, self.clock)
        store, notifier = wrap(self.store), wrap(self.notifier)
        return Engine(LOGMIGRATE, store, notifier, self.clock, WAITS, lambda app: context)

    @property
    def job(self) -> Job:
        return self.store.load("J1")

    def asked(self) -> str:
        """The question that is open, or ""."""
        names = (r.name for r in self.job.records if r.state is RecordState.ASKED)
        return next(names, "") if self.job.state is JobState.WAITING else ""

    def start(self) -> World:
        self.service.start(APP.name, ALICE, "C1")
        return self

    def second(self) -> None:
        """One second in which agents beat, fetch and ship."""
        self.clock.tick(1)
        now = int(self.clock.now())
        hosts = [(n, host.name) for n, host in enumerate(APP.hosts, 11)]
        held = {f"10.0.0.{n}": self._agent(name, n) for n, name in hosts if name not in self.dead}
        for sls, side in ((self.source, APP.source), (self.target, APP.target)):
            fed = {f"##1.0##{side.project}${name}" for name, _ in sls.configs(side.logstore)}
            for address, keys in held.items():
                sls.ship(side.logstore, now, address, len(fed & keys))

    def _agent(self, name: str, number: int) -> set[str]:
        files = self.hosts.hosts[name].files
        ids = files[f"{CONF}/user_defined_id"].decode().split("\n")
        accounts = {B} | ({A} if f"{CONF}/users/{A}" in files else set())
        keys = set[str]()
        for sls, project in ((self.source, "shop-b"), (self.target, "shop-a")):
            if sls.owner in accounts:
                keys |= self._beat(sls, project, ids, number)
        files[f"{AGENT}/user_log_config.json"] = json.dumps(sorted(keys)).encode()
        return keys

    def _beat(self, sls: FakeSls, project: str, ids: list[str], number: int) -> set[str]:
        keys = set[str]()
        for group, body in sls.groups.items():
            if set(ids) & set(body["machineList"]):
                me = Machine(f"10.0.0.{number}", f"UUID-{number}", self.clock.now())
                others = (m for m in sls.beats.get(group, ()) if m.ip != me.ip)
                sls.beats[group] = (*others, me)
                keys |= {f"##1.0##{project}${config}" for config in sls.configs_of(group)}
        return keys

    def look(self, engine: Engine, store: Any) -> None:
        """What a worker does with a hint."""
        claim = store.claim("J1")
        if claim is None:
            return
        newest: list[Claim] = [claim]
        seconds = engine.advance(claim, saved=newest.append)
        store.release(newest[-1], seconds)

    def live(self, people: Callable[[World], None], wrap: Wrap = untouched) -> None:
        """Let time pass, a worker look when something is due, and people press, until the end."""
        engine, store = self.engine(wrap), wrap(self.store)
        for _ in range(SECONDS):
            for _job in self.store.due():
                self.look(engine, store)
            self.second()
            people(self)
            if self.job.state in ENDED:
                return
        raise AssertionError(f"hangs: {self.job}")

    def surroundings(self) -> tuple[object, ...]:
        """Hosts' files and both accounts, without what the service stamps by itself."""
        files = {name: _stable(host.files) for name, host in self.hosts.hosts.items()}
        return files, self.source.snapshot(), self.target.snapshot()

    def forget_what_was_collected(self) -> None:
        """Empty and drop the target's logstore, as a person may after a roll back."""
        self.target.delete_logstore("app-b")

    def snapshot(self) -> tuple[object, ...]:
        """All that must be the same whatever happened on the way, each effect and its order too."""
        journals = (self.source.journal, self.target.journal)
        return self.job.state, self.store.locks, self.surroundings(), journals


def _files(number: int) -> dict[str, bytes]:
    info = {"ip": f"10.0.0.{number}", "UUID": f"UUID-{number}", "logtail_version": "1.8.8"}
    ids = b"old-hosts" if number == 13 else b"old-hosts\n"
    return {
        f"{CONF}/user_defined_id": ids,
        f"{AGENT}/app_info.json": json.dumps(info).encode(),
    }


def _stable(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if "user_log_config" not in path}
