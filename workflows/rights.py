"""Who may decide what, and when a request comes too late; every refusal names the way out."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.apps import People
from workflows.errors import Refused
from workflows.model import ENDED, OURS, Job, JobKind, JobState, RecordState
from workflows.red import uncovered
from workflows.step import Step, Workflow
from workflows.window import is_open


@dataclass(frozen=True)
class Rights:
    """Each question raises Refused, or answers nothing."""

    workflow: Workflow
    people: People

    def open_question(self, job: Job, name: str, shown: str) -> None:
        record = next((r for r in job.records if r.name == name), None)
        if record is None:
            raise Refused(f"Job {job.id} asks no question named “{name}”.", "Use its newest card.")
        if record.state in {RecordState.AGREED, RecordState.DONE}:
            raise Refused(f"<@{record.by}> has decided this already.")
        if job.state is not JobState.WAITING or record.state is not RecordState.ASKED:
            raise Refused(f"There is nothing to decide: job {job.id} is {job.state}.")
        if shown != record.shown:
            raise Refused("That plan is out of date.", "Use the buttons of the newest card.")

    def four_eyes(self, job: Job, by: str) -> None:
        if by == job.requested_by:
            text = "You started this job, so somebody else has to approve it."
            raise Refused(text, f"Approvers: {self._approvers(but=by)}.")
        self.approver(by)

    def approver(self, by: str) -> None:
        if by not in self.people.approvers:
            raise Refused("You are not an approver.", f"Approvers: {self._approvers()}.")

    def _approvers(self, but: str = "") -> str:
        names = sorted(f"<@{user}>" for user in self.people.approvers - {but})
        return ", ".join(names) or "none is configured (people.approvers)"

    def requester_or_approver(self, job: Job, by: str) -> None:
        if by != job.requested_by:
            self.approver(by)

    def may_turn_back(self, job: Job, by: str) -> None:
        if job.kind is JobKind.PLAN:
            raise Refused(f"Job {job.id} is a plan: it changed nothing.")
        if job.kind is JobKind.DIAGNOSE:
            text = f"Job {job.id} is a diagnosis: it only completes what a migration wants."
            raise Refused(text, f"/logmigrate rollback {job.app} takes back the migration.")
        if self._source_stopped(job) and by not in self.people.approvers:
            text = "The source was stopped, and from there only an approver may roll back."
            raise Refused(text, f"Approvers: {self._approvers()}.")
        self.requester_or_approver(job, by)
        if (job.state is JobState.UNDOING or job.turned_back) and not job.back_to:
            raise Refused(f"Job {job.id} is rolling back already.", "Retry if it has stopped.")
        if job.state is JobState.UNDONE:
            raise Refused(f"Job {job.id} was rolled back.")
        for step in self.workflow.of(job):
            if isinstance(step, Step) and not step.undo and job.record(step.name).state in OURS:
                raise Refused(f"Too late to roll back: {step.no_undo_because}.", "Retry goes on.")

    def _source_stopped(self, job: Job) -> bool:
        return any(r.name in {"stop", "unbind"} and r.state in OURS for r in job.records)

    def may_leave_out(self, job: Job) -> None:
        """Only while the source collects: after that every host counts, unless it is taken back."""
        if job.kind is not JobKind.MOVE:
            raise Refused(f"Job {job.id} is no migration, so no host can be left out of it.")
        if job.state is not JobState.STOPPED:
            text = f"Job {job.id} is {job.state}; hosts are left out of a stopped job."
            raise Refused(text, f"/logmigrate cancel {job.app} stops it.")
        if self._source_stopped(job) and not job.going_back:
            text = "The source was stopped: a host left out now would be collected by nobody."
            raise Refused(text, "Put the host right and Retry, or Roll back.")

    def may_extend(self, job: Job) -> None:
        """Only while both sides collect by it and go on doing so."""
        if not is_open(job):
            text = f"Job {job.id} is {job.state}, and there is no time to extend: not both sides collect."
            raise Refused(text, f"/logmigrate status {job.app} shows how far it is.")

    def collected(self, job: Job) -> None:
        """Nothing halts a job while nobody collects."""
        if uncovered(job, self.workflow):
            text = f"Job {job.id} has stopped the source, and the target does not collect yet."
            hint = (
                f"It goes on by itself; /logmigrate rollback {job.app} attaches the source again."
            )
            raise Refused(text, hint)

    def under_way(self, job: Job) -> None:
        if job.state in ENDED:
            raise Refused(f"Job {job.id} has ended: {job.state}.")
        if job.state in {JobState.STOPPED, JobState.UNDOING}:
            raise Refused(f"Job {job.id} is {job.state}.", "Retry or Roll back it, in its thread.")
