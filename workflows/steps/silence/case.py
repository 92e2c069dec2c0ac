"""One host before the doctor: how it is, and how it should be."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.apps import Host
from workflows.model import Facts
from workflows.ports import Machine
from workflows.steps.silence.state import HostState


@dataclass(frozen=True)
class Wanted:
    """What the target expects of every host of the app.

    `keys`: of the configs that the agents should hold, none while none is applied. `beats`: who has a
    fresh heartbeat in the group. The hosts were asked between `asked` and `heard`, seconds since
    the epoch.
    """

    account_id: str
    custom_id: str
    region: str
    group_name: str
    group: Facts | None
    keys: tuple[str, ...] = ()
    beats: tuple[Machine, ...] = ()
    asked: float = 0.0
    heard: float = 0.0

    def hears(self, state: HostState) -> bool:
        """Whether the host has a fresh heartbeat in the group: what reaches it must be right."""
        known = {state.ip, state.unique_id} - {""}
        return any({machine.ip, machine.unique_id} & known for machine in self.beats)


@dataclass(frozen=True)
class Case:
    """What the signs are looked for in."""

    host: Host
    state: HostState
    wanted: Wanted

    @property
    def silent(self) -> bool:
        return not self.wanted.hears(self.state)

    @property
    def own_config(self) -> str:
        """The agent's own settings, which it reads when it starts."""
        return f"{self.host.agent_dir}/ilogtail_config.json"

    @property
    def id_file(self) -> str:
        return f"{self.host.conf_dir}/user_defined_id"

    @property
    def users(self) -> str:
        return f"{self.host.conf_dir}/users"


def listed(names: tuple[str, ...], most: int = 5) -> str:
    """The first few names, and how many more there are; `nothing` for none."""
    if not names:
        return "nothing"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
