"""What runs ETL jobs: up to the present moment whenever somebody looks, a bounded part at a time.

Lines are read through a consumer group of the source logstore, by shard and by time of receipt,
and written as they are. Both roles are asked anew before each part.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.sls import errors
from sandbox.sls.consumer import ConsumerGroup
from sandbox.sls.errors import SlsError
from sandbox.sls.etl_plan import Sink
from sandbox.sls.jobs import PASSING, Job, Status
from sandbox.sls.logstore import Logstore
from sandbox.sls.roles import Role
from sandbox.sls.state import Project, State
from sandbox.sls.tape import Tape, cursor_of

_log = logging.getLogger(__name__)

ROUNDS = 4  # batches of each shard that a job copies at a time
BATCH_GROUPS = 50
BATCH_BYTES = 2 * 1024 * 1024
GROUP_TIMEOUT = 60
# The policy that the help page about custom roles gives the reading role.
ON_LOGSTORE = ("log:ListShards", "log:GetCursorOrData")
ON_GROUP = (
    "log:CreateConsumerGroup",
    "log:ListConsumerGroup",
    "log:UpdateConsumerGroup",
    "log:ConsumerGroupHeartBeat",
    "log:ConsumerGroupUpdateCheckPoint",
    "log:GetConsumerGroupCheckPoint",
)
# It gives the writing role log:Post* and log:BatchPost*; what they mean here is inferred.
ON_TARGET = ("log:PostLogStoreLogs", "log:BatchPostLogStoreLogs")


class _Died(Exception):
    """The runner's end between a write and its checkpoint."""


def advance(state: State) -> None:
    """Bring every job up to now; what goes wrong with one becomes its failure."""
    with state.lock:
        for project in list(state.projects.values()):
            for job in list(project.jobs.values()):
                _advance(state, project, job)


def _advance(state: State, project: Project, job: Job) -> None:
    now = state.clock.now()
    if job.status in PASSING and now >= job.until:
        job.status = PASSING[job.status]
    if job.status is not Status.RUNNING:
        return
    try:
        _Run.begun(state, project, job, now).go()
    except _Died:
        pass  # the next look finds the last checkpoint and goes on from there
    except SlsError as refusal:
        job.fail(f"{refusal.code}: {refusal.text}")
    except Exception as error:  # noqa: BLE001 - our own bug: said aloud, and the server lives on
        _log.exception("running ETL job %s of project %s", job.name, project.name)
        job.fail(f"{type(error).__name__}: {error}")


@dataclass(frozen=True)
class _Run:
    """One part of a job's run, with all that it needs in place."""

    state: State
    job: Job
    source: Logstore
    group: ConsumerGroup
    targets: tuple[tuple[Project, str], ...]
    now: float

    @classmethod
    def begun(cls, state: State, project: Project, job: Job, now: float) -> _Run:
        """Check roles, source and sinks; raises the refusal that ends the run."""
        plan = job.running
        _check_reader(state, project, job)
        source = project.ready_logstore(plan.logstore, now)
        targets = tuple((_target(state, project, sink, now), sink.logstore) for sink in plan.sinks)
        return cls(state, job, source, _group(state, source, job), targets, now)

    def go(self) -> None:
        """Copy a part; a closed window that is copied whole ends the job."""
        for _ in range(ROUNDS):
            wrote = [self._batch(shard, tape) for shard, tape in self._tapes()]
            if not any(wrote):
                break
        stop = self.job.running.stop
        left = any(self._place(shard, tape) < self._end(tape) for shard, tape in self._tapes())
        if stop and self.seen >= stop and not left:
            self.job.status = Status.SUCCEEDED

    @property
    def seen(self) -> float:
        """Lines received before this moment have come to the runner."""
        return self.now - self.state.clock.real(self.state.delays.job_lag)

    def _tapes(self) -> Iterator[tuple[int, Tape]]:
        return enumerate(self.source.tapes)

    def _batch(self, shard: int, tape: Tape) -> bool:
        """Copy one batch of a shard; whether there was one."""
        groups, after = tape.read(
            self._place(shard, tape), self._end(tape), BATCH_GROUPS, BATCH_BYTES
        )
        if not groups:
            return False
        for project, logstore in self.targets:
            for raw in groups:
                self.state.store(project, logstore, raw, "", any_time=self.state.etl.old_lines)
        self.job.batches += 1
        if self.state.etl.dies(self.job.name, self.job.batches):
            raise _Died
        self.group.keep(shard, cursor_of(after), self.now)
        return True

    def _place(self, shard: int, tape: Tape) -> int:
        """Where to read on: the checkpoint, or the window's start; lines dropped are skipped."""
        cursor = self.group.checkpoints.get(shard)
        if cursor is None:
            return tape.position(self.job.running.start)
        try:
            return tape.cursor_position(cursor)
        except SlsError:  # the lines there are no longer kept
            return tape.first

    def _end(self, tape: Tape) -> int:
        stop = self.job.running.stop
        return tape.position(min(stop, self.seen) if stop else self.seen)


def _group(state: State, source: Logstore, job: Job) -> ConsumerGroup:
    groups = source.consumer_groups
    if job.fresh:
        groups.pop(job.group, None)
        job.fresh = False
    if job.group not in groups:
        if len(groups) >= state.limits.consumer_groups:
            raise errors.quota("consumer groups", state.limits.consumer_groups)
        groups[job.group] = ConsumerGroup(job.group, order=False, timeout=GROUP_TIMEOUT)
    return groups[job.group]


def _check_reader(state: State, project: Project, job: Job) -> None:
    logstore = f"{_arn(project)}/logstore/{job.running.logstore}"
    role = _taken_on(state, job.running.role, project)
    for action in ON_LOGSTORE:
        _check(role, action, logstore)
    for action in ON_GROUP:
        _check(role, action, f"{logstore}/consumergroup/{job.group}")


def _target(state: State, source: Project, sink: Sink, now: float) -> Project:
    """The project that a sink writes to, once its role and logstore are in order."""
    if sink.inner and sink.region != source.region:
        text = f"the endpoint of sink {sink.name} is reached from within {sink.region} only"
        raise SlsError(400, "InvalidHost", text)
    project = state.project(sink.project, sink.region)
    role = _taken_on(state, sink.role, source)
    for action in ON_TARGET:
        _check(role, action, f"{_arn(project)}/logstore/{sink.logstore}")
    project.ready_logstore(sink.logstore, now)
    if role.account != project.account.id:
        raise errors.unauthorized("The project does not belong to you.")
    return project


def _taken_on(state: State, arn: str, source: Project) -> Role:
    role = state.roles.get(arn)
    if role is None:
        raise errors.unauthorized(f"role {arn} does not exist")
    if not role.trusts_log_service(source.account.id):
        text = f"role {arn} does not trust the log service of account {source.account.id}"
        raise errors.unauthorized(text)
    return role


def _check(role: Role, action: str, resource: str) -> None:
    if not role.permits(action, resource):
        raise errors.denied(action, resource)


def _arn(project: Project) -> str:
    return f"acs:log:{project.region}:{project.account.id}:project/{project.name}"
