"""
The same world with the real store on a real server.

A process that dies leaves what it had done, and nothing else: no `finally` of it runs. So a death is
a branch of the world, with all that lies in Redis, taken at the moment, in which new processes go on.
"""

from __future__ import annotations

import copy
import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol, Self

import redis

from bot.crew import Crew, Fleet
from bot.errands import Errands
from bot.mover import Mover, by_shape
from bot.pulse import Hold, Pulse
from bot.redis_server import Server, connect, scripts
from bot.spread import SpreadHosts
from bot.store import RedisStore
from bot.wire import Cipher
from tests.contract.redis_servers import KEY, RunningServer
from tests.crash.world import ALICE, APP, BOB, SECONDS, WAITS, World, Wrap, untouched
from tests.fakes import FakeQueue
from workflows.apps import Host, People
from workflows.engine import Engine
from workflows.logmigrate import LOGMIGRATE
from workflows.model import ENDED, Claim, Event, Facts, HostResult, Job
from workflows.ports import Command
from workflows.service import Service
from workflows.step import Context, Grip

CLAIM = 15  # seconds
BATCH = 1  # host; so all work on more than one is shared
# Fewer looks at what is awaited: each takes a claim, some saves and a release.
BRIEF = replace(WAITS, look=6, minute=2, minutes=1, settle=1, soak=2, alone=2)
READS = frozenset({"HGET", "HGETALL", "HMGET", "GET", "XRANGE", "ZREVRANGE", "PING", "TIME"})
# A second of the world passes: what lies in Redis comes a second nearer, claims and leases too.
PASS = """
local prefix, ms = ARGV[1], tonumber(ARGV[2])
local t = redis.call('TIME')
local now, due = t[1] * 1000 + math.floor(t[2] / 1000), 0
for _, name in ipairs({'due', 'unposted'}) do
  local key = prefix .. ':' .. name
  for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZINCRBY', key, -ms, id) end
  due = due + redis.call('ZCOUNT', key, '-inf', now)
end
local job = prefix .. ':job:J1'
if redis.call('HEXISTS', job, 'claim_until') == 1 then
  redis.call('HINCRBY', job, 'claim_until', -ms)
end
for _, key in ipairs(redis.call('KEYS', prefix .. ':*')) do
  local left = redis.call('PTTL', key)
  if left > 0 then redis.call('PEXPIRE', key, left - ms) end
end
for _, kind in ipairs({':open:*', ':hands:*'}) do
  for _, key in ipairs(redis.call('KEYS', prefix .. kind)) do
    for _, one in ipairs(redis.call('ZRANGEBYSCORE', key, '(0', '+inf')) do
      redis.call('ZINCRBY', key, -ms, one)
    end
  end
end
return {due, redis.call('HGET', job, 'version')}
"""
COPY = """
for _, key in ipairs(redis.call('KEYS', ARGV[1] .. ':*')) do
  redis.call('COPY', key, ARGV[2] .. key:sub(#ARGV[1] + 1))
end
"""
numbers = itertools.count(1)


class Ticking(Protocol):
    def tick(self) -> None: ...


@dataclass
class Calm:
    """Nothing happens at any tick."""

    ticks: int = 0

    def tick(self) -> None:
        self.ticks += 1


class Struck(redis.Redis):
    """A client that ticks before and after each write that it sends."""

    fate: Ticking = Calm()

    def execute_command(self, *args: Any, **options: Any) -> Any:
        if str(args[0]).upper() in READS:
            return super().execute_command(*args, **options)
        self.fate.tick()
        answer = super().execute_command(*args, **options)
        self.fate.tick()
        return answer


class InTheClear(Cipher):
    """Snapshots unencrypted: thousands of runs have better things to do."""

    def close(self, facts: Facts) -> str:
        return json.dumps(facts)

    def open(self, closed: str) -> Facts:
        return dict(json.loads(closed))


class Kept(RedisStore):
    """The store as the stories' people and their snapshots read it."""

    @property
    def told(self) -> dict[str, list[Event]]:
        return {"J1": [event for _, event in self.events("J1", limit=1000)]}

    @property
    def locks(self) -> dict[str, str]:
        return {APP.name: held} if (held := self.holder(APP.name)) else {}


@dataclass(frozen=True)
class Redis:
    """One server for many worlds, each with keys of its own."""

    url: str

    @cached_property
    def client(self) -> redis.Redis:
        return connect(self.url)

    def struck(self, fate: Ticking) -> Struck:
        struck = Struck(connection_pool=self.client.connection_pool)
        struck.fate = fate
        return struck

    def store(self, prefix: str, fate: Ticking) -> Kept:
        return Kept(self.struck(fate), InTheClear((KEY,)), CLAIM, prefix=prefix)

    def errands(self, prefix: str, fate: Ticking) -> Errands:
        return Errands(Server(self.struck(fate), CLAIM), InTheClear((KEY,)), CLAIM, prefix)


@contextmanager
def ready(server: RunningServer) -> Iterator[Redis]:
    """With all scripts loaded, so that each run sends the same writes."""
    served = Redis(server.url)
    for script in (*scripts().values(), PASS, COPY):
        served.client.script_load(script)
    yield served
    served.client.close()


class Heart(Pulse):
    """A worker's heartbeat; it is not started, and the time it sleeps through is told by hand."""

    slept = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        for hold in self._held():
            hold._renewed -= seconds

    @contextmanager
    def holding(self, claim: Claim, asked: float | None = None) -> Iterator[Hold]:
        """`asked` was before the sleep."""
        with super().holding(claim, (asked or time.monotonic()) - self.slept) as hold:
            yield hold


@dataclass(frozen=True)
class Reached:
    """bot.crew.Reach over the fake hosts, or over what a story put around them."""

    hosts: Any

    def run(
        self,
        commands: Mapping[str, Command],
        heard: Callable[[HostResult], None] = lambda _: None,
        ours: Callable[[], None] = lambda: None,
    ) -> tuple[HostResult, ...]:
        ours()
        results: tuple[HostResult, ...] = self.hosts.run(commands)
        for result in results:
            heard(result)
        return results


Worker = tuple[Kept, Callable[[str], None], Heart]


class OnRedis(World):
    """The crash world with bot and worker on Redis; each of their writes ticks."""

    def __init__(self, served: Redis) -> None:
        super().__init__()
        self.served, self.prefix = served, f"{{{next(numbers)}}}"
        self.store: Kept = served.store(self.prefix, Calm())  # type: ignore[assignment]
        self._pass = served.client.register_script(PASS)
        self._copy = served.client.register_script(COPY)
        self._heart: Heart | None = None
        self._version: bytes | None = None
        self._job: Job | None = None

    @property
    def job(self) -> Job:
        if self._job is None:
            self._job = self.store.load("J1")
        return self._job

    def branch(self) -> OnRedis:
        """The world as it is now, once more."""
        other = OnRedis(self.served)
        outside = (self.clock, self.source, self.target, self.hosts)
        other.clock, other.source, other.target, other.hosts = copy.deepcopy(outside)
        self._copy(args=[self.prefix, other.prefix])
        return other

    def gone(self) -> None:
        """Make room in Redis."""
        self.served.client.delete(*self.served.client.keys(f"{self.prefix}:*"))

    def let_pass(self, seconds: float) -> bool:
        """Whether anything is due by then."""
        due, version = self._pass(args=[self.prefix, round(seconds * 1000)])
        if version != self._version:
            self._version, self._job = version, None
        return bool(due)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """What others do meanwhile takes none of this world's time, however busy the machine is."""
        began = time.monotonic()
        yield
        took = time.monotonic() - began
        self.let_pass(-took)
        if self._heart is not None:
            self._heart.sleep(-took)

    def live_on(self, people: Callable[[World], None], fate: Ticking | None = None) -> Self:
        """From a new bot and a new worker on, until the end."""
        fate = fate or Calm()
        self.service, worker = self._bot(fate), self.worker(fate)
        for _ in range(SECONDS):
            is_due = self.let_pass(1)
            if self._version is None:
                self.service.start(APP.name, ALICE, "C1")
            elif self.job.state in ENDED:
                return self
            else:
                people(self)
            if is_due:
                self.work(worker)
            self.second()
        raise AssertionError(f"hangs: {self.job}")

    def work(self, worker: Worker) -> None:
        store, look, _ = worker
        for due in store.due():
            look(due)

    def worker(self, fate: Ticking, wrap: Wrap = untouched) -> Worker:
        store = self.served.store(self.prefix, fate)
        source, target = wrap(self.source), wrap(self.target)
        fleets = {APP.name: Fleet(Reached(wrap(self.hosts)), Host)}
        # What hosts answered is written at the end of a run: threads of their own would be chance.
        crew = Crew(self.served.errands(self.prefix, fate), fleets, BATCH, every=3600.0)

        def world(grip: Grip) -> Context:
            return Context(APP, BRIEF, SpreadHosts(crew, grip), source, target, self.clock)

        engine = Engine(LOGMIGRATE, store, self.notifier, self.clock, BRIEF, world)
        self._heart = heart = Heart(store, CLAIM / 3)
        return store, by_shape(Mover(store, engine, heart).look, crew.look), heart

    def _bot(self, fate: Ticking) -> Service:
        store, people = self.served.store(self.prefix, fate), People(frozenset({BOB}))
        apps = {APP.name: APP}
        return Service(LOGMIGRATE, apps, people, store, FakeQueue(), self.clock, lambda: "J1")

    def told(self) -> list[tuple[str, str, str]]:
        return [(event.kind, event.step, event.who) for event in self.store.told["J1"]]

    def snapshot(self) -> tuple[object, ...]:
        self._job = None
        return *super().snapshot(), self.told()
