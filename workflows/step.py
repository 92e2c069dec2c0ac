"""What a workflow is made of: Steps that change the world, Approvals that wait for a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from workflows.apps import App, Host, Prices, Proving, Ramp, Waits
from workflows.collection.found import Collection
from workflows.collection.names import target_name
from workflows.errors import JobError
from workflows.model import DUAL, Evidence, Facts, Job, JobKind, Plan
from workflows.ports import Clock, Hosts, Sls


def _silent(text: str) -> None: ...


def _always_ours() -> None: ...


def _as_it_is(_context: Context, error: JobError) -> JobError:
    return error


def _always(_context: Context) -> bool:
    return True


def _keeps_nothing(facts: Facts) -> None: ...


def _notes_nothing(call: str, request: str) -> None: ...


def _by_nobody() -> str:
    return ""


@dataclass(frozen=True)
class Grip:
    """One worker's hold on one job while it makes a move."""

    job: Callable[[], Job]  # as it was last saved by this worker
    ours: Callable[[], None] = _always_ours  # raises ClaimLost: start no new effect
    say: Callable[[str], None] = _silent
    # Told of each call that wrote at the service, with the request id that the service gave it.
    wrote: Callable[[str, str], None] = _notes_nothing


@dataclass(frozen=True)
class Context:
    """What a step may use: the app's settings and the ports to the world."""

    app: App
    waits: Waits
    hosts: Hosts
    source: Sls  # the account the logs leave
    target: Sls  # the account they move to
    clock: Clock
    say: Callable[[str], None] = field(default=_silent)  # progress while a move runs
    ours: Callable[[], None] = field(default=_always_ours)  # raises ClaimLost: start no new effect
    known: Mapping[str, Facts] = field(default_factory=dict)  # this job's `before`, by step
    ramp: Ramp = field(default_factory=Ramp)
    without: frozenset[str] = frozenset()  # hosts that people left out
    only: frozenset[str] = frozenset()  # hosts that a diagnosis is about; empty: all
    since: float = 0.0  # when the step's present state began, seconds since the epoch
    taken_back: Callable[[], str] = field(default=_by_nobody)  # by which job the app's ids are
    # Puts more into the step's `before`, and its patience begins anew: how far a long undo has come.
    keep: Callable[[Facts], None] = field(default=_keeps_nothing)
    # The same without that: patience goes on as it was.
    jot: Callable[[Facts], None] = field(default=_keeps_nothing)
    # The same with the next save, at the move's end: what a death may cost is one look.
    remember: Callable[[Facts], None] = field(default=_keeps_nothing)
    # Digests of the plans that people agreed to, by approval; None where nobody is asked.
    agreed: Mapping[str, str] | None = None
    proving: Proving = field(default_factory=Proving)
    prices: Prices = field(default_factory=Prices)
    route: str = DUAL
    asked: Facts = field(default_factory=dict)  # what else the job was asked for

    @property
    def roster(self) -> tuple[Host, ...]:
        """The app's hosts as the first step found them, without those left out."""
        found = self.known.get("hosts", {}).get("roster")
        hosts = self.app.hosts if found is None else tuple(Host(**host) for host in found)
        return tuple(host for host in hosts if host.name not in self.without)

    @property
    def collections(self) -> tuple[Collection, ...]:
        """The configs on their way, as the first step found them; before it, those of the settings.

        None where the settings leave to the service which ones feed the logstore.
        """
        if found := self.known.get("source", {}).get("collections"):
            return tuple(map(Collection.of, found))
        return tuple(map(self.named, self.app.source.configs))

    def named(self, config: str) -> Collection:
        """A config of the source, with the name that the settings give it in the target."""
        return Collection(config, target_name(self.app.target.config, config, self.app.name))


@dataclass(frozen=True, kw_only=True)
class Step:
    """One change to the world: check looks, do changes, verify proves, undo puts back.

    `check` and `verify` are read-only. `do` and `undo` may be run again after a crash at any
    point. `before` is what `check` saw, saved before `do` runs for the first time. `undo` answers
    with a sentence on what it took back or left, and may raise NotYet to be run again later.
    """

    name: str
    title: str
    check: Callable[[Context], Facts]
    do: Callable[[Context, Facts], None]
    verify: Callable[[Context, Facts], Evidence]
    undo: Callable[[Context, Facts], str] | None = None
    no_undo_because: str = ""
    undo_costs: str = ""  # what taking back costs in the data, though it works in the API
    would: Callable[[Context, Facts], str]  # for `plan`: what `do` would change
    patience: Callable[[Waits], float] = field(default=lambda waits: waits.appear)
    looks: bool = False  # changes nothing: what it finds is its result, not "already so"
    # When patience ends: the same trouble with its causes, for the person who reads it.
    explain: Callable[[Context, JobError], JobError] = field(default=_as_it_is)
    # The last green row, which itself changes nothing: where this one turns red or stays unproven, all
    # behind that is taken back by itself.
    red_back_to: str = ""
    # From its first change to its proof nobody collects: whatever fails meanwhile is a red one.
    uncovered: bool = False

    def __post_init__(self) -> None:
        if (self.undo is None) == (not self.no_undo_because):
            raise TypeError(f"step {self.name!r} needs either undo or no_undo_because")


@dataclass(frozen=True, kw_only=True)
class Approval:
    """A place where the job waits for a person.

    `show` makes the lines that are agreed to; `green` proves again that it is safe, raises NotYet
    while that is open, and StepFailed where it is not.
    """

    name: str
    title: str
    show: Callable[[Context], Plan]
    green: Callable[[Context], Evidence]
    patience: Callable[[Waits], float] = field(default=lambda waits: waits.proof)
    # Where it is not, neither this question nor the step behind it has anything to do.
    needed: Callable[[Context], bool] = field(default=_always)
    alone: bool = False  # the step behind it is none of its business, and runs in any case
    if_declined: str = ""  # the way out for whoever says no


@dataclass(frozen=True)
class Workflow:
    """The rows of a migration, and those of the other kinds of job; names are unique over all.

    `routes`: what a migration goes through that takes another route. A row of theirs that has the
    name of one of `steps` does the same by other means.
    """

    name: str
    steps: tuple[Step | Approval, ...]
    also: Mapping[JobKind, tuple[Step | Approval, ...]] = field(default_factory=dict)
    routes: Mapping[str, tuple[Step | Approval, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Step | Approval:
        return next(row for rows in self.tables for row in rows if row.name == name)

    @property
    def tables(self) -> tuple[tuple[Step | Approval, ...], ...]:
        """The rows of each kind of job and of each route."""
        return (self.steps, *self.also.values(), *self.routes.values())

    def rows(self, kind: JobKind, route: str = DUAL) -> tuple[Step | Approval, ...]:
        """What a job of this kind goes through, from the first to the last."""
        return self.also.get(kind) or self.routes.get(route, self.steps)

    def of(self, job: Job) -> tuple[Step | Approval, ...]:
        """What this job goes through."""
        return self.rows(job.kind, job.route)

    def row(self, job: Job, name: str) -> Step | Approval:
        """The row of that name as this job has it."""
        return next((row for row in self.of(job) if row.name == name), self[name])
