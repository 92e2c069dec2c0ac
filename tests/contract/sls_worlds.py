"""The two worlds in which the port Sls is tested: the fake, and the adapter on a real server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from bot.credentials import fixed
from bot.sls import SlsProject, sls_client
from sandbox.sls import Account, CrossReads, Key, SlsServer
from sandbox.sls.door import Beat, LogGroup
from tests.contract.sls.world import Shifted
from tests.fakes import FakeClock, FakeSls
from workflows.errors import NotYet
from workflows.model import Facts
from workflows.ports import Machine, Sls

OWNER, OTHER, REGION = "1234567890123456", "1765432109876397", "cn-hangzhou"
ENDPOINT = f"http://{REGION}.log.aliyuncs.com"
KEY = Key("LTAI5tContract", "contract-secret")
LOGSTORE = {"logstoreName": "app-b", "ttl": 30, "shardCount": 2}
CONFIG: Facts = {
    "configName": "app-b",
    "inputType": "file",
    "inputDetail": {
        "logType": "common_reg_log",
        "logPath": "/var/log/app-b",
        "filePattern": "*.log",
        "regex": "(.*)",
        "key": ["content"],
        "advanced": {"force_multiconfig": True, "tail_size_kb": 2048},
    },
    "outputType": "LogService",
    "outputDetail": {"logstoreName": "app-b", "telemetryType": "logs"},
}
GROUP = {
    "groupName": "app-b",
    "groupType": "",
    "machineIdentifyType": "userdefined",
    "machineList": ["app-b"],
    "groupAttribute": {"groupTopic": "", "externalName": ""},
}


class World(Protocol):
    sls: Sls

    def beats(self, ip: str) -> None: ...
    def writes(self, second: int, lines: int) -> None: ...
    def passes(self) -> None: ...
    def later(self, seconds: float) -> None: ...
    def now(self) -> float: ...


class FakeWorld:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.fake = FakeSls(OWNER, self.clock)
        self.sls: Sls = self.fake

    def beats(self, ip: str) -> None:
        self.fake.beats["app-b"] = (Machine(ip, "UUID-1", self.clock.now()),)

    def writes(self, second: int, lines: int) -> None:
        self.fake.lines["app-b"][second] += lines

    def passes(self) -> None:
        self.clock.tick(1)

    def later(self, seconds: float) -> None:
        self.clock.tick(seconds)

    def now(self) -> float:
        return self.clock.now()


class ServerWorld:
    """Lists are read two names a page, so that every list of three has more than one."""

    def __init__(self, server: SlsServer) -> None:
        self.server = server
        self.sls: Sls = SlsProject(a_client(server), "shop-a", "target", page=2)
        a_client(server).create_project("shop-a", "")

    def beats(self, ip: str) -> None:
        beat = Beat(ip, "UUID-1", ("app-b",), frozenset({OWNER}), "1.8.8", "Linux", REGION)
        self.server.door.beat(beat)

    def writes(self, second: int, lines: int) -> None:
        group = LogGroup("", "10.0.0.11", {}, [(second, {"content": "x"})] * lines)
        assert self.server.door.put(frozenset({OWNER}), "shop-a", "app-b", group) == 200

    def passes(self) -> None:
        """Time passes by itself."""

    def later(self, seconds: float) -> None:
        clock = self.server.state.clock
        assert isinstance(clock, Shifted)
        clock.forward(seconds)

    def now(self) -> float:
        return self.server.state.clock.now()


def a_client(server: SlsServer, key: Key = KEY) -> Any:
    return sls_client(ENDPOINT, fixed(key.id, key.secret), server.proxy)


def eventually(world: World, look: Callable[[], Any]) -> Any:
    """The first answer of `look` that is neither None nor NotYet."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if (found := look()) is not None:
                return found
        except NotYet:
            pass
        world.passes()
    raise AssertionError("not in time")


def made(call: Callable[[], object]) -> Callable[[], bool]:
    """An effect to be repeated until what it needs is there, as the engine repeats a step."""

    def look() -> bool:
        call()
        return True

    return look


@contextmanager
def a_server(cross_reads: CrossReads = CrossReads.NOT_FOUND) -> Iterator[SlsServer]:
    accounts = (Account(OWNER, REGION, (KEY,)), Account(OTHER, REGION, (Key("LTAIother", "x"),)))
    with SlsServer(accounts, Shifted(speed=200.0), cross_reads=cross_reads) as running:
        yield running


@contextmanager
def a_world(kind: str) -> Iterator[World]:
    """The world of that kind: "fake", "server", or "strict", a server that answers cross reads 400."""
    if kind == "fake":
        yield FakeWorld()
        return
    with a_server(CrossReads.BAD_REQUEST if kind == "strict" else CrossReads.NOT_FOUND) as server:
        yield ServerWorld(server)


def a_logstore(world: World, name: str = "app-b") -> Sls:
    """One that takes lines."""
    world.sls.create_logstore({**LOGSTORE, "logstoreName": name})
    eventually(world, made(lambda: world.sls.shards(name)))
    return world.sls
