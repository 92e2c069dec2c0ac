"""What a workflow is made of: Steps that change the world, Approvals that wait for a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from workflows.apps import App, Waits
from workflows.model import Evidence, Facts, Plan
from workflows.ports import Clock, Hosts, Sls


def _silent(text: str) -> None: ...


def _always_ours() -> None: ...


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


@dataclass(frozen=True)
class Workflow:
    name: str
    steps: tuple[Step | Approval, ...]

    def __getitem__(self, name: str) -> Step | Approval:
        return next(step for step in self.steps if step.name == name)
