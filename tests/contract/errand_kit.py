"""Workers that share host work over one Redis, on hosts that only count who asked them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.crew import Crew, Fleet
from bot.errands import Errand, Errands, Packed
from bot.redis_server import Server, connect
from bot.spread import SpreadHosts
from bot.store import RedisStore
from bot.wire import Cipher
from tests.contract.redis_servers import KEY, RunningServer, a_job, a_store, told
from workflows.apps import Host
from workflows.model import Claim, HostResult, Job
from workflows.ports import Command
from workflows.step import Grip
from workflows.steps.on_host.commands import Look

PREFIX = "{here}"
APP = "app-b"
CLAIM = 60.0
ACCOUNT = "1000000000000002"
LOOK: Packed = {"kind": "Look", "account_id": ACCOUNT, "custom_id": "app-b"}

Heard = Callable[[HostResult], None]


def silent(_: HostResult) -> None: ...


@dataclass
class Counting:
    """A Reach whose hosts answer in order, each after `seconds`."""

    asked: list[str] = field(default_factory=list)
    refusing: set[str] = field(default_factory=set)
    connecting: Callable[[str], object] = lambda host: None
    asking: Callable[[str], object] = lambda host: None
    after: Callable[[str], object] = lambda host: None  # it answered, and nobody heard it yet
    seconds: float = 0.0

    def run(
        self,
        commands: Mapping[str, Command],
        heard: Heard = silent,
        ours: Callable[[], None] = lambda: None,
    ) -> tuple[HostResult, ...]:
        return tuple(self._on(host, heard, ours) for host in commands)

    def _on(self, host: str, heard: Heard, ours: Callable[[], None]) -> HostResult:
        self.connecting(host)
        ours()
        self.asked.append(host)
        self.asking(host)
        if self.seconds:
            threading.Event().wait(self.seconds)
        result = HostResult(host, ok=host not in self.refusing, said=f"hello from {host}")
        self.after(host)
        heard(result)
        return result


@dataclass
class Bench:
    """One job on one server, and the worker that has it."""

    server: RunningServer
    claim_seconds: float = CLAIM
    size: int = 200
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store: RedisStore = a_store(self.server, PREFIX, self.claim_seconds)
        self.store.create(a_job(app=APP), told("started"))
        self.claim: Claim = claimed(self.store)
        self.reach = Counting()

    def errands(self) -> Errands:
        return an_errands(self.server, self.claim_seconds)

    def crew(self, reach: Counting | None = None, every: float = 0.01) -> Crew:
        return a_crew(self.errands(), reach or self.reach, self.size, every)

    def hosts(
        self, reach: Counting | None = None, ours: Callable[[], None] = lambda: None
    ) -> SpreadHosts:
        return SpreadHosts(self.crew(reach), Grip(lambda: self.claim.job, ours, self.said.append))

    def cut(self, *parts: Iterable[str]) -> Errand:
        """The errand `add` as such batches, which nobody has taken yet."""
        begun = self.hosts()._begun("add")
        self.errands().cut(begun, APP, [dict.fromkeys(part, LOOK) for part in parts])
        return begun

    def taken_over(self) -> None:
        """Another worker has the job from now on."""
        self.store.release(self.claim, 0.0)
        self.claim = claimed(self.store)

    def amended(self) -> Job:
        return self.store.amend(self.store.load("7Q2"), told("amended"))


def claimed(store: RedisStore) -> Claim:
    claim = store.claim("7Q2")
    assert claim is not None
    return claim


def an_errands(server: RunningServer, claim_seconds: float = CLAIM) -> Errands:
    return errands_at(server.url, claim_seconds)


def errands_at(url: str, claim_seconds: float) -> Errands:
    return Errands(Server(connect(url), claim_seconds), Cipher((KEY,)), claim_seconds, PREFIX)


def a_crew(errands: Errands, reach: Counting, size: int = 200, every: float = 0.01) -> Crew:
    return Crew(errands, {APP: Fleet(reach, Host)}, size, every)


def names(count: int) -> list[str]:
    return [f"h{number}" for number in range(count)]


def looks(hosts: Iterable[str], custom_id: str = "app-b") -> dict[str, Command]:
    return {host: Look(Host(host), ACCOUNT, custom_id) for host in hosts}
