"""
Move a job by one step, forwards or backwards.

A worker may die at any line and a hint may come twice. Both are harmless: what a step is about
to change is saved before it changes it, every `do` and `undo` may be run again, and nothing is
written without the claim.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from workflows.apps import Waits
from workflows.asking import Asking
from workflows.errors import Conflict, JobError, NotYet, Red, StepFailed, StoreAway, Unavailable
from workflows.model import (
    Claim,
    Event,
    EventKind,
    Evidence,
    Facts,
    Job,
    JobKind,
    JobState,
    RecordState,
)
from workflows.moves import (
    Arrive,
    Ask,
    Await,
    Back,
    Draw,
    Finish,
    Forward,
    Move,
    Recheck,
    name_of,
    next_move,
)
from workflows.others import taken_back
from workflows.patience import AT_ONCE, NEVER, Patience
from workflows.planning import draw
from workflows.ports import Clock, Notifier, Store
from workflows.red import uncovered
from workflows.step import Approval, Context, Grip, Step, Workflow
from workflows.turn import Turn


@dataclass(frozen=True)
class Engine:
    """The workflow with the ports it needs; `world` makes a job's Context, or raises UnknownApp."""

    workflow: Workflow
    store: Store
    notifier: Notifier
    clock: Clock
    waits: Waits
    world: Callable[[Grip], Context]

    @property
    def patience(self) -> Patience:
        return Patience(self.workflow, self.waits, self.clock)

    @property
    def asking(self) -> Asking:
        return Asking(self.workflow, self.clock, self.patience)

    def _turn(self, claim: Claim, saved: Callable[[Claim], None]) -> Turn:
        return Turn(self.store, self.notifier, self.clock, claim, saved)

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
        turn = self._turn(claim, saved)
        try:
            return self._guarded(turn, say, ours)
        except Conflict:  # somebody else moved the job, or the claim is over: look anew
            return AT_ONCE

    def give_up(self, claim: Claim, ref: str) -> None:
        """Stop a job whose move met an error that nobody foresaw; `ref` finds it in the log."""
        text = f"an error that was not foreseen, {ref} in the worker's log"
        hint = "Retry, or Roll back; and hand that log entry to whoever looks after logmigrate."
        turn = self._turn(claim, lambda claim: None)
        turn.name = self._uncovered(turn.job)
        try:
            self.patience.failed(turn, StepFailed(text, hint))
        except Conflict:
            return  # looked at anew by whoever moved it

    def _uncovered(self, job: Job) -> str:
        """The row at work while nobody collects, which is taken back; else ""."""
        bare = job.state is JobState.RUNNING and uncovered(job, self.workflow)
        return name_of(next_move(job, self.workflow)) if bare else ""

    def _guarded(
        self, turn: Turn, say: Callable[[str], None], ours: Callable[[], None]
    ) -> float | None:
        try:
            move = next_move(turn.job, self.workflow)
            turn.name = name_of(move)
            return self._make(turn, move, say, ours)
        except Unavailable as away:
            return self.patience.put_off(turn, away)
        except NotYet as reason:
            return self.patience.wait(turn, reason)
        except StoreAway:  # no trouble of the step: nothing can be written down now
            raise
        except Red as error:
            return self.patience.red(turn, error)
        except JobError as error:
            return self.patience.failed(turn, error)

    def _make(
        self, turn: Turn, move: Move, say: Callable[[str], None], ours: Callable[[], None]
    ) -> float | None:
        match move:
            case None:
                return NEVER
            case Finish(state):
                return self._finish(turn, state)
            case Arrive():
                return self.patience.arrive(turn)
            case Await(approval):
                return self.patience.expire(turn, approval)
        context = self._context(turn, Grip(lambda: turn.job, ours, say, turn.wrote))
        _same_names(turn.job, context)
        ours()
        match move:
            case Forward(step):
                turn.explain = partial(step.explain, context)
                return self._do(turn, step, context)
            case Back(step):
                return self._undo(turn, step, context)
            case Ask(approval):
                return self.asking.ask(turn, approval, context)
            case Recheck(approval):
                return self._recheck(turn, approval, context)
            case Draw():
                return self._draw(turn, context)

    def _context(self, turn: Turn, grip: Grip) -> Context:
        job = turn.job
        return replace(
            self.world(grip),
            say=grip.say,
            ours=grip.ours,
            known={record.name: record.before for record in job.records},
            without=frozenset(job.without),
            only=frozenset(job.only),
            since=turn.record.since if turn.name else 0.0,
            taken_back=partial(taken_back, self.store, job.app),
            keep=partial(self._keep, turn),
            jot=partial(self._jot, turn),
            remember=turn.remember,
            agreed=job.agreed if job.kind is JobKind.MOVE else None,
            route=job.route,
            asked=job.asked,
        )

    def _keep(self, turn: Turn, facts: Facts) -> None:
        turn.note(before={**turn.record.before, **facts}, since=self.clock.now())

    def _jot(self, turn: Turn, facts: Facts) -> None:
        if turn.name:  # a plan looks at every row and is at none
            turn.note(before={**turn.record.before, **facts})

    def _do(self, turn: Turn, step: Step, context: Context) -> float:
        if turn.record.state is RecordState.PENDING:
            before = step.check(context)
            if evidence := _holds(step, context, before):
                kind = EventKind.DONE if step.looks else EventKind.ALREADY
                self._step_on(
                    turn,
                    RecordState.ALREADY,
                    turn.event(kind, evidence),
                    before=before,
                    note=evidence.text,
                    hosts=evidence.hosts,
                )
                return AT_ONCE
            self._step_on(turn, RecordState.DOING, before=before, note="", hosts=())
        if turn.record.state is RecordState.DOING:
            context.ours()
            step.do(context, turn.record.before)
            self._step_on(turn, RecordState.PROVING, note="", hosts=())
        evidence = step.verify(context, turn.record.before)
        done = turn.event(EventKind.DONE, self.asking.on_consent(turn.job, step, evidence))
        # What only looked has nothing to undo, whether or not it had to wait.
        state = RecordState.ALREADY if step.looks else RecordState.DONE
        self._step_on(turn, state, done, note=evidence.text, hosts=evidence.hosts)
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

    def _recheck(self, turn: Turn, approval: Approval, context: Context) -> float:
        """Act at once where the consent still counts."""
        match self.asking.recheck(turn, approval, context):
            case Step() as step:
                return self._do(turn, step, context)
            case seconds:
                return seconds

    def _draw(self, turn: Turn, context: Context) -> float | None:
        drawn = draw(self.workflow, context)
        event = turn.event(EventKind.PLANNED, lines=drawn.lines, shown=drawn.digest)
        turn.save(drawn.kept(turn.job).moved(JobState.RUNNING).moved(JobState.SUCCEEDED), event)
        return NEVER

    def _finish(self, turn: Turn, state: JobState) -> float | None:
        done = state is JobState.SUCCEEDED
        kind = EventKind.SUCCEEDED if done else EventKind.UNDONE
        turn.save(turn.job.moved(state), turn.event(kind))
        return NEVER


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
