"""Three hosts whose source has ended: what each writes, and what comes of it in the target."""

from __future__ import annotations

from dataclasses import asdict

from tests.crash.world import APP, GROUP, OLD_CONFIG, World
from workflows.apps import Waits
from workflows.errors import NotYet
from workflows.model import Evidence, Facts
from workflows.ports import Machine
from workflows.step import Context
from workflows.steps import alone

LOG = "/var/log/app-b/app.log"
ADDRESS = {host.name: f"10.0.0.{number}" for number, host in enumerate(APP.hosts, 11)}
WAITS = Waits(look=10, quiet=30, alone=600, proof=900, fresh=180)
NEW_CONFIG = {**OLD_CONFIG, "configName": "app-b", "outputDetail": {"logstoreName": "app-b"}}


class Alone:
    """Hosts of `writing` write each second; those of `silent` are not collected."""

    def __init__(self) -> None:
        self.world = World()
        self.clock, self.hosts = self.world.clock, self.world.hosts
        self.source, self.target = self.world.source, self.world.target
        self.writing, self.silent, self.dead = set(ADDRESS), set[str](), set[str]()
        self._moved()
        self.began = self.clock.now()
        self.jots = self.keeps = 0
        known = {**self._found(), "stop": {"at": self.clock.now()}}
        self.context = Context(
            APP,
            WAITS,
            self.hosts,
            self.source,
            self.target,
            self.clock,
            known=known,
            since=self.began,
            jot=self._jot,
            remember=self._jot,
            keep=self._keep,
        )
        self.before: Facts = alone.begin(self.context)

    def _moved(self) -> None:
        self.source.bound.clear()
        self.target.logstore_bodies["app-b"] = {"logstoreName": "app-b", "ttl": 30}
        self.target.indexes["app-b"] = {"line": {"token": [","]}}
        self.target.config_bodies["app-b"] = dict(NEW_CONFIG)
        self.target.groups["app-b"] = dict(GROUP)
        self.target.bound.add(("app-b", "app-b"))
        for host in self.hosts.hosts.values():
            host.files[LOG] = b"order paid\n"
            host.agent.clock = self.clock.now
            host.written[LOG] = int(self.clock.now()) - 5

    def _found(self) -> dict[str, Facts]:
        config = {"name": "old-config", "form": "classic", "body": OLD_CONFIG, "groups": []}
        found: Facts = {
            "owner": "", "region": "", "logstore": {}, "index": None, "shards": 2,
            "configs": [config], "groups": {}, "beside": [], "readers": [], "unseen": [],
        }  # fmt: skip
        collection = {"source": "old-config", "target": "app-b", "form": "classic", "groups": []}
        expected = {name: {"ip": ip, "unique_id": ""} for name, ip in ADDRESS.items()}
        wanted = {"logstore": {}, "index": {}, "group": GROUP, "configs": {}}
        return {
            "source": {"found": found, "wanted": wanted, "collections": [collection]},
            "hosts": {"roster": [asdict(host) for host in APP.hosts], "expected": expected},
        }

    def _jot(self, facts: Facts) -> None:
        self.jots += 1
        self.before = {**self.before, **facts}

    def _keep(self, facts: Facts) -> None:
        self.keeps += 1
        self.before = {**self.before, **facts}

    def second(self) -> None:
        self.clock.tick(1)
        now = int(self.clock.now())
        for name, address in ADDRESS.items():
            if name in self.writing:
                self.hosts.hosts[name].written[LOG] = now
                if name not in self.silent:
                    self.target.ship("app-b", now, address, 2)
            if name not in self.dead:
                self._beat(address, now)

    def _beat(self, address: str, now: float) -> None:
        others = (one for one in self.target.beats.get("app-b", ()) if one.ip != address)
        self.target.beats["app-b"] = (*others, Machine(address, "", now))

    def look(self) -> str | Evidence:
        """What is awaited, or the evidence at the end; raises what ends it otherwise."""
        try:
            return alone.every_host_heard(self.context, self.before)
        except NotYet as reason:
            return str(reason)

    def lasts(self, seconds: int) -> str | Evidence:
        """So long, with a look each `waits.look`; the last answer, at its evidence at once."""
        said: str | Evidence = ""
        for _ in range(seconds):
            self.second()
            due = (self.clock.now() - self.began) % WAITS.look == 0
            if due and isinstance(said := self.look(), Evidence):
                break
        return said
