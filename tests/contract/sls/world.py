"""An SLS server with one project, and the ways to ask it: the official SDK, or by hand."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import pytest
from aliyun.log import (
    GetHistogramsRequest,
    IndexConfig,
    IndexKeyConfig,
    IndexLineConfig,
    LogClient,
    LogException,
    LogItem,
    MachineGroupDetail,
    PutLogsRequest,
)
from aliyun.log.auth import make_auth
from aliyun.log.credentials import StaticCredentialsProvider
from aliyun.log.logtail_config_detail import FullRegFileConfigDetail

from sandbox.clock import Clock
from sandbox.sls import Account, Key, SlsServer
from sandbox.sls.door import Beat, LogGroup

ENDPOINT = "cn-hangzhou.log.aliyuncs.com"
SOURCE_KEY = Key("source-key", "source-secret")
TARGET_KEY = Key("target-key", "target-secret")
BOUND_KEY = Key("bound-key", "bound-secret", frozenset({"log:DeleteConfig", "log:ListProject"}))
SOURCE = Account("1000000000000002", "cn-hangzhou", (SOURCE_KEY, BOUND_KEY))
TARGET = Account("1000000000000001", "cn-hangzhou", (TARGET_KEY,))
ACCOUNTS = (SOURCE, TARGET)
TOKENS = list(", '\";=()[]{}?@&<>/:\n\t\r")


@dataclass(frozen=True)
class Shifted(Clock):
    """A clock that tests move forward instead of waiting."""

    shift: list[float] = field(default_factory=lambda: [0.0])

    def now(self) -> float:
        return time.time() + self.shift[0]

    def forward(self, seconds: float) -> None:
        self.shift[0] += seconds


class World:
    """A server with project `web` of the source account, and SDK clients for it."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Shifted()
        self.server = SlsServer(ACCOUNTS, self.clock, **settings).start()
        self._clients: list[Any] = []
        self.source = self.client(SOURCE_KEY)
        self.target = self.client(TARGET_KEY)
        self.source.create_project("web", "shop")

    def client(self, key: Key, endpoint: str = ENDPOINT, secret: str = "", **signing: str) -> Any:
        secret = secret or key.secret
        client: Any = LogClient(endpoint, key.id, secret, source="10.0.0.1", **signing)
        client._session.trust_env = False
        client._session.proxies = {"http": self.server.proxy}
        self._clients.append(client)
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client._session.close()
        self.server.stop()

    def logstore(self, name: str = "app", *, index: bool = True, **settings: Any) -> str:
        self.source.create_logstore("web", name, **settings)
        self.clock.forward(40)
        if index:
            self.source.create_index("web", name, full_text())
            self.clock.forward(60)
        return name

    def write(self, count: int, logstore: str = "app", **more: Any) -> int:
        """Put `count` lines of the present second; returns that second."""
        now = int(self.clock.now())
        items = [LogItem(now, contents=[("message", f"line {n}")]) for n in range(count)]
        self.source.put_logs(PutLogsRequest("web", logstore, logitems=items, **more))
        return now

    def histogram(self, start: int, end: int, query: str = "*", logstore: str = "app") -> Any:
        request = GetHistogramsRequest("web", logstore, start, end, query=query)
        return self.source.get_histograms(request)

    def pulled(self, logstore: str = "app", **how: Any) -> list[dict[str, str]]:
        lines = []
        for shard in self.source.list_shards("web", logstore).get_shards_info():
            start = self.source.get_begin_cursor("web", logstore, shard["shardID"]).get_cursor()
            answer = self.source.pull_logs("web", logstore, shard["shardID"], start, **how)
            lines += answer.get_flatten_logs_json()
        return lines

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str | None] | None = None,
        params: dict[str, str] | None = None,
        key: Key = SOURCE_KEY,
        project: str = "web",
    ) -> tuple[int, dict[str, str], Any]:
        """A request signed by the SDK's own code and then changed; None takes a header away."""
        signed: dict[str, Any] = {"x-log-apiversion": "0.6.0", "Content-Length": str(len(body))}
        signed |= {"x-log-bodyrawsize": str(len(body)), "Content-Type": "application/json"}
        auth = make_auth(StaticCredentialsProvider(key.id, key.secret))
        auth.sign_request(method, path, params or {}, signed, body)
        signed["Host"] = f"{project}.{ENDPOINT}"
        query = "&".join(f"{name}={value}" for name, value in (params or {}).items())
        target = f"{path}?{query}" if query else path
        return by_hand(self.server.port, method, target, signed | dict(headers or {}), body)


def by_hand(
    port: int,
    method: str,
    target: str,
    headers: dict[str, Any],
    body: bytes = b"",
    parse: Callable[[bytes], Any] = json.loads,
) -> tuple[int, dict[str, str], Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        text = answer.read()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, names, parse(text) if text else None
    finally:
        connection.close()


def full_text(keys: dict[str, IndexKeyConfig] | None = None) -> IndexConfig:
    return IndexConfig(line_config=IndexLineConfig(TOKENS), key_config_list=keys)


class Unlooked(FullRegFileConfigDetail):
    """A config for a logstore that the client does not look for first, as it otherwise does."""

    @property
    def logstore_name(self) -> str:
        return ""


def regex_config(name: str = "nginx", logstore: str = "app", **more: Any) -> Any:
    """With `logstore=""` it is for `app`, which need not be there."""
    kind = FullRegFileConfigDetail if logstore else Unlooked
    return kind(logstore or "app", name, "/var/log/app", "*.log", "a line", **more)


def beat(ip: str = "10.0.0.11", ids: tuple[str, ...] = ("app-b",), **more: Any) -> Beat:
    said: dict[str, Any] = {
        "unique_id": f"uid-{ip}",
        "accounts": frozenset({SOURCE.id}),
        "version": "3.2.6",
        "os": "Linux",
        "region": "cn-hangzhou",
    }
    return Beat(ip=ip, ids=ids, **(said | more))


def refusal(call: Callable[[], object]) -> tuple[int, str, str]:
    with pytest.raises(LogException) as caught:
        call()
    error: Any = caught.value
    return error.resp_status, error.get_error_code(), error.get_error_message()


def add_group(world: World, name: str = "hosts", ids: tuple[str, ...] = ("app-b",)) -> None:
    listed: Any = list(ids)
    detail = MachineGroupDetail(name, "userdefined", listed, group_attribute={"groupTopic": ""})
    world.source.create_machine_group("web", detail)


def put_at_door(world: World, count: int, accounts: frozenset[str], **where: str) -> int:
    place = {"project": "web", "logstore": "app"} | where
    logs = [(int(world.clock.now()), {"message": f"line {n}"}) for n in range(count)]
    group = LogGroup("", "10.0.0.11", {"__path__": "/var/log/app.log"}, logs)
    return world.server.door.put(accounts, place["project"], place["logstore"], group)
