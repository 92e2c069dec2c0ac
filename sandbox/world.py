"""The whole world on one machine: two accounts, a fleet of hosts, a Slack and a Redis."""

from __future__ import annotations

import contextlib
import resource
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from aliyun.log import MachineGroupDetail

from bot.embedded import embedded
from sandbox import count, readers, source
from sandbox.clock import Clock
from sandbox.hosts.app import Habits
from sandbox.hosts.fleet import Fleet
from sandbox.hosts.spoiling import Guest
from sandbox.slack.control import Control
from sandbox.slack.server import SlackServer
from sandbox.sls.accounts import Account, Key
from sandbox.sls.ram import Policy
from sandbox.sls.server import SlsServer
from sandbox.sls.settings import Delays, Unsettled

REGION = "cn-hangzhou"
ENDPOINT = "cn-hangzhou.log.aliyuncs.com"
APP = "app-b"
FEW = 30  # hosts that may write as fast as they like
BINDABLE = 40.0  # seconds until a new config or machine group can be applied, within what is known
TARGET_ACCOUNT, SOURCE_ACCOUNT = "1234567890123456", "1765432109876397"
SOURCE = {
    "project": "shop-b-logs",
    "logstore": "app-b-logs",
    "config": "app-b-access",
    "machine_group": "app-b-hosts",
}
TARGET = {"project": "shop-a-logs", "logstore": APP, "config": APP, "machine_group": APP}
KEYS = {
    "source": Key("LTAI5tSandboxSource", "sandbox-secret-of-account-b"),
    "target": Key("LTAI5tSandboxTarget", "sandbox-secret-of-account-a"),
}
# The world's own: what the product may do says nothing of what its surroundings may.
OWNERS = {
    "source": Key("LTAI5tSandboxOwnerB", "sandbox-secret-of-owner-b"),
    "target": Key("LTAI5tSandboxOwnerA", "sandbox-secret-of-owner-a"),
}
ACCOUNTS = {"source": SOURCE_ACCOUNT, "target": TARGET_ACCOUNT}


@dataclass(frozen=True)
class Shape:
    """How large the world is and how fast its clock runs."""

    hosts: int = 3
    speed: float = 60.0
    # Of the applications, all the same or by host; else as many hosts can bear.
    habits: Habits | Mapping[str, Habits] | None = None
    denied: frozenset[str] = frozenset()  # RAM actions that account A refuses to our key
    # RAM policies of our keys by side; a side that is not named allows everything.
    policies: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict)
    unsettled: Unsettled = field(default_factory=Unsettled)
    version: str | Mapping[str, str] = "1.8.8"  # of the agents, one or by host
    named_redis: bool = True  # else the product's config names none, and it brings its own
    request_url: str | None = None  # Slack speaks signed HTTP to it instead of Socket Mode
    jump: bool = False  # the hosts are reached through one of them alone
    sudo: bool = False  # the product's config has commands run by sudo
    audit: bool = False  # a pipeline config feeds the logstore too; the settings name none
    tail: int | None = None  # KiB before a file's end at which a config begins with it; None: 1024

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"h{n}" for n in range(1, self.hosts + 1))


def habits_for(hosts: int) -> Habits:
    """Return how the applications of so many hosts write, so that one machine bears them all."""
    if hosts <= FEW:
        return Habits()
    return Habits(rate=1.0, history=2000 // hosts + 5, burst_factor=2.0)


def _let_open(files: int) -> None:
    """Raise what this process may hold open: a socket and a log file a host, and connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, hard), hard))


class World:
    """Everything that stands outside the product; `start` returns when account B collects."""

    def __init__(self, folder: Path, shape: Shape | None = None) -> None:
        self.folder, self.shape = folder, shape or Shape()
        self.clock = Clock(self.shape.speed)
        _let_open(500 + 6 * self.shape.hosts)
        self.sls = SlsServer(
            tuple(self._account(side) for side in ("target", "source")),
            self.clock,
            delays=Delays(bindable=BINDABLE),
            unsettled=self.shape.unsettled,
        )
        self.slack = SlackServer(request_url=self.shape.request_url)
        self.fleet = Fleet(
            folder,
            self.shape.names,
            account_id=SOURCE_ACCOUNT,
            region=REGION,
            clock=self.clock,
            door=self.sls.door,
            app=APP,
            custom_id=SOURCE["machine_group"],
            habits=self.shape.habits or habits_for(self.shape.hosts),
            version=self.shape.version,
            guest=Guest(TARGET_ACCOUNT, APP),
            jump=self.shape.jump,
        )
        self.redis_url = ""
        self._redis, self._ending = contextlib.ExitStack(), contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Bring everything up; whatever fails takes down what was up before it."""
        with contextlib.ExitStack() as ending:
            self.redis_url = self._redis.enter_context(embedded(self.folder / "redis"))
            ending.callback(self._redis.close)
            for part in (self.sls, self.slack):
                part.start()
                ending.callback(part.stop)
            self._collected_by_b()
            self.fleet.start()
            ending.callback(self.fleet.stop)
            self._wait(lambda: self.held("source").total() > 0, "account B's first lines")
            self._ending = ending.pop_all()

    def stop(self) -> None:
        """Take everything down, in the reverse order."""
        self._ending.close()

    def restart_redis(self) -> None:
        """The same server with the same data at the same address, after it was ended."""
        self._redis.close()
        again = self._redis.enter_context(embedded(self.folder / "redis"))
        if again != self.redis_url:
            raise ConnectionError(f"Redis came back at {again}, it was at {self.redis_url}")

    def client(self, side: str) -> Any:
        """An SDK client of that account's owner."""
        key = OWNERS[side]
        return source.client(ENDPOINT, self.sls.proxy, key.id, key.secret)

    @property
    def control(self) -> Control:
        """The hands and eyes of the people in the channel."""
        return Control(self.slack.control_url)

    def held(self, side: str) -> Counter[str]:
        """Every line of the app's logstore on that side; none where there is no such logstore."""
        where = SOURCE if side == "source" else TARGET
        sls = self.client(side)
        if side == "target" and not _there(sls, where):
            return Counter()
        return count.pulled(sls, where["project"], where["logstore"])

    def tally(self) -> count.Tally:
        """Count from the files and from both logstores; stop the applications before.

        Raises ValueError where the files do not hold what was written into them: lines that are
        not there for the agents would not be there for the count either.
        """
        hosts = self.fleet.hosts
        wrote = sum(app.written for app in self.fleet.apps.values())
        hold = sum(len(count.file_lines(host.root / count.FOLDER)) for host in hosts)
        if wrote != hold:
            raise ValueError(f"counting: applications wrote {wrote} lines, their files hold {hold}")
        return count.tally(
            {host.name: host.root for host in hosts},
            {host.name: host.truth for host in hosts},
            f"##1.0##{TARGET['project']}${self.target_config}",
            self.held("source"),
            self.held("target"),
        )

    @property
    def target_config(self) -> str:
        """What the app's own config is called there."""
        return SOURCE["config"] if self.shape.audit else TARGET["config"]

    def group_by_ip(self, *names: str) -> None:
        """Have the target's machine group be one of addresses, made by somebody else."""
        ips = [host.ip for host in self.fleet.hosts if host.name in names]
        group = MachineGroupDetail(TARGET["machine_group"], "ip", ips)
        self.client("target").create_machine_group(TARGET["project"], group)

    def quiet(self) -> None:
        """Stop the applications and wait until the agents have shipped what was written."""
        self.fleet.stop_writing()
        self._wait(self.fleet.caught_up, "the agents to ship the last lines")

    def _account(self, side: str) -> Account:
        denied = self.shape.denied if side == "target" else frozenset()
        key = replace(KEYS[side], denied=denied, policies=self.shape.policies.get(side, ()))
        return Account(ACCOUNTS[side], REGION, (key, OWNERS[side]))

    def _collected_by_b(self) -> None:
        advanced = {} if self.shape.tail is None else {"tail_size_kb": self.shape.tail}
        source.collect(self.client("source"), SOURCE, SOURCE["machine_group"], advanced)
        readers.look_at(self.client("source"), SOURCE)
        if self.shape.audit:
            source.collect_audit(self.client("source"), SOURCE, ENDPOINT)
        self.client("target").create_project(TARGET["project"], "the shop's logs")

    def _wait(self, true: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waiting for {what}: {seconds:.0f} s are over")
            time.sleep(0.05)


def _there(sls: Any, where: dict[str, str]) -> bool:
    return where["logstore"] in sls.list_logstore(where["project"]).get_logstores()
