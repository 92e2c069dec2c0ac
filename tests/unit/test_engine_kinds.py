"""Rows of other kinds of job, questions that need no answer, steps that only look, explanations."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.test_engine import Toy
from workflows.errors import JobError, NotYet, StepFailed
from workflows.model import EventKind, JobKind, JobState, Plan, RecordState
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


class Apart(TwoTables):
    """The toy's question has nothing to do with the step behind it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        first, question, second = self.workflow.steps
        assert isinstance(question, Approval)
        hint = "Turn it by hand."
        alone = replace(question, needed=lambda context: self.asks, alone=True, if_declined=hint)
        self._use((), (first, alone, second))


def test_a_step_behind_a_question_of_its_own_runs_though_nothing_was_asked() -> None:
    toy = Apart()
    toy.asks = False
    toy.start().run()

    assert toy.job.state is JobState.SUCCEEDED
    assert toy.switches["second"]


def test_a_consent_of_its_own_is_kept_whatever_becomes_of_the_step_behind() -> None:
    toy = Apart(trouble={"check second": StepFailed("no")}).start().run()
    toy.approve()
    toy.run()
    assert toy.job.state is JobState.STOPPED
    assert toy.job.agreed == {"go?": Plan(toy.plan).digest}
    toy.trouble.clear()
    toy.service.retry("J1", "UALICE")
    toy.run()

    assert toy.job.state is JobState.SUCCEEDED
    assert toy.kinds().count(EventKind.ASKED) == 1


def test_who_declines_reads_the_questions_own_way_out() -> None:
    toy = Apart().start().run()
    toy.service.decline("J1", "go?", toy.job.record("go?").shown, "UBOB")

    assert toy.job.hint == "Turn it by hand."


def test_a_step_knows_to_what_people_agreed_and_a_plan_that_nobody_was_asked() -> None:
    seen: list[object] = []
    toy = TwoTables()
    first, question, second = toy.workflow.steps
    assert isinstance(question, Approval)
    assert isinstance(second, Step)

    def check(context: Context) -> dict[str, bool]:
        seen.append(context.agreed)
        return {"was": False}

    toy._use((), (first, replace(question, alone=True), replace(second, check=check)))
    toy.start().run().approve()
    toy.run()
    toy.service.plan("app-b", "UALICE", "C1")
    claim = toy.store.claim("J2")
    assert claim is not None
    toy.engine.advance(claim)

    assert seen == [{"go?": Plan(toy.plan).digest}, None]
