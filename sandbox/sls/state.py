"""Everything the service remembers: projects and what is in them. No HTTP here."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sandbox.clock import Clock
from sandbox.sls import errors, wire
from sandbox.sls.accounts import Account, keyring
from sandbox.sls.jobs import Job
from sandbox.sls.logstore import Logstore
from sandbox.sls.settings import CrossReads, Delays, Etl, Limits, Unsettled

if TYPE_CHECKING:
    from sandbox.sls.door import Beat

MOST_MACHINES = 10_000  # per group; a world that is up for days must not grow without bound


@dataclass
class MachineGroup:
    """A machine group, the configs applied to it, and the last heartbeat of each machine."""

    body: dict[str, Any]
    configs: list[str] = field(default_factory=list)
    beats: dict[str, tuple[Beat, float]] = field(default_factory=dict)

    def hear(self, beat: Beat, now: float) -> None:
        """Write a heartbeat down; of too many machines the one silent for longest is forgotten."""
        self.beats.pop(beat.unique_id, None)
        self.beats[beat.unique_id] = (beat, now)
        if len(self.beats) > MOST_MACHINES:
            del self.beats[next(iter(self.beats))]

    def matches(self, beat: Beat, *, custom_id_hides_ip: bool = False) -> bool:
        """Whether the machine belongs: by ip, or by one of its custom ids."""
        listed = self.body["machineList"]
        if self.body["machineIdentifyType"] == "ip":
            return beat.ip in listed and not (custom_id_hides_ip and beat.ids)
        return any(custom in listed for custom in beat.ids)

    def machines(self, since: float, unsettled: Unsettled) -> list[tuple[Beat, float]]:
        """Machines that belong and were heard at or after `since`, in order of their ip."""
        hides = unsettled.custom_id_hides_ip
        heard = [pair for pair in self.beats.values() if pair[1] >= since]
        ours = [pair for pair in heard if self.matches(pair[0], custom_id_hides_ip=hides)]
        return sorted(ours, key=lambda pair: pair[0].ip)


@dataclass
class Project:
    """A project and all its resources by name."""

    name: str
    account: Account
    region: str
    description: str
    created: float
    modified: float = 0.0
    logstores: dict[str, Logstore] = field(default_factory=dict)
    configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, MachineGroup] = field(default_factory=dict)
    bindable_at: dict[str, float] = field(default_factory=dict)  # by `config …` or `group …`
    tags: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)  # by type and id
    jobs: dict[str, Job] = field(default_factory=dict)  # those that copy; names are shared with
    alerts: dict[str, dict[str, Any]] = field(default_factory=dict)
    dashboards: dict[str, dict[str, Any]] = field(default_factory=dict)
    saved_searches: dict[str, dict[str, Any]] = field(default_factory=dict)
    resource_group: str = ""
    redundancy: str = "LRS"

    def check_shards(self, more: int, most: int) -> None:
        """Refuse `more` shards than the project may have; read-only ones do not count."""
        there = sum(len(logstore.layout.writable) for logstore in self.logstores.values())
        if there + more > most:
            raise errors.quota("shards", most)

    def logstore(self, name: str) -> Logstore:
        """The logstore, ready or not; raises LogStoreNotExist."""
        if name not in self.logstores:
            raise errors.logstore_missing(name)
        return self.logstores[name]

    def ready_logstore(self, name: str, now: float) -> Logstore:
        """The logstore once its data plane knows of it; raises LogStoreNotExist before."""
        logstore = self.logstore(name)
        if now < logstore.ready_at:
            raise errors.logstore_missing(name)
        logstore.expire(now)
        return logstore

    def config(self, name: str) -> dict[str, Any]:
        """The config's body; raises ConfigNotExist."""
        if name not in self.configs:
            raise errors.config_missing(name)
        return self.configs[name]

    def group(self, name: str) -> MachineGroup:
        """The machine group; raises MachineGroupNotExist."""
        if name not in self.groups:
            raise errors.group_missing(name)
        return self.groups[name]


class State:
    """The whole service; hold `lock` while reading or changing anything that may change."""

    def __init__(
        self,
        accounts: tuple[Account, ...],
        clock: Clock,
        delays: Delays,
        limits: Limits,
        cross_reads: CrossReads = CrossReads.NOT_FOUND,
        etl: Etl | None = None,
    ) -> None:
        """Begin without projects."""
        self.keys = keyring(accounts)
        self.roles = {role.arn: role for account in accounts for role in account.roles}
        self.etl = etl or Etl()
        self.clock = clock
        self.delays = delays
        self.limits = limits
        self.cross_reads = cross_reads
        self.unsettled = Unsettled()
        self.lock = threading.RLock()
        self.projects: dict[str, Project] = {}

    def reset(self) -> None:
        """Forget all projects; accounts and settings stay."""
        with self.lock:
            self.projects.clear()

    def project(self, name: str, region: str = "") -> Project:
        """The project, if it lies in `region` (any when empty); raises ProjectNotExist."""
        project = self.projects.get(name)
        if project is None or (region and project.region != region):
            raise errors.project_missing(name)
        return project

    def store(
        self,
        project: Project,
        name: str,
        raw: bytes,
        ip: str,
        key: str | None = None,
        *,
        any_time: bool = False,
    ) -> int:
        """Put the bytes of a log group into a ready logstore; returns the lines taken.

        With `any_time` lines may be older than PutLogs takes them.
        """
        now = self.clock.now()
        logstore = project.ready_logstore(name, now)
        if logstore.body["appendMeta"]:
            raw += wire.encode_tags({"__client_ip__": ip, "__receive_time__": str(int(now))})
        limits = replace(self.limits, put_oldest=math.inf) if any_time else self.limits
        return logstore.take(raw, limits, now, key)
