"""
Move a job by one step, forwards or backwards.

A worker may die at any line and a hint may come twice. Both are harmless: what a step is about
to change is saved before it changes it, every `do` and `undo` may be run again, and nothing is
written without the claim.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from workflows.apps import Waits
from workflows.errors import Conflict, JobError, NotYet, StepFailed, StoreAway, Unavailable
from workflows.model import (
    ENDED,
    OURS,
    SETTLED,
    Claim,
    Event,
    EventKind,
    Evidence,
    Facts,
    Job,
    JobKind,
    JobState,
    Record,
    RecordState,
)
from workflows.planning import plan_lines
from workflows.ports import Clock, Notifier, Store
from workflows.step import Approval, Context, Step, Workflow

AT_ONCE = 0.0
NEVER: float | None = None  # until somebody changes the job
LONGEST_DELAY = 300.0  # seconds between two looks at a service that is away


@dataclass(frozen=True)
class Forward:
    step: Step


@dataclass(frozen=True)
class Back:
    step: Step


@dataclass(frozen=True)
class Ask:
    approval: Approval


@dataclass(frozen=True)
class Await:
    approval: Approval


@dataclass(frozen=True)
class Recheck:
    approval: Approval


@dataclass(frozen=True)
class Draw:
    """Write down what a migration would do."""


@dataclass(frozen=True)
class Finish:
    state: JobState


Move = Forward | Back | Ask | Await | Recheck | Draw | Finish | None


def next_move(job: Job, workflow: Workflow) -> Move:
    """Decide from the record alone; with the two below, this is the whole state machine."""
    if job.state in ENDED or job.state is JobState.STOPPED:
        return None
    if job.state is JobState.UNDOING:
        return _next_back(job, workflow)
    return Draw() if job.kind is JobKind.PLAN else _next_forward(job, workflow)


def _next_forward(job: Job, workflow: Workflow) -> Move:
    for step in workflow.steps:
        state = job.record(step.name).state
        if state in SETTLED:
            continue
        if isinstance(step, Step):
            return Forward(step)
        if state is RecordState.AGREED:
            return Recheck(step)
        return Await(step) if state is RecordState.ASKED else Ask(step)
    return Finish(JobState.SUCCEEDED)


def _next_back(job: Job, workflow: Workflow) -> Move:
    for step in reversed(workflow.steps):
        if isinstance(step, Step) and job.record(step.name).state in OURS:
            return Back(step)
    return Finish(JobState.UNDONE)


def growing(attempts: int, first: float) -> float:
    """Seconds until the next look at a service that was away `attempts` times in a row."""
    return min(first * 2.0 ** min(attempts, 16), LONGEST_DELAY)


class Turn:
    """One claim's worth of work. Every save goes through it, so claim and version are the newest."""

    def __init__(self, engine: Engine, claim: Claim, saved: Callable[[Claim], None]) -> None:
        self.engine, self.claim, self.saved = engine, claim, saved
        self.name = ""  # the step or approval at work
        self.granted: Callable[[Job], Job] = lambda job: job  # notes the consent it rests on

    @property
    def job(self) -> Job:
        return self.claim.job

    @property
    def record(self) -> Record:
        return self.job.record(self.name)

    def save(self, job: Job, *events: Event) -> None:
        self.claim = self.engine.store.commit(self.claim, job, *events)
        self.saved(self.claim)
        self.engine.notifier.show(job.id)

    def note(self, *events: Event, job: Job | None = None, **changes: object) -> None:
        """Save the record at work with `changes`; reaching a service ends its outage."""
        self.save((job or self.job).noted(self.name, attempts=0, away=0.0, **changes), *events)

    def event(self, kind: EventKind, evidence: Evidence | None = None, **more: object) -> Event:
        said = evidence or Evidence("")
        event = Event(self.engine.clock.now(), self.job.id, kind, self.name)
        return replace(event, text=said.text, hosts=said.hosts, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Engine:
    """The workflow with the ports it needs; `world` makes an app's Context, or raises UnknownApp."""

    workflow: Workflow
    store: Store
    notifier: Notifier
    clock: Clock
    waits: Waits
    world: Callable[[str], Context]

    def advance(
        self,
        claim: Claim,
        say: Callable[[str], None] = lambda text: None,
        ours: Callable[[], None] = lambda: None,
        saved: Callable[[Claim], None] = lambda claim: None,
    ) -> float | None:
        """Make one move. Say in how many seconds to look again, or None for not at all.

        `say` takes progress for the channel, `ours` raises ClaimLost when the claim is over, `saved`
        is told of each newer claim.
        """
        turn = Turn(self, claim, saved)
        try:
            return self._guarded(turn, say, ours)
        except Conflict:  # somebody else moved the job, or the claim is over: look anew
            return AT_ONCE

    def give_up(self, claim: Claim, ref: str) -> None:
        """Stop a job whose move met an error that nobody foresaw; `ref` finds it in the log."""
        text = f"an error that was not foreseen, {ref} in the worker's log"
        hint = "Retry, or Roll back; and hand that log entry to whoever looks after logmigrate."
        turn = Turn(self, claim, lambda claim: None)
        try:
            self._trouble(turn, StepFailed(text, hint))
        except Conflict:
            return  # looked at anew by whoever moved it

    def _guarded(
        self, turn: Turn, say: Callable[[str], None], ours: Callable[[], None]
    ) -> float | None:
        try:
            move = next_move(turn.job, self.workflow)
            turn.name = _name(move)
            return self._make(turn, move, say, ours)
        except Unavailable as away:
            return self._put_off(turn, away)
        except NotYet as reason:
            return self._await(turn, reason)
        except StoreAway:  # no trouble of the step: nothing can be written down now
            raise
        except JobError as error:
            return self._trouble(turn, error)

    def _make(
        self, turn: Turn, move: Move, say: Callable[[str], None], ours: Callable[[], None]
    ) -> float | None:
        match move:
            case None:
                return NEVER
            case Finish(state):
                return self._finish(turn, state)
            case Await(approval):
                return self._expire(turn, approval)
        known = {record.name: record.before for record in turn.job.records}
        context = replace(self.world(turn.job.app), say=say, ours=ours, known=known)
        _same_names(turn.job, context)
        ours()
        match move:
            case Forward(step):
                return self._do(turn, step, context)
            case Back(step):
                return self._undo(turn, step, context)
            case Ask(approval):
                return self._ask(turn, approval, context)
            case Recheck(approval):
                return self._recheck(turn, approval, context)
            case Draw():
                return self._draw(turn, context)

    def _do(self, turn: Turn, step: Step, context: Context) -> float:
        if turn.record.state is RecordState.PENDING:
            before = step.check(context)
            if evidence := _holds(step, context, before):
                done = turn.event(EventKind.ALREADY, evidence)
                self._step_on(turn, RecordState.ALREADY, done, before=before, note=evidence.text)
                return AT_ONCE
            self._step_on(turn, RecordState.DOING, before=before, note="", hosts=())
        if turn.record.state is RecordState.DOING:
            context.ours()
            step.do(context, turn.record.before)
            self._step_on(turn, RecordState.PROVING, note="", hosts=())
        evidence = step.verify(context, turn.record.before)
        done = turn.event(EventKind.DONE, evidence)
        self._step_on(turn, RecordState.DONE, done, note=evidence.text, hosts=evidence.hosts)
        return AT_ONCE

    def _step_on(self, turn: Turn, state: RecordState, *events: Event, **changes: object) -> None:
        job = turn.granted(turn.job).moved(JobState.RUNNING)
        turn.note(*events, job=job, state=state, since=self.clock.now(), **changes)

    def _undo(self, turn: Turn, step: Step, context: Context) -> float:
        if step.undo is None:
            raise StepFailed(f"{step.title} cannot be taken back: {step.no_undo_because}.")
        if turn.record.state is not RecordState.UNDOING:
            turn.note(state=RecordState.UNDOING, since=self.clock.now(), note="", hosts=())
        context.ours()
        said = step.undo(context, turn.record.before)
        event = turn.event(EventKind.TAKEN_BACK, Evidence(said))
        turn.note(event, state=RecordState.UNDONE, note=said, hosts=(), since=self.clock.now())
        return AT_ONCE

    def _ask(self, turn: Turn, approval: Approval, context: Context) -> float:
        plan, evidence = approval.show(context), approval.green(context)
        asked = turn.event(EventKind.ASKED, evidence, lines=plan.lines, shown=plan.digest)
        turn.note(
            asked,
            job=turn.job.moved(JobState.RUNNING).moved(JobState.WAITING),
            state=RecordState.ASKED,
            shown=plan.digest,
            note=evidence.text,
            hosts=evidence.hosts,
            since=self.clock.now(),
        )
        return self.waits.approval

    def _expire(self, turn: Turn, approval: Approval) -> float | None:
        left = turn.record.since + self.waits.approval - self.clock.now()
        if left > 0:
            return left
        reason = f"Nobody answered “{approval.title}” in {self.waits.approval / 3600:.0f} h"
        hint = "Retry asks again; Roll back takes back what was done."
        job = turn.job.moved(JobState.STOPPED, reason, hint)
        event = turn.event(EventKind.EXPIRED, Evidence(reason), hint=hint)
        turn.note(event, job=job, state=RecordState.PENDING, shown="", since=0.0)
        return NEVER

    def _recheck(self, turn: Turn, approval: Approval, context: Context) -> float:
        """Between the button and the act the world may have moved: look once more, and act.

        The consent is used up in the same save that begins the step: one that lay about could be
        acted on days later, after an outage or a retry.
        """
        plan = approval.show(context)
        if plan.digest != turn.record.shown:
            return self._void(turn, "the plan is no longer the one that was shown")
        try:
            evidence = approval.green(context)
        except StepFailed as red:
            return self._void(turn, str(red))
        done: Facts = {"state": RecordState.DONE, "note": evidence.text}
        done |= {"since": self.clock.now(), "attempts": 0, "away": 0.0}
        following = self._following(approval)
        if following is None:
            turn.save(turn.job.noted(approval.name, **done))
            return AT_ONCE
        turn.granted = lambda job: job.noted(approval.name, **done)
        turn.name = following.name
        return self._do(turn, following, context)

    def _following(self, approval: Approval) -> Step | None:
        place = self.workflow.steps.index(approval) + 1
        return next(
            (s for s in self.workflow.steps[place : place + 1] if isinstance(s, Step)), None
        )

    def _void(self, turn: Turn, why: str) -> float:
        event = turn.event(EventKind.VOID, Evidence(why), who=turn.record.by)
        turn.note(event, state=RecordState.PENDING, shown="", by="", note="", since=0.0)
        return AT_ONCE

    def _draw(self, turn: Turn, context: Context) -> float | None:
        lines = plan_lines(self.workflow, context)
        event = turn.event(EventKind.PLANNED, lines=lines)
        turn.save(turn.job.moved(JobState.RUNNING).moved(JobState.SUCCEEDED), event)
        return NEVER

    def _finish(self, turn: Turn, state: JobState) -> float | None:
        done = state is JobState.SUCCEEDED
        kind = EventKind.SUCCEEDED if done else EventKind.UNDONE
        turn.save(turn.job.moved(state), turn.event(kind))
        return NEVER

    def _put_off(self, turn: Turn, away: Unavailable) -> float | None:
        """Said once per outage, looked at with growing delays, stopped when it lasts too long."""
        if not turn.name:
            return self._plan_later(turn, away)
        record, now = turn.record, self.clock.now()
        since = record.away or now
        if now - since > self.waits.outage:
            return self._trouble(turn, StepFailed(f"{away} for {now - since:.0f} s", away.hint))
        first = turn.event(EventKind.AWAY, Evidence(str(away)), hint=away.hint)
        events = () if record.away else (first,)
        changed = turn.job.noted(turn.name, attempts=record.attempts + 1, away=since)
        turn.save(changed, *events)
        return growing(record.attempts, self.waits.look)

    def _plan_later(self, turn: Turn, away: Unavailable) -> float | None:
        if self.clock.now() - turn.job.created > self.waits.outage:
            return self._trouble(turn, away)
        if turn.job.state is JobState.QUEUED:  # a plan has no record at work to say it once by
            first = turn.event(EventKind.AWAY, Evidence(str(away)), hint=away.hint)
            turn.save(turn.job.moved(JobState.RUNNING), first)
        return self.waits.look

    def _await(self, turn: Turn, reason: NotYet) -> float | None:
        record, now = turn.record, self.clock.now()
        since = record.waits_since(now)
        patience = self.workflow[turn.name].patience(self.waits)
        if now - since > patience:
            return self._out_of_patience(turn, reason, now - since)
        seen = (record.note, record.hosts, record.since, record.attempts)
        if seen != (str(reason), reason.hosts, since, 0):
            turn.note(note=str(reason), hosts=reason.hosts, since=since)
        return self.waits.look

    def _out_of_patience(self, turn: Turn, reason: NotYet, waited: float) -> float | None:
        why = f"{reason}, waited {waited:.0f} s"
        if turn.record.state is RecordState.AGREED:
            return self._void(turn, why)
        return self._trouble(turn, StepFailed(why, reason.hint, reason.hosts))

    def _trouble(self, turn: Turn, error: JobError) -> float | None:
        title = self.workflow[turn.name].title if turn.name else ""
        reason = f"{title}: {error}" if title else str(error)
        hint = error.hint or "Retry when the cause is gone, or Roll back."
        event = turn.event(EventKind.STOPPED, Evidence(str(error), error.hosts), hint=hint)
        job = turn.job.moved(JobState.STOPPED, reason, hint)
        if turn.name:
            job = job.noted(turn.name, hosts=error.hosts)
        turn.save(job, event)
        return NEVER


def _name(move: Move) -> str:
    match move:
        case Forward(step) | Back(step):
            return step.name
        case Ask(approval) | Await(approval) | Recheck(approval):
            return approval.name
    return ""


def _same_names(job: Job, context: Context) -> None:
    """The settings may be edited under a job; what it made has the old names, others' the new."""
    now = context.app.names
    if changed := [key for key, name in job.names.items() if now.get(key) != name]:
        key = changed[0]
        was = f"apps.{job.app}.{key} is {now.get(key)!r} and was {job.names[key]!r} at the start"
        hint = "Put it back in the settings, restart the workers, then Retry or Roll back."
        raise StepFailed(f"{was} of this job", hint)


def _holds(step: Step, context: Context, before: Facts) -> Evidence | None:
    try:
        return step.verify(context, before)
    except NotYet:
        return None
