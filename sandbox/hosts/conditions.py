"""Under which conditions an agent works, from what is wrong with its host."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sandbox.hosts.illness import Illness
from sandbox.hosts.network import Reach
from sandbox.hosts.strain import Cost

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox.hosts.root import Machine

OLD = "1.0.34"  # the last without force_multiconfig: UserLogConfigParser.cpp has it from 1.1.0 on
AHEAD = 1200.0  # seconds; more than the 900 that the service bears
ELSEWHERE = "cn-shanghai"
STRANGE = {
    "ALIYUN_LOGTAIL_USER_ID": "1999999999999999",
    "ALIYUN_LOGTAIL_USER_DEFINED_ID": "someone-else",
}
BUSY = Cost(at_rest=1.2)  # cores, where 0.4 are allowed
USUAL, LARGE = 30.0, 3000.0  # MB, where 2048 are allowed


@dataclass(frozen=True)
class Conditions:
    """What an agent's life begins with; another one is another life. `memory` in MB."""

    machine: Machine
    cost: Cost
    memory: float
    agents: int


def conditions(machine: Machine, usual: int, ills: Collection[Illness]) -> Conditions:
    """Return the conditions on a machine that has `usual` agents when nothing is wrong."""
    skewed = machine.skew + (AHEAD if Illness.CLOCK_SKEW in ills else 0.0)
    return Conditions(
        replace(
            machine,
            version=OLD if Illness.AGENT_OLD in ills else machine.version,
            region=ELSEWHERE if Illness.REGION_MISMATCH in ills else machine.region,
            env={**machine.env, **(STRANGE if Illness.ENV_OVERRIDE in ills else {})},
            skew=skewed,
        ),
        cost=BUSY if Illness.CPU_BREAKER in ills else Cost(),
        memory=LARGE if Illness.MEMORY_BREAKER in ills else USUAL,
        agents=usual + (Illness.AGENTS_DUPLICATED in ills),
    )


def reach(ills: Collection[Illness]) -> Reach:
    """Return how far the host's requests come."""
    ways = {
        Illness.DNS: Reach.DNS,
        Illness.NETWORK_REFUSED: Reach.REFUSED,
        Illness.NETWORK_SILENT: Reach.SILENT,
    }
    return next((way for ill, way in ways.items() if ill in ills), Reach.OK)
