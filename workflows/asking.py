"""Asking people: whether there is a question at all, the card, and one more look before the act."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.errors import StepFailed
from workflows.evidence import in_full, kept, plan_changed, substance_changed
from workflows.model import EventKind, Evidence, Facts, Job, JobState, RecordState
from workflows.patience import AT_ONCE, Patience
from workflows.ports import Clock
from workflows.step import Approval, Context, Step, Workflow
from workflows.turn import Turn

PROVEN = "proven"  # in the facts of what was done: by which approval, text, substance and time


@dataclass(frozen=True)
class Asking:
    """Numbers that are answered are seconds until the next look."""

    workflow: Workflow
    clock: Clock
    patience: Patience

    def ask(self, turn: Turn, approval: Approval, context: Context) -> float:
        if not approval.needed(context):
            return self._skip(turn, approval)
        plan, evidence = approval.show(context), approval.green(context)
        whole, now = in_full(evidence, context.without), self.clock.now()
        card = kept(plan, whole, now, self.patience.waits.stale)
        shown = card["shown"]
        turn.note(
            turn.event(EventKind.ASKED, whole, lines=plan.lines, shown=shown),
            job=turn.job.moved(JobState.RUNNING).moved(JobState.WAITING),
            state=RecordState.ASKED,
            before={**turn.record.before, **card},
            shown=shown,
            note=evidence.text,
            hosts=evidence.hosts,
            since=now,
            reminded=False,
        )
        return AT_ONCE  # the next move says when to look again

    def _skip(self, turn: Turn, approval: Approval) -> float:
        """Nobody is asked to agree to nothing."""
        job = turn.job.moved(JobState.RUNNING)
        if following := self._following(turn.job, approval):
            job = job.noted(following.name, state=RecordState.ALREADY, since=self.clock.now())
        turn.note(job=job, state=RecordState.ALREADY, since=self.clock.now())
        return AT_ONCE

    def recheck(self, turn: Turn, approval: Approval, context: Context) -> Step | float:
        """Between the button and the act the world may have moved: look once more.

        Answers the step that is to begin now. The consent is used up in the same save that begins
        it: one that lay about could be acted on days later, after an outage or a retry.
        """
        if why := plan_changed(turn.record, approval.show(context)):
            return self.patience.void(turn, why)
        try:
            evidence = approval.green(context)
        except StepFailed as red:
            return self.patience.void(turn, str(red))
        if why := substance_changed(turn.record, evidence):
            return self.patience.void(turn, why)
        done = self._done(turn, evidence)
        following = self._following(turn.job, approval)
        if following is None:
            turn.save(turn.job.noted(approval.name, **done))
            return AT_ONCE
        turn.granted = lambda job: job.noted(approval.name, **done)
        turn.name = following.name
        return following

    def _done(self, turn: Turn, evidence: Evidence) -> Facts:
        """The record of a consent that counts, with what was proven at the click."""
        now = self.clock.now()
        proven = {"text": evidence.text, "substance": list(evidence.substance), "at": now}
        done: Facts = {"state": RecordState.DONE, "note": evidence.text}
        done |= {"before": {**turn.record.before, "proven": proven}, "since": now}
        return done | {"attempts": 0, "away": 0.0}

    def on_consent(self, job: Job, step: Step, evidence: Evidence) -> Evidence:
        """With what was proven at the click that the step rests on, so that the story has it."""
        rows = self.workflow.of(job)
        asked = next((row for row in rows if self._asks_for(job, row, step)), None)
        proven = job.record(asked.name).before.get("proven") if asked else None
        if not (asked and proven):
            return evidence
        return replace(evidence, facts={**evidence.facts, PROVEN: {"step": asked.name, **proven}})

    def _asks_for(self, job: Job, row: Step | Approval, step: Step) -> bool:
        return isinstance(row, Approval) and self._following(job, row) == step

    def _following(self, job: Job, approval: Approval) -> Step | None:
        """The step that the approval is for."""
        if approval.alone:
            return None
        rows = self.workflow.of(job)
        place = rows.index(approval) + 1
        return next((row for row in rows[place : place + 1] if isinstance(row, Step)), None)
