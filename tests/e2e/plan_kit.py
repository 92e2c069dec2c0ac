"""A plan in one process: the product's engine and SDK adapter, the SLS server, hosts of files."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aliyun.log import LogClient

from bot.credentials import fixed
from bot.sls import SlsProject, sls_client
from sandbox import source
from sandbox.clock import Clock
from sandbox.sls import Account, CrossReads, Key, SlsServer
from sandbox.sls.door import Beat, LogGroup
from sandbox.sls.journal import Entry
from tests.fake_hosts import FakeHosts
from tests.fakes import FakeNotifier, FakeQueue, FakeStore
from workflows.apps import App, Host, People, Side, Waits
from workflows.engine import Engine
from workflows.logmigrate import LOGMIGRATE
from workflows.model import ENDED, Event, EventKind, JobState
from workflows.service import Service
from workflows.step import Context

Json = dict[str, Any]
Change = Callable[["PlanWorld"], object]

REGION = "cn-hangzhou"
A, B = "1234567890123456", "1765432109876397"
KEYS = {A: Key("LTAI5tPlanTarget", "secret-of-a"), B: Key("LTAI5tPlanSource", "secret-of-b")}
OWNERS = {A: Key("LTAI5tOwnerTarget", "owner-of-a"), B: Key("LTAI5tOwnerSource", "owner-of-b")}
SOURCE = {"project": "shop-b", "logstore": "old-logs", "config": "access", "machine_group": "web"}
TARGET = {"project": "shop-a", "logstore": "app-b"}
HOSTS = ("h1", "h2", "h3")
CONF, AGENT = "/etc/ilogtail", "/usr/local/ilogtail"
APP = App(
    name="app-b",
    custom_id="app-b",
    source=Side("shop-b", "old-logs"),
    target=Side("shop-a", "app-b", "{config}", "app-b"),
    hosts=tuple(Host(name) for name in HOSTS),
)
KEYS_OF_A_LINE = source.LOG_CONFIG["inputDetail"]["key"]
LOOKS = 20  # of a worker at one plan


@dataclass
class PlanWorld:
    """B collects, nobody has moved anything; `app` and `keys` may be changed before `plan`."""

    server: SlsServer
    regions: dict[str, str]
    app: App = APP
    keys: dict[str, Key] = field(default_factory=lambda: {"source": KEYS[B], "target": KEYS[A]})

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.hosts = FakeHosts({name: _files(n) for n, name in enumerate(HOSTS, 11)})
        self.store = FakeStore(self.clock)  # type: ignore[arg-type]
        ids = (f"J{n}" for n in range(1, 100))
        self.service = Service(
            LOGMIGRATE, {"app-b": self.app}, People(), self.store, FakeQueue(), self.clock,
            lambda: next(ids),
        )  # fmt: skip

    def owner(self, account: str) -> LogClient:
        """An SDK client that may do everything in that account."""
        key, endpoint = OWNERS[account], f"{self.regions[account]}.log.aliyuncs.com"
        return source.client(endpoint, self.server.proxy, key.id, key.secret)

    def post(self, account: str, resource: str, body: Json) -> None:
        """Create something by its raw JSON, as a person may have done long ago."""
        project = "shop-b" if account == B else "shop-a"
        source._post(self.owner(account), project, resource, body)

    def get(self, account: str, resource: str) -> Json:
        project = "shop-b" if account == B else "shop-a"
        body, _ = self.owner(account)._send("GET", project, None, resource, {}, {})
        return dict(body)

    def put(self, account: str, resource: str, body: Json) -> None:
        project, raw = "shop-b" if account == B else "shop-a", json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "x-log-bodyrawsize": str(len(raw))}
        self.owner(account)._send("PUT", project, raw, resource, {}, headers)

    def beat(self) -> None:
        """Each host's agent says that it is there, and sends some lines."""
        now = int(self.clock.now())
        for n, name in enumerate(HOSTS, 11):
            ids = ("web",)
            beat = Beat(f"10.0.0.{n}", f"UUID-{n}", ids, frozenset({B}), "1.8.8", "Linux", REGION)
            self.server.door.beat(beat)
            fields = dict(
                zip(KEYS_OF_A_LINE, ("2026-11-22 14:03:05", "123", "INFO", "s", "m"), strict=True)
            )
            group = LogGroup("", f"10.0.0.{n}", {"__hostname__": name}, [(now - 5, fields)] * 5)
            assert self.server.door.put(frozenset({B}), "shop-b", "old-logs", group) == 200

    def plan(self) -> Event:
        """What the plan says. Fails where anything at all was changed by it."""
        files = copy.deepcopy({name: host.files for name, host in self.hosts.hosts.items()})
        mark = len(self.server.journal)
        service = replace(self.service, apps={"app-b": self.app})
        job_id = service.plan("app-b", "UALICE", "C1").id
        engine = self._engine()
        for _ in range(LOOKS):
            if self.store.load(job_id).state in {*ENDED, JobState.STOPPED}:
                break
            claim = self.store.claim(job_id)
            assert claim
            engine.advance(claim)
            self.store.release(claim, None)
        *_, planned = self.store.told[job_id]

        assert planned.kind is EventKind.PLANNED, planned
        assert self.written(mark) == []
        assert files == {name: host.files for name, host in self.hosts.hosts.items()}
        assert self.store.locks == {}
        return planned

    def written(self, mark: int) -> list[Entry]:
        return list(self.server.journal.writes(mark))

    def _engine(self) -> Engine:
        def project(side: str, named: Side) -> SlsProject:
            key, region = self.keys[side], self.regions[A if side == "target" else B]
            endpoint = f"http://{region}.log.aliyuncs.com"
            client = sls_client(endpoint, fixed(key.id, key.secret), self.server.proxy)
            return SlsProject(client, named.project, side)

        waits = Waits()
        context = Context(
            self.app, waits, self.hosts, project("source", self.app.source),
            project("target", self.app.target), self.clock,
        )  # fmt: skip
        world: Callable[[object], Context] = lambda _: context  # noqa: E731
        return Engine(LOGMIGRATE, self.store, FakeNotifier(), self.clock, waits, world)

    def with_app(self, **changes: Any) -> None:
        """Other settings: `source` and `target` take changes of a side each."""
        sides = {side: replace(getattr(self.app, side), **changes.pop(side, {}))
                 for side in ("source", "target")}  # fmt: skip
        self.app = replace(self.app, **sides, **changes)


@contextmanager
def world(
    *, cross_reads: CrossReads = CrossReads.NOT_FOUND, target_region: str = REGION
) -> Iterator[PlanWorld]:
    accounts = (
        Account(A, target_region, (KEYS[A], OWNERS[A])),
        Account(B, REGION, (KEYS[B], OWNERS[B])),
    )
    with SlsServer(accounts, Clock(speed=4000.0), cross_reads=cross_reads) as server:
        made = PlanWorld(server, {A: target_region, B: REGION})
        source.collect(made.owner(B), SOURCE, "web")
        made.owner(A).create_project("shop-a", "the shop's logs")
        made.beat()
        yield made


def row(planned: Event, title: str) -> str:
    """What the plan says of the row whose title begins so."""
    found = [line for line in planned.lines if line.startswith(title)]
    assert len(found) == 1, planned.lines
    return found[0]


def _files(number: int) -> dict[str, bytes]:
    info = {"ip": f"10.0.0.{number}", "UUID": f"UUID-{number}", "logtail_version": "1.8.8"}
    return {
        f"{CONF}/user_defined_id": b"web\n",
        f"{AGENT}/app_info.json": json.dumps(info).encode(),
        f"{AGENT}/user_log_config.json": b"[]",
    }
