"""One host on the stage: a disk in memory, the real agent, and the logs of its applications."""

from __future__ import annotations

import json
import math
import random
from functools import cached_property
from typing import TYPE_CHECKING

from sandbox.hosts.agent import Agent
from sandbox.hosts.root import AGENT_CONFIG, CUSTOM_IDS, USERS, Machine, agent_config
from sandbox.hosts.strain import Cost
from sandbox.hosts.versions import traits
from sandbox.simulate.disk import MemoryDisk
from sandbox.simulate.service import REGION, SOURCE
from sandbox.simulate.stream import Stream

if TYPE_CHECKING:
    from sandbox.simulate.clock import VirtualClock
    from sandbox.simulate.plan import HostPlan, Plan
    from sandbox.simulate.service import Side
    from sandbox.sls.door import Door


# Of the 0.4 cores that are the limit, one config leaves some and two do not.
HEAVY = Cost(at_rest=0.3, per_config=0.06)


class Host:
    """A host of account B; `round_at` is when its agent makes its next round."""

    def __init__(
        self, plan: Plan, own: HostPlan, index: int, clock: VirtualClock, door: Door
    ) -> None:
        self.plan = own
        self.round_at = math.inf
        self.rng = random.Random(f"{plan.seed}:{plan.number}:{own.name}")
        self.disk = MemoryDisk(clock.now)
        self.machine = Machine(own.name, f"10.0.0.{index + 11}", REGION, plan.version)
        self.disk.replace(CUSTOM_IDS, SOURCE.custom_id + "\n" * self.rng.randint(0, 1))
        self.disk.replace(AGENT_CONFIG, json.dumps(agent_config(self.machine)))
        self.streams = [Stream(self.disk, own.name, log, self.rng) for log in own.logs]
        self.agent = Agent(
            self.machine,
            self.disk,
            own_account=SOURCE.account.id,
            door=door,
            clock=clock,
            rng=self.rng,
            truth=None,
            cost=HEAVY if own.overload else None,
            overload_kills=own.overload == "kill",
        )

    @cached_property
    def unique_id(self) -> str:
        """The machine's id in heartbeats."""
        return self.machine.unique_id

    def identify(self, side: Side) -> None:
        """Name the account and add the group's id to the host's own, as an operator would."""
        self.disk.replace(f"{USERS}/{side.account.id}", "")
        lines = (self.disk.read(CUSTOM_IDS) or b"").decode().splitlines()
        self.disk.replace(CUSTOM_IDS, "".join(f"{line}\n" for line in [*lines, side.custom_id]))

    def silent(self, side: Side) -> list[str]:
        """Return the logs that were written to and that the side's config never came to."""
        met = {one.file for one in self.agent.journal.entries if one.config == side.key}
        return [
            f"{self.plan.name}:{stream.path}"
            for stream in self.streams
            if stream.written_lately and not any(file.startswith(stream.path) for file in met)
        ]

    def knows(self, side: Side) -> bool:
        """Say whether the side's config is delivered, by what the agent keeps of it on disk."""
        place = traits(self.machine.release).delivered
        if place.endswith(".json"):
            return side.key.encode() in (self.disk.read(place) or b"")
        return self.disk.read(f"{place}/{side.key}.json") is not None
