"""What becomes of a job that waits, meets a service that is away, or runs into trouble."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.apps import Waits
from workflows.errors import JobError, NotYet, StepFailed, Unavailable
from workflows.hints import for_a_roll_back
from workflows.model import EventKind, Evidence, Job, JobKind, JobState, RecordState
from workflows.ports import Clock
from workflows.red import arrived, changed, uncovered, went_red
from workflows.step import Approval, Step, Workflow
from workflows.turn import Turn

NEVER: float | None = None  # until somebody changes the job
AT_ONCE = 0.0
LONGEST_DELAY = 300.0  # seconds between two looks at a service that is away


def growing(attempts: int, first: float) -> float:
    """Seconds until the next look at a service that was away `attempts` times in a row."""
    return min(first * 2.0 ** min(attempts, 16), LONGEST_DELAY)


@dataclass(frozen=True)
class Patience:
    """Each answer is the number of seconds until the next look, None for not at all."""

    workflow: Workflow
    waits: Waits
    clock: Clock

    def put_off(self, turn: Turn, away: Unavailable) -> float | None:
        """Said once per outage, looked at with growing delays, stopped when it lasts too long."""
        if not turn.name:
            return self._plan_later(turn, away)
        record, now = turn.record, self.clock.now()
        since = record.away or now
        if now - since > self._outage(turn.job):
            return self.failed(turn, StepFailed(f"{away} for {now - since:.0f} s", away.hint))
        first = turn.event(EventKind.AWAY, Evidence(str(away)), hint=away.hint)
        events = () if record.away else (first,)
        changed = turn.job.noted(turn.name, attempts=record.attempts + 1, away=since)
        turn.save(changed, *events)
        row = self.workflow.row(turn.job, turn.name)
        if isinstance(row, Step) and row.red_back_to:  # each minute may cost lines
            return self.waits.look
        return growing(record.attempts, self.waits.look)

    def _outage(self, job: Job) -> float:
        """No service is worth an hour in which nobody collects."""
        waits = self.waits
        return min(waits.outage, waits.delivery) if uncovered(job, self.workflow) else waits.outage

    def _plan_later(self, turn: Turn, away: Unavailable) -> float | None:
        if self.clock.now() - turn.job.created > self.waits.outage:
            return self.stop(turn, away)
        if turn.job.state is JobState.QUEUED:  # a plan has no record at work to say it once by
            first = turn.event(EventKind.AWAY, Evidence(str(away)), hint=away.hint)
            turn.save(turn.job.moved(JobState.RUNNING), first)
        return self.waits.look

    def wait(self, turn: Turn, reason: NotYet) -> float | None:
        """Look again later; what is awaited is saved only when it reads otherwise than before."""
        record, now = turn.record, self.clock.now()
        since = record.waits_since(now)
        patience = self.workflow.row(turn.job, turn.name).patience(self.waits)
        if now - since > patience:
            return self._out_of_patience(turn, reason, now - since)
        seen = (record.note, record.hosts, record.since, record.attempts)
        if turn.untold or seen != (str(reason), reason.hosts, since, 0):
            turn.note(note=str(reason), hosts=reason.hosts, since=since)
        return self.waits.look

    def _out_of_patience(self, turn: Turn, reason: NotYet, waited: float) -> float | None:
        why = f"{reason}, waited {waited:.0f} s"
        if turn.record.state is RecordState.AGREED:
            return self.void(turn, why)
        told = turn.explain(StepFailed(why, reason.hint, reason.hosts))
        return self.red(turn, told)

    def red(self, turn: Turn, error: JobError) -> float | None:
        """Back by itself to the last green state; a stop where there is none, or nothing to take back.

        Nobody is asked: it restores what was proven, and each minute may cost lines.
        """
        step, now = self.workflow.row(turn.job, turn.name), self.clock.now()
        if not isinstance(step, Step) or not self._way_back(turn.job, step):
            return self.stop(turn, error)
        event = turn.event(EventKind.RED, Evidence(str(error), error.hosts), hint=error.hint)
        turn.save(went_red(turn.job, self.workflow, step, f"{step.title}: {error}", now), event)
        return AT_ONCE

    def _way_back(self, job: Job, step: Step) -> bool:
        forwards = job.state is JobState.RUNNING and bool(step.red_back_to)
        return forwards and bool(changed(job, self.workflow, step.red_back_to))

    def arrive(self, turn: Turn) -> float | None:
        """Back at the last green state: a person decides how it goes on."""
        job = arrived(turn.job, self.workflow, self.clock.now())
        turn.save(job, turn.event(EventKind.STOPPED, Evidence(job.reason), hint=job.hint))
        return NEVER

    def failed(self, turn: Turn, error: JobError) -> float | None:
        """A stop; while nobody collects, back at once instead."""
        job = turn.job
        if turn.name and job.state is JobState.RUNNING and uncovered(job, self.workflow):
            return self.red(turn, error)
        return self.stop(turn, error)

    def stop(self, turn: Turn, error: JobError) -> float | None:
        """A person decides: Retry or Roll back."""
        title = self.workflow.row(turn.job, turn.name).title if turn.name else ""
        reason = f"{title}: {error}" if title else str(error)
        hint = error.hint or _way_out(turn.job)
        if turn.job.turned_back:
            hint = for_a_roll_back(hint)
        event = turn.event(EventKind.STOPPED, Evidence(str(error), error.hosts), hint=hint)
        job = turn.job.moved(JobState.STOPPED, reason, hint)
        if turn.name:
            job = job.noted(turn.name, hosts=error.hosts)
        turn.save(job, event)
        return NEVER

    def expire(self, turn: Turn, approval: Approval) -> float | None:
        """By the record's time, so that restarts and missed looks change nothing."""
        left = turn.record.since + self.waits.approval - self.clock.now()
        if left > 0:
            return self._remind(turn, left)
        reason = f"Nobody answered “{approval.title}” in {self.waits.approval / 3600:.0f} h"
        hint = "Retry asks again; Roll back takes back what was done."
        job = turn.job.moved(JobState.STOPPED, reason, hint)
        event = turn.event(EventKind.EXPIRED, Evidence(reason), hint=hint)
        turn.note(event, job=job, state=RecordState.PENDING, shown="", since=0.0)
        return NEVER

    def _remind(self, turn: Turn, left: float) -> float:
        """Ask once more when little time is left; a question that is younger than that is not old."""
        reminder = self.waits.reminder
        if turn.record.reminded or reminder >= self.waits.approval:
            return left
        if left > reminder:
            return left - reminder
        turn.note(turn.event(EventKind.REMINDED, Evidence(_hours(left))), reminded=True)
        return left

    def void(self, turn: Turn, why: str) -> float:
        """The approval no longer counts; the question is asked anew."""
        event = turn.event(EventKind.VOID, Evidence(why), who=turn.record.by)
        turn.note(event, state=RecordState.PENDING, shown="", by="", note="", since=0.0)
        return AT_ONCE


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.0f} h" if seconds >= 5400 else f"{max(1, seconds // 60):.0f} min"


def _way_out(job: Job) -> str:
    """What the buttons below the message offer."""
    if job.kind is JobKind.PLAN or job.state is JobState.UNDOING:
        return "Retry when the cause is gone."
    return "Retry when the cause is gone, or Roll back."
