"""Rows of other kinds of job, questions that need no answer, steps that only look, explanations."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.test_engine import Toy
from workflows.errors import JobError, NotYet, StepFailed
from workflows.model import EventKind, JobKind, JobState, RecordState
from workflows.step import Approval, Context, Step


class TwoTables(Toy):
    """The toy's rows for a migration; a question and its step alone for a diagnosis."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.asks = True
        question = replace(self.question(), name="fix?", needed=lambda context: self.asks)
        rows = (self.step("look"), question, self.step("mend"))
        self.switches |= {"look": True, "mend": False}
        self._use(rows, self.workflow.steps)

    def _use(self, also: tuple[Step | Approval, ...], steps: tuple[Step | Approval, ...]) -> None:
        self.workflow = replace(self.workflow, steps=steps, also={JobKind.DIAGNOSE: also})
        self.service = replace(self.service, workflow=self.workflow)
        self.engine = replace(self.engine, workflow=self.workflow)


def test_a_diagnosis_goes_through_its_own_rows_and_holds_no_lock() -> None:
    toy = TwoTables()
    job = toy.service.diagnose("app-b", "UALICE", "C1")
    toy.run()

    assert [record.name for record in job.records] == ["look", "fix?", "mend"]
    assert toy.store.holder("app-b") is None
    assert toy.job.state is JobState.WAITING
    toy.service.approve("J1", "fix?", toy.job.record("fix?").shown, "UBOB")
    toy.run()
    assert toy.job.state is JobState.SUCCEEDED
    assert toy.switches["mend"]


def test_a_question_with_nothing_to_agree_to_is_not_asked_and_its_step_not_done() -> None:
    toy = TwoTables()
    toy.asks = False
    toy.service.diagnose("app-b", "UALICE", "C1")
    toy.run()

    assert toy.job.state is JobState.SUCCEEDED
    assert not toy.switches["mend"]
    assert toy.kinds() == [EventKind.STARTED, EventKind.ALREADY, EventKind.SUCCEEDED]


def test_what_a_looking_step_finds_is_its_result_and_leaves_nothing_to_undo() -> None:
    toy = TwoTables()
    first, *others = toy.workflow.steps
    assert isinstance(first, Step)
    toy._use((), (replace(first, looks=True), *others))
    toy.switches["first"] = True
    toy.start().look()

    assert toy.kinds() == [EventKind.STARTED, EventKind.DONE]
    assert toy.job.record("first").state is RecordState.ALREADY
    assert not toy.job.touched


def test_a_looking_step_that_had_to_wait_leaves_nothing_to_undo_either() -> None:
    toy = TwoTables(trouble={"verify first": NotYet("first is slow")})
    first, *others = toy.workflow.steps
    assert isinstance(first, Step)
    toy._use((), (replace(first, looks=True), *others))
    toy.start().look()
    toy.trouble.clear()
    toy.run()

    assert toy.kinds()[:2] == [EventKind.STARTED, EventKind.DONE]
    assert toy.job.record("first").state is RecordState.ALREADY
    toy.service.roll_back("J1", "UALICE")
    toy.run()
    assert "undo first" not in toy.calls


def test_when_patience_ends_the_causes_are_looked_for_once() -> None:
    toy = TwoTables(trouble={"verify first": NotYet("first is slow")})
    asked: list[str] = []

    def explain(context: Context, error: JobError) -> JobError:
        asked.append(str(error))
        return StepFailed(f"{error}: its fuse is out", "Change the fuse.")

    first, *others = toy.workflow.steps
    assert isinstance(first, Step)
    toy._use((), (replace(first, explain=explain), *others))
    toy.start().look()
    toy.clock.tick(61)
    toy.look()

    assert asked == ["first is slow, waited 61 s"]
    assert toy.job.reason == "Turn first: first is slow, waited 61 s: its fuse is out"
    assert toy.job.hint == "Change the fuse."
