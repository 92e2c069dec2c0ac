"""What people may ask: plan, start, diagnose, approve, decline, retry, cancel, roll back; and who may."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import gmtime, strftime

from workflows.apps import App, HostsFrom, People, Waits
from workflows.errors import Conflict, Locked, Refused, UnknownApp, UnknownJob
from workflows.model import (
    DUAL,
    LOCKING,
    Event,
    EventKind,
    Facts,
    Job,
    JobKind,
    JobState,
    Record,
    RecordState,
)
from workflows.ports import Clock, Queue, Store
from workflows.pressed import halted, retried, turned
from workflows.rights import Rights
from workflows.since import asked_for, moved
from workflows.step import Approval, Workflow
from workflows.window import answered, ends_at, extended

TRIES = 5  # a worker's commit may come between our load and our save


@dataclass(frozen=True)
class Service:
    """Each request is checked and saved; the work is a worker's. Raises Refused or StoreAway."""

    workflow: Workflow
    apps: Mapping[str, App]
    people: People
    store: Store
    queue: Queue
    clock: Clock
    new_id: Callable[[], str]
    waits: Waits = field(default_factory=Waits)

    @property
    def rights(self) -> Rights:
        return Rights(self.workflow, self.people)

    def plan(
        self, app: str, by: str, channel: str, without: Sequence[str] = (), route: str = DUAL
    ) -> Job:
        return self._create(JobKind.PLAN, app, by, channel, without=tuple(without), route=route)

    def start(
        self, app: str, by: str, channel: str, without: Sequence[str] = (), route: str = DUAL
    ) -> Job:
        return self._create(JobKind.MOVE, app, by, channel, without=tuple(without), route=route)

    def diagnose(self, app: str, by: str, channel: str, only: Sequence[str] = ()) -> Job:
        """Find out why hosts are silent; all of the app's if `only` names none."""
        return self._create(JobKind.DIAGNOSE, app, by, channel, only=tuple(only))

    def history(self, app: str, by: str, channel: str, since: str) -> Job:
        """Copy the lines of before the app's move; `since` says how far back."""
        known = app in self.apps
        if known and (holder := self.store.holder(app)):
            raise self._held(app, holder)
        asked = asked_for(app, since, self._with_move(app), self.clock.now()) if known else {}
        return self._create(JobKind.HISTORY, app, by, channel, asked=asked)

    def _with_move(self, app: str) -> Sequence[Job]:
        """The newest jobs, as many as it takes to find the app's move, or all."""
        for most in (100, 1000, 10_000):
            jobs = self.store.jobs(most)
            if moved(app, jobs):
                break
        return jobs

    def leave_out(self, ref: str, hosts: Sequence[str], by: str) -> Job:
        """Let a stopped job go on without these hosts, at its next Retry."""

        def without(job: Job) -> tuple[Job, Event]:
            self.rights.requester_or_approver(job, by)
            self.rights.may_leave_out(job)
            self._known_hosts(job.app, hosts)
            left = tuple(dict.fromkeys((*job.without, *hosts)))
            self._some_host_left(job.app, left)
            event = self._event(job, EventKind.LEFT_OUT, by)
            return replace(job, without=left), replace(event, text=", ".join(hosts))

        return self._change(self.status(ref).id, without)

    def status(self, ref: str) -> Job:
        """The job of that id, or the app's present or newest one."""
        if ref not in self.apps:
            return self.store.load(ref.upper())
        if holder := self.store.holder(ref):
            return self.store.load(holder)
        for job in self.store.jobs():
            if job.app == ref and job.kind is JobKind.MOVE:
                return job
        raise UnknownJob(f"Nothing was started for {ref} yet.", f"/logmigrate start {ref}")

    def jobs(self) -> tuple[Job, ...]:
        return self.store.jobs()

    def link(self, job_id: str) -> str:
        return self.store.link(job_id)

    def approve(self, job_id: str, name: str, shown: str, by: str) -> Job:
        """Record the click and nothing more; the worker looks again before it acts."""

        def agreed(job: Job) -> tuple[Job, Event]:
            self.rights.open_question(job, name, shown)
            self.rights.four_eyes(job, by)
            job = answered(job).moved(JobState.RUNNING)
            job = job.noted(name, state=RecordState.AGREED, by=by, since=self.clock.now())
            return job, self._event(job, EventKind.APPROVED, by, name)

        return self._change(job_id, agreed)

    def decline(self, job_id: str, name: str, shown: str, by: str) -> Job:
        def declined(job: Job) -> tuple[Job, Event]:
            self.rights.open_question(job, name, shown)
            if by != job.requested_by:
                self.rights.approver(by)
            reason = f"<@{by}> declined “{self.workflow.row(job, name).title}”"
            event = self._event(job, EventKind.DECLINED, by, name)
            return halted(job, reason, self._if_declined(name)), event

        return self._change(job_id, declined)

    def retry(self, job_id: str, by: str) -> Job:
        def again(job: Job) -> tuple[Job, Event]:
            self.rights.requester_or_approver(job, by)
            if job.state is not JobState.STOPPED:
                raise Refused(f"Job {job.id} is {job.state}, so there is nothing to retry.")
            return retried(answered(job), self.clock.now()), self._event(job, EventKind.RETRIED, by)

        return self._change(job_id, again)

    def cancel(self, ref: str, by: str) -> Job:
        """Go no further. Where nothing was changed yet the job ends; else a person decides."""

        def cancelled(job: Job) -> tuple[Job, Event]:
            self.rights.requester_or_approver(job, by)
            self.rights.under_way(job)
            self.rights.collected(job)
            reason = f"<@{by}> cancelled it"
            event = self._event(job, EventKind.CANCELLED, by)
            if not job.touched:
                return job.moved(JobState.UNDOING, reason), event
            return halted(job, reason), event

        return self._change(self.status(ref).id, cancelled)

    def roll_back(self, ref: str, by: str) -> Job:
        def back(job: Job) -> tuple[Job, Event]:
            self.rights.may_turn_back(job, by)
            job = turned(job, self.workflow, self.clock.now())
            job = job.moved(JobState.UNDOING, f"<@{by}> asked to roll back")
            return job, self._event(job, EventKind.TURNED, by)

        return self._change(self.status(ref).id, back)

    def extend(self, ref: str, by: str) -> Job:
        """Let both sides collect for `waits.dual` more, before the source is stopped."""

        def longer(job: Job) -> tuple[Job, Event]:
            self.rights.requester_or_approver(job, by)
            self.rights.may_extend(job)
            job = extended(job, self.waits, self.clock.now())
            event = self._event(job, EventKind.EXTENDED, by)
            return job, replace(event, text=_date(ends_at(job)))

        return self._change(self.status(ref).id, longer)

    def _create(
        self,
        kind: JobKind,
        app: str,
        by: str,
        channel: str,
        *,
        without: tuple[str, ...] = (),
        only: tuple[str, ...] = (),
        asked: Facts | None = None,
        route: str = DUAL,
    ) -> Job:
        if app not in self.apps:
            known = ", ".join(sorted(self.apps)) or "none is configured"
            raise UnknownApp(f"There is no app “{app}”.", f"Apps: {known}.")
        if kind in LOCKING and not self.people.may_start(by):
            raise Refused("You may not start migrations.", "Ask somebody on the requesters list.")
        self._known_hosts(app, (*without, *only))
        self._some_host_left(app, without)
        try:
            new = self._new(kind, app, by, channel, route)
            job = self._saved(replace(new, without=without, only=only, asked=asked or {}))
        except Locked as held:
            raise self._held(app, held.holder) from None
        self.queue.hint(job.id)
        return job

    def _known_hosts(self, app: str, names: Sequence[str]) -> None:
        """Who the machine group will name is not known here; the first step looks at it again."""
        known = {host.name for host in self.apps[app].hosts}
        strange = [name for name in names if name not in known]
        if strange and self.apps[app].hosts_from is HostsFrom.LIST:
            text = f"{app} has no host {', '.join(strange)}."
            raise Refused(text, f"Its hosts: {', '.join(sorted(known)[:20])}.")

    def _some_host_left(self, app: str, without: Sequence[str]) -> None:
        names = {host.name for host in self.apps[app].hosts}
        if without and self.apps[app].hosts_from is HostsFrom.LIST and names <= set(without):
            raise Refused(f"Without {', '.join(without)} {app} has no host left to move.")

    def _saved(self, job: Job) -> Job:
        """The new job in the store; short ids may be taken, so a few are tried."""
        for _ in range(TRIES):
            try:
                self.store.create(job, self._event(job, EventKind.STARTED, job.requested_by))
            except Conflict:
                job = replace(job, id=self.new_id())
                continue
            return job
        raise Refused("No free job id was found.", "Try once more.")

    def _new(self, kind: JobKind, app: str, by: str, channel: str, route: str) -> Job:
        return Job(
            id=self.new_id(),
            app=app,
            requested_by=by,
            channel=channel,
            created=self.clock.now(),
            kind=kind,
            names=self.apps[app].names,
            route=route,
            records=tuple(Record(row.name) for row in self.workflow.rows(kind, route)),
        )

    def _held(self, app: str, holder: str) -> Locked:
        job = self.store.load(holder)
        where, since = self.store.link(holder), _date(job.created)
        text = (
            f"{app} is held by job {holder} of <@{job.requested_by}> since {since} ({job.state})."
        )
        hint = f"See {where or f'/logmigrate status {app}'}, or /logmigrate cancel {app}."
        return Locked(text, hint, holder)

    def _change(self, job_id: str, change: Callable[[Job], tuple[Job, Event]]) -> Job:
        for _ in range(TRIES):
            try:
                job, event = change(self.store.load(job_id))
                saved = self.store.amend(job, event)
            except Conflict:
                continue
            self.queue.hint(job_id)
            return saved
        raise Refused(f"Job {job_id} is moving quickly just now.", "Press once more.")

    def _event(self, job: Job, kind: EventKind, by: str, step: str = "") -> Event:
        return Event(self.clock.now(), job.id, kind, step, who=by)

    def _if_declined(self, name: str) -> str:
        row = self.workflow[name]
        return row.if_declined if isinstance(row, Approval) else ""


def _date(at: float) -> str:
    """A moment as each reader's own clock shows it."""
    utc = strftime("%Y-%m-%d %H:%M UTC", gmtime(at))
    return f"<!date^{at:.0f}^{{date_short_pretty}} {{time}}|{utc}>"
