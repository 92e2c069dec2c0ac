"""A move between two accounts whose keys may do what docs/ram/ says, and nothing else.

The service is the emulator without its port: every request of the official SDK is signed, checked
and answered in the calling thread. Time is the test's: a second passes when it says so.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from bot.credentials import Provider, fixed
from bot.sls import SlsProject, sls_client
from sandbox.clock import Clock
from sandbox.readers import look_at
from sandbox.sls import Account, Delays, Key, Policy, SlsServer
from sandbox.sls.answer import answer
from sandbox.sls.door import Beat, LogGroup
from sandbox.sls.requests import Request
from tests.contract.ram_files import filled
from tests.contract.rights_things import CLASSIC, GROUP, PIPELINE
from tests.fake_hosts import FakeHosts
from tests.fakes import FakeNotifier, FakeQueue, FakeStore
from workflows.apps import App, Host, People, Side, Waits
from workflows.engine import Engine
from workflows.logmigrate import LOGMIGRATE
from workflows.model import ENDED, Claim, Job, JobState, RecordState
from workflows.service import Service
from workflows.step import Context

FILES = {"source": ("source.json", "source-rollback.json"), "target": ("target.json",)}
REGION, A, B = "cn-hangzhou", "1234567890123456", "1765432109876397"
ENDPOINT = f"http://{REGION}.log.aliyuncs.com"
PLACES = {
    "region": REGION,
    "source account": B,
    "source project": "shop-b",
    "source logstore": "old-logs",
    "target account": A,
    "target project": "shop-a",
    "target logstore": "app-b",
}
OWNERS = {"source": Key("LTAIownsB", "b"), "target": Key("LTAIownsA", "a")}
KEYS = {"source": "LTAImovesB", "target": "LTAImovesA"}
WAITS = Waits(
    look=3, heartbeat=120, fresh=30, appear=90, index=3, delivery=120, minute=4, minutes=2,
    settle=2, soak=6, proof=120, outage=60, approval=3600, alone=6,
)  # fmt: skip
AT_ONCE = Delays(logstore_ready=0, index_effect=0, searchable=0)
APP = App(
    name="app-b",
    custom_id="app-b",
    source=Side("shop-b", "old-logs"),
    target=Side("shop-a", "app-b", "{config}", "app-b"),
    hosts=(Host("h1"), Host("h2")),
)
ALICE, BOB = "UALICE", "UBOB"
CONF, AGENT = "/etc/ilogtail", "/usr/local/ilogtail"
LOGSTORE = {"ttl": 30, "shardCount": 2}
SECONDS = 1500  # of a story; requests are signed in real time, and may be 900 s off


def actions(side: str) -> list[str]:
    """All that the policies of a side allow."""
    statements = (one for name in FILES[side] for one in filled(name, PLACES)["Statement"])
    return [action for statement in statements for action in statement["Action"]]


def policies(side: str, without: str = "") -> tuple[Policy, ...]:
    """Those of a side, one action less if it is named."""
    found = [filled(name, PLACES) for name in FILES[side]]
    for statement in (one for document in found for one in document["Statement"]):
        statement["Action"] = [one for one in statement["Action"] if one != without]
    for document in found:
        document["Statement"] = [one for one in document["Statement"] if one["Action"]]
    return tuple(map(Policy.of, (one for one in found if one["Statement"])))


@dataclass(frozen=True)
class Own(Clock):
    """Starts a little in the past, so that a story may take twice as long."""

    at: list[float] = field(default_factory=lambda: [time.time() - 800])

    def now(self) -> float:
        return self.at[0]

    def tick(self, seconds: float) -> None:
        self.at[0] += seconds


class Within(BaseAdapter):
    """Carries the SDK's requests into the emulator without a connection."""

    def __init__(self, server: SlsServer) -> None:
        super().__init__()
        self.server = server

    def send(self, request: PreparedRequest, **_: Any) -> Response:  # type: ignore[override]
        url = urlsplit(str(request.url))
        target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        body: Any = request.body or b""
        asked = Request(
            str(request.method), target, headers, body if isinstance(body, bytes) else body.encode()
        )
        done = answer(self.server.state, self.server.journal, asked, self.server.faults)
        response = Response()
        response.status_code, response._content = done.status, done.body
        response.headers = CaseInsensitiveDict(done.headers)
        response.request = request
        return response

    def close(self) -> None: ...


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()


class RightsWorld:
    """One move; `without` is the action that a side's policies lack, by side."""

    def __init__(self, without: Mapping[str, str] | None = None) -> None:
        lacking = without or {}
        self.clock = Own()
        keys = {
            side: Key(name, "hush", policies=policies(side, lacking.get(side, "")))
            for side, name in KEYS.items()
        }
        self.accounts = (
            Account(B, REGION, (OWNERS["source"], keys["source"])),
            Account(A, REGION, (OWNERS["target"], keys["target"])),
        )
        self.server = SlsServer(self.accounts, self.clock, delays=AT_ONCE)
        self.store, self.notifier = FakeStore(self.clock), FakeNotifier()  # type: ignore[arg-type]
        self.hosts = FakeHosts({host.name: _files(n) for n, host in enumerate(APP.hosts, 11)})
        self._collect_into_b()
        self.source = SlsProject(self.client(keys["source"]), "shop-b", "source")
        self.target = SlsProject(self.client(keys["target"]), "shop-a", "target")
        ids = (f"J{n}" for n in itertools.count(1))
        self.service = Service(
            LOGMIGRATE, {APP.name: APP}, People(frozenset({BOB})), self.store, FakeQueue(),
            self.clock, lambda: next(ids),
        )  # fmt: skip

    def client(self, key: Key) -> Any:
        return self.client_of(fixed(key.id, key.secret))

    def client_of(self, provider: Provider) -> Any:
        client = sls_client(ENDPOINT, provider)
        client._session.mount("http://", Within(self.server))
        return client

    def _collect_into_b(self) -> None:
        client = self.client(OWNERS["source"])
        client.create_project("shop-b", "")
        self.client(OWNERS["target"]).create_project("shop-a", "")
        theirs = SlsProject(client, "shop-b", "source")
        theirs.create_logstore({**LOGSTORE, "logstoreName": "old-logs"})
        theirs.create_index("old-logs", {"line": {"token": [","], "caseSensitive": False}})
        theirs.create_machine_group(GROUP)
        for body in (CLASSIC, PIPELINE):
            theirs.create_config(body)
            theirs.apply(body["configName"], "old-hosts")
        look_at(client, {"project": "shop-b", "logstore": "old-logs"})
        for _ in range(5):
            self.second()

    def has_logstore(self) -> None:
        """Let the target have the logstore as it is wanted, but without an index."""
        theirs = SlsProject(self.client(OWNERS["target"]), "shop-a", "target")
        theirs.create_logstore({**LOGSTORE, "logstoreName": "app-b"})

    @property
    def context(self) -> Context:
        return Context(APP, WAITS, self.hosts, self.source, self.target, self.clock)

    @property
    def job(self) -> Job:
        return self.store.load("J1")

    def refused_only(self, side: str) -> bool:
        """Whether the service refused something of that side, and nothing else."""
        account = {"source": B, "target": A}[side]
        refused = [e for e in self.server.journal.since() if e.status in {401, 403}]
        return {e.account for e in refused} == {account}

    def said(self) -> str:
        """Everything that was told of the job."""
        return "; ".join((self.job.reason, *(event.text for event in self.store.told["J1"])))

    def second(self) -> None:
        """One second in which agents beat, fetch and ship a line of each file."""
        self.clock.tick(1)
        for number, host in enumerate(APP.hosts, 11):
            self._agent(host.name, number)

    def _agent(self, name: str, number: int) -> None:
        files, ip, door = self.hosts.hosts[name].files, f"10.0.0.{number}", self.server.door
        ids = tuple(files[f"{CONF}/user_defined_id"].decode().split())
        accounts = frozenset({B} | ({A} if f"{CONF}/users/{A}" in files else set()))
        beat = Beat(ip, f"UUID-{number}", ids, accounts, "1.8.8", "Linux", REGION)
        held = door.beat(beat)
        keys = sorted(config.key for config in held)
        files[f"{AGENT}/user_log_config.json"] = json.dumps(keys).encode()
        now = int(self.clock.now())
        for config in held:
            path = config.name.removeprefix("old-")
            tags = {"__hostname__": name, "__path__": f"/var/log/app-b/{path}"}
            group = LogGroup("", ip, tags, [(now, {"message": f"{path} of {now}"})])
            door.put(accounts, config.project, _logstore(config.body), group)

    def start(self) -> None:
        self.service.start(APP.name, ALICE, "C1")

    def live(self, until: Callable[[RightsWorld], bool]) -> None:
        """Let time pass, and bob agree to everything, until something is so or all is over."""
        engine = Engine(
            LOGMIGRATE, self.store, self.notifier, self.clock, WAITS, lambda _app: self.context
        )
        for _ in range(SECONDS):
            for _job in self.store.due():
                self._look(engine)
            if until(self) or self.job.state in ENDED or self.job.state is JobState.STOPPED:
                return
            self._agree()
            self.second()
        raise AssertionError(f"hangs: {self.job}")

    def _look(self, engine: Engine) -> None:
        claim = self.store.claim("J1")
        if claim is None:
            return
        newest: list[Claim] = [claim]
        seconds = engine.advance(claim, saved=newest.append)
        self.store.release(newest[-1], seconds)

    def _agree(self) -> None:
        if self.job.state is not JobState.WAITING:
            return
        for record in self.job.records:
            if record.state is RecordState.ASKED:
                self.service.approve("J1", record.name, record.shown, BOB)


def _logstore(body: Mapping[str, Any]) -> str:
    if "flushers" in body:
        return str(body["flushers"][0]["Logstore"])
    return str(body["outputDetail"]["logstoreName"])


def _files(number: int) -> dict[str, bytes]:
    info = {"ip": f"10.0.0.{number}", "UUID": f"UUID-{number}", "logtail_version": "1.8.8"}
    return {
        f"{CONF}/user_defined_id": b"old-hosts\n",
        f"{AGENT}/app_info.json": json.dumps(info).encode(),
    }
