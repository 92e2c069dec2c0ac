"""A finished move in one process, and then the lines of before it: agents, service and SDK as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sandbox.sls import Etl, Policy, Role
from tests.contract.ram_files import filled
from tests.contract.rights_world import (
    ALICE,
    BOB,
    ENDPOINT,
    KEYS,
    PLACES,
    SECONDS,
    WAITS,
    A,
    B,
    RightsWorld,
)
from tests.e2e.rollback_kit import SIDES, Key, Rollback
from workflows.apps import Proving, Roles
from workflows.engine import Engine
from workflows.logmigrate import LOGMIGRATE
from workflows.model import ENDED, Claim, EventKind, Job, JobState, RecordState
from workflows.step import Context

READER, WRITER = f"acs:ram::{B}:role/history-reader", f"acs:ram::{A}:role/history-writer"
ROLES = Roles(READER, WRITER, ENDPOINT.removeprefix("http://"))
NAMES = {**PLACES, "reading role": READER, "writing role": WRITER}
QUICK = replace(WAITS, alone=6)


def _policy(name: str, without: str) -> tuple[Policy, ...]:
    """One action less; nothing where that was all."""
    document = filled(f"{name}.json", NAMES)
    for statement in document["Statement"]:
        statement["Action"] = [one for one in statement["Action"] if one != without]
    document["Statement"] = [one for one in document["Statement"] if one["Action"]]
    return (Policy.of(document),) if document["Statement"] else ()


def _role(arn: str, name: str, without: str) -> Role:
    found = Role.of(arn, filled(f"{name}-trust.json", NAMES))
    return replace(found, policies=_policy(name, without))


class Past(Rollback):
    """`roles` as the settings have them; `etl` is how the service's jobs behave.

    The product may do what docs/ram/ allows, but for the action in `without`, by side or role.
    """

    def __init__(
        self,
        roles: Roles = ROLES,
        etl: Etl | None = None,
        without: Mapping[str, str] | None = None,
    ) -> None:
        self.id, self.roles, self.rate = "J1", roles, 100_000
        super().__init__()
        self.server.state.etl = etl or Etl()
        lacking = without or {}
        self.server.state.roles |= {
            arn: _role(arn, name, lacking.get(name, ""))
            for arn, name in ((READER, "history-reader"), (WRITER, "history-writer"))
        }
        for side, name in KEYS.items():
            account, key = self.server.state.keys[name]
            own = _policy(f"history-{side}", lacking.get(side, ""))
            more = replace(key, policies=(*key.policies, *own))
            self.server.state.keys[name] = (account, more)

    @property
    def context(self) -> Context:
        found = super().context
        app = replace(found.app, roles=self.roles)
        return replace(found, waits=QUICK, app=app, proving=Proving(rate=self.rate))

    @property
    def job(self) -> Job:
        return self.store.load(self.id)

    def said(self) -> str:
        return "; ".join((self.job.reason, *(event.text for event in self.store.told[self.id])))

    def live(self, until: Callable[[RightsWorld], bool]) -> None:
        """Let time pass, and bob agree to everything, until something is so or all is over."""
        for _ in range(SECONDS):
            for _job in self.store.due():
                self._look(self.engine())
            if until(self) or self.job.state in {*ENDED, JobState.STOPPED}:
                return
            self._agree()
            self.second()
        raise AssertionError(f"hangs: {self.said()}")

    def _agree(self) -> None:
        for record in self.job.records:
            if record.state is RecordState.ASKED and self.job.state is JobState.WAITING:
                self.service.approve(self.id, record.name, record.shown, BOB)

    def engine(self) -> Engine:
        return Engine(
            LOGMIGRATE, self.store, self.notifier, self.clock, QUICK, lambda _: self.context
        )

    def _look(self, engine: Any) -> None:
        claim = self.store.claim(self.id)
        if claim is None:
            return
        newest: list[Claim] = [claim]
        seconds = engine.advance(claim, saved=newest.append)
        self.store.release(newest[-1], seconds)

    def moved(self) -> Past:
        """Through both approvals to the end."""
        self.start()
        self.live(lambda _: self.job.state in ENDED)
        assert self.job.state is JobState.SUCCEEDED, self.said()
        return self

    def asked(self, name: str) -> bool:
        """Whether that question is open."""
        return self.job.record(name).state is RecordState.ASKED

    def moves_on(self) -> None:
        self.live(lambda _: self.job.state in ENDED)

    def asks(self, since: str = "2d") -> Past:
        """Alice asks for the past, in a job of its own."""
        self.id = self.service.history("app-b", ALICE, "C1", since).id
        return self

    def ends(self) -> JobState:
        """Everybody agrees, until the job has ended or stopped."""
        self.live(lambda _: False)
        return self.job.state

    def taken_back(self) -> None:
        self.service.roll_back(self.id, BOB)
        self.live(lambda _: self.job.state in ENDED)
        assert self.job.state is JobState.UNDONE, self.said()

    def told(self, step: str, kind: EventKind = EventKind.DONE) -> str:
        """What was said at the end of a step."""
        events = self.store.told[self.id]
        return next((e.text for e in events if e.step == step and e.kind is kind), "")

    def both(self) -> tuple[Counter[Key], Counter[Key]]:
        """Every line of either side up to now, as an outsider counts them."""
        return self.lines("source"), self.lines("target")

    def slow(self) -> None:
        """Have copying jobs of the service run for a while."""
        self.server.state.delays = replace(self.server.state.delays, job_lag=200)

    def group(self) -> list[str]:
        """Consumer groups in the source's logstore."""
        project, logstore = SIDES["source"]
        groups = self.sees("source").list_consumer_group(project, logstore).get_consumer_groups()
        return [one.get_consumer_group_name() for one in groups]
