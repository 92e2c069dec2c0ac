"""Looks along as the job goes on: lets hosts die, kills a worker, and weighs what is kept of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from sandbox.hosts.root import CONF
from sandbox.product import Product
from sandbox.world import World
from tests.fleet import disks
from tests.fleet.fates import Fates
from workflows.model import Job, RecordState

MIDDLE = 0.4  # share of the hosts that are prepared when a worker is killed


@dataclass
class Watch:
    """`look` is called with the job as it stands, some times a second."""

    world: World
    product: Product
    fates: Fates
    redis: Any
    victim: str  # the worker that is killed
    killed: bool = False
    record: int = 0  # bytes of the job's record, at its largest
    began: dict[str, float] = field(default_factory=dict)  # monotonic time of each row
    taken: dict[str, int] = field(default_factory=dict)  # connections of hosts before `identity`
    twice: list[str] = field(default_factory=list)  # hosts that were well and were changed twice

    def look(self, job: Job) -> None:
        key = f"{{logmigrate}}:job:{job.id}"
        self.record = max(self.record, self.redis.hstrlen(key, "record"))
        for record in job.records:
            if record.state is not RecordState.PENDING and record.name not in self.began:
                self.began[record.name] = time.monotonic()
                if record.name == "group":
                    self.fates.go_on(self.world.fleet)
        match job.record("identity").state:
            case RecordState.DOING:
                self._in_the_middle()
            case RecordState.PROVING | RecordState.DONE if self.taken:
                self._count_twice()

    def _in_the_middle(self) -> None:
        names = self.world.shape.names
        self.taken = self.taken or self._connections()
        roots = [self.world.fleet.root(name) for name in names]
        there = sum((root / CONF / disks.OURS).exists() for root in roots)
        if not self.killed and there > MIDDLE * len(names):
            self.killed = True
            victim = self.product.running.pop(self.victim)
            victim.kill()
            victim.wait()
            self.product.start(f"{self.victim}-anew")

    def _count_twice(self) -> None:
        well = set(self.taken) - {*self.fates.flaky, *self.fates.dead, *self.fates.dying}
        now = self._connections()
        self.twice = self.twice or sorted(n for n in well if now[n] - self.taken[n] > 1)
        self.taken = {}

    def _connections(self) -> dict[str, int]:
        return {name: self.world.fleet.taken(name) for name in self.world.shape.names}
