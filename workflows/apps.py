"""What an operator configured: the app, its two sides, its hosts, the waits and the people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


@dataclass(frozen=True)
class Side:
    """Where one account keeps the app's logs.

    `config`: of the source, "" for every config that feeds the logstore, with `also` where several
    are named; of the target, a template (workflows/collection/names.py). `machine_group`: of the
    source, "" for whichever its configs are applied to.
    """

    project: str
    logstore: str
    config: str = ""
    machine_group: str = ""
    also: tuple[str, ...] = ()

    @property
    def configs(self) -> tuple[str, ...]:
        """The configs that are named; none where all count that feed the logstore."""
        return tuple(name for name in (self.config, *self.also) if name)

    @property
    def names(self) -> dict[str, str]:
        """By the key of the settings."""
        own = {"project": self.project, "logstore": self.logstore}
        return {**own, "config": ", ".join(self.configs), "machine_group": self.machine_group}


@dataclass(frozen=True)
class Host:
    """A host of the source account, with the folders of its agent.

    `ip`: by which its agent introduces itself to the service, where that is known beforehand.
    `service`: path of the agent's service script, "" for whichever of the two known ones is there.
    """

    name: str
    conf_dir: str = "/etc/ilogtail"
    agent_dir: str = "/usr/local/ilogtail"
    service: str = ""
    ip: str = ""


@dataclass(frozen=True)
class Roles:
    """By which the service itself copies lines from account to account; empty: it does not."""

    source: str = ""  # acs:ram::<uid>:role/<name> of the source's account; it reads
    target: str = ""  # of the target's; it writes
    endpoint: str = ""  # of the target, as the service reaches it


class HostsFrom(StrEnum):
    """Who says which hosts an app has."""

    LIST = "list"  # the settings
    GROUP = "group"  # the source's machine group: whoever has a heartbeat there
    BOTH = "both"  # they must agree


@dataclass(frozen=True)
class App:
    """One application whose collection is moved from `source` to `target`."""

    name: str
    custom_id: str
    source: Side
    target: Side
    hosts: tuple[Host, ...]
    hosts_from: HostsFrom = HostsFrom.LIST
    others: Host = Host("")  # as which a host is taken that only the machine group names
    roles: Roles = Roles()  # for lines of before the move

    def other(self, ip: str) -> Host:
        """A host that the settings do not name."""
        return replace(self.others, name=ip, ip=ip)

    @property
    def names(self) -> dict[str, str]:
        """What a job acts on, by the key of the settings; `undo` would miss it under another name."""
        sides = {"source": self.source.names, "target": self.target.names}
        flat = {f"{side}.{key}": name for side, own in sides.items() for key, name in own.items()}
        return {"custom_id": self.custom_id, **flat}


@dataclass(frozen=True)
class Waits:
    """How long the product waits, in seconds; each default follows the service's documentation."""

    look: float = 10.0  # between two looks at something awaited
    heartbeat: float = 300.0  # until every host shows in the new machine group
    fresh: float = 180.0  # a heartbeat older than this is a FAIL
    appear: float = 120.0  # until a created object is readable everywhere
    index: float = 60.0  # a new index acts on lines that arrive after this
    delivery: float = 300.0  # until the agents hold a changed config (documented: 3 min)
    minute: int = 60  # the span whose lines are counted on both sides
    minutes: int = 3  # how many closed spans in a row must be equal
    settle: float = 60.0  # after a span closes, until its count is final
    soak: float = 1800.0  # both sides collect at least this long before `stop?`
    proof: float = 900.0  # beyond the soak, until the sides agree or the job stops
    outage: float = 3600.0  # how long a service may be away before the job stops
    approval: float = 86400.0  # until an unanswered approval expires
    reminder: float = 14400.0  # how long before that its approvers are asked once more
    watch: float = 300.0  # between two looks whether what was agreed still holds
    stale: float = 900.0  # evidence under an approval is called stale after this
    alone: float = 1800.0  # after `stop`, the target alone receives so long before `delete?`
    quiet: float = 30.0  # a host that writes may be silent in the target no longer than this
    dual: float = 86400.0  # both sides collect at most this long; then people are asked
    answer: float = 3600.0  # and if nobody answers, the target's side is taken back after this


@dataclass(frozen=True)
class Ramp:
    """How a change reaches many hosts: the pilot alone, then growing batches, within a budget."""

    first: int = 10  # hosts in the first batch after the pilot
    growth: float = 4.0  # each batch is so many times the one before
    tries: int = 2  # how often a host is asked before it counts as failed
    errors: int = 20  # failed hosts after which the rest is left alone
    share: float = 0.1  # the same as a share of the hosts asked so far, from 10 hosts on


@dataclass(frozen=True)
class People:
    """Who may approve; everybody in the channel may ask."""

    approvers: frozenset[str] = frozenset()
    requesters: frozenset[str] = frozenset()  # empty: everybody may start

    def may_start(self, user: str) -> bool:
        return not self.requesters or user in self.requesters or user in self.approvers


@dataclass(frozen=True)
class Proving:
    """How both sides are compared."""

    engine: str = "auto"  # sql where the index allows it, else pull; or one of both
    least: int = 1  # lines; fewer in all compared minutes prove nothing
    rate: int = 100_000  # lines a second that one comparison pulls at most


@dataclass(frozen=True)
class Prices:
    """What a gigabyte costs, as the operator knows it; 0: not told."""

    currency: str = ""
    ingest: float = 0.0  # to receive one
    index: float = 0.0  # to index one

    def of(self, size: float) -> str:
        """What so many bytes cost, such as `3.20 CNY`; "" where nobody told the prices."""
        price = self.ingest + self.index
        return f"{price * size / 1e9:.2f} {self.currency}".rstrip() if price else ""
