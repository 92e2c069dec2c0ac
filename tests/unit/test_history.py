"""The past of an app: how far back, what the target has of it, and what a comparison says."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from tests.crash.history_world import BEGAN, FROM, LIVE, NOW, ROLES, World, lines
from tests.crash.world import ALICE, APP, BOB
from workflows.errors import NotYet, Refused, StepFailed
from workflows.logmigrate import LOGMIGRATE
from workflows.model import Facts, Job, JobKind, JobState, Record, RecordState
from workflows.ports import Page
from workflows.since import asked_for, begin
from workflows.step import Approval, Step
from workflows.steps.history import by_service, past, seam
from workflows.steps.history.job import Copy
from workflows.steps.history.tail import RUNS, Tail
from workflows.steps.history.writing import Written, put

DAY = 86_400
BY_SERVICE = replace(APP, roles=ROLES)


def a_move(job_id: str = "J0", **states: RecordState) -> Job:
    """Finished, but for the rows that are named otherwise."""
    records = tuple(
        Record(
            row.name,
            states.get(row.name, RecordState.DONE),
            since=LIVE + n,
            before=_before(row.name),
        )
        for n, row in enumerate(LOGMIGRATE.steps)
    )
    return Job(
        id=job_id, app="app-b", requested_by=ALICE, channel="C1", created=BEGAN, records=records,
        state=JobState.SUCCEEDED,
    )  # fmt: skip


def _before(row: str) -> Facts:
    return {"expected": {"web-1": {"ip": "10.0.0.1"}}} if row == "hosts" else {}


@pytest.mark.parametrize(
    ("text", "ago"),
    [("30d", 30 * DAY), ("12h", DAY // 2), ("1D", DAY), ("7 d", 7 * DAY), ("99999d", 3650 * DAY)],
)
def test_so_many_days_or_hours_count_back_from_now(text: str, ago: int) -> None:
    assert begin(text, NOW + 0.5) == NOW - ago


def test_a_day_begins_at_midnight_utc_and_a_moment_may_have_its_own_zone() -> None:
    assert begin("2023-11-01", NOW) == 1_698_796_800
    assert begin("2023-11-01T08:00+08:00", NOW) == 1_698_796_800


@pytest.mark.parametrize(
    "text", ["", "d", "30", "-3d", "0h", "30 days", "2023-13-01", "2023-11-15"]
)
def test_what_is_no_time_of_the_past_is_refused_with_the_way_to_say_it(text: str) -> None:
    with pytest.raises(Refused) as no:
        begin(text, NOW)

    assert "--from 30d, --from 12h" in no.value.hint


def test_the_job_keeps_when_the_move_began_to_collect_and_whose_address_is_whose() -> None:
    asked = asked_for("app-b", "2d", [a_move()], NOW)
    rows = [row.name for row in LOGMIGRATE.steps]

    assert asked["from"] == NOW - 2 * DAY
    assert asked["move"] == "J0"
    assert asked["hosts"] == {"10.0.0.1": "web-1"}
    for key, row in {"began": "destination", "live": "both", "proven": "proof"}.items():
        assert asked[key] == LIVE + rows.index(row)


@pytest.mark.parametrize(
    "job",
    [
        replace(a_move(), state=JobState.UNDONE),
        replace(a_move(), kind=JobKind.PLAN),
        a_move(both=RecordState.PROVING),
        a_move(stop=RecordState.UNDOING),
        replace(a_move(), app="app-c"),
    ],
    ids=["undone", "plan", "not yet", "going back", "another app"],
)
def test_a_job_that_left_no_target_with_lines_does_not_count(job: Job) -> None:
    with pytest.raises(Refused, match="app-b is not moved"):
        asked_for("app-b", "2d", [job], NOW)


def test_what_was_written_since_the_move_is_there_already() -> None:
    with pytest.raises(Refused, match="the move itself has brought") as no:
        asked_for("app-b", "1h", [a_move()], NOW)

    assert "UTC; say an earlier time" in no.value.hint


def page(number: int, time: int, shard: int = 0) -> Page:
    return Page(shard, str(number), str(number + 1), (lines(time, f"line {number}"),))


def test_pages_with_lines_of_the_past_are_remembered_by_where_they_lie() -> None:
    tail = Tail()
    for number, time in enumerate((LIVE - 9, LIVE - 5, LIVE, LIVE - 7, LIVE + 3)):
        tail = tail.plus(page(number, time), LIVE)

    assert tail.runs == ((0, "0", "2"), (0, "3", "4"))
    assert (tail.lines, tail.first, tail.at) == (3, LIVE - 9, {"0": "5"})
    assert Tail.of(tail.facts) == tail


def test_very_many_such_pages_grow_together_so_that_the_job_stays_small() -> None:
    tail = Tail()
    for number in range(0, 10 * RUNS, 2):
        tail = tail.plus(page(number, LIVE - 1, shard=number % 4 // 2), LIVE)

    assert len(tail.runs) <= RUNS + 1
    assert tail.runs[-1][2] == str(10 * RUNS - 1)
    assert tail.lines == 5 * RUNS


def test_only_what_is_too_old_stays_behind_and_is_told_from_when_to_when() -> None:
    world = World()
    context = world.engine().world(None)  # type: ignore[arg-type]
    texts = [lines(NOW - age, f"{age}").lines[0] for age in (9 * DAY, 8 * DAY, 6 * DAY, DAY)]
    written = put(context, replace(lines(NOW, "x"), lines=tuple(texts)), Written())
    again = put(context, replace(lines(NOW, "x"), lines=tuple(texts[:1])), written)

    assert (written.lines, written.old) == (2, 2)
    assert (written.first, written.last) == (NOW - 9 * DAY, NOW - 8 * DAY)
    assert again.old == 3
    assert [one for one in world.target.journal if one.startswith("put")] == ["put 2 lines app-b"]


def test_a_refusal_that_is_not_about_age_stops_it() -> None:
    world = World()
    context = world.engine().world(None)  # type: ignore[arg-type]

    with pytest.raises(StepFailed, match="out of range"):
        put(context, lines(NOW + DAY, "from tomorrow"), Written())


def test_a_role_of_another_account_is_named_before_anything_is_done() -> None:
    world = World(replace(APP, roles=replace(ROLES, target="acs:ram::1:role/writer"))).begin()

    assert world.live() is JobState.STOPPED
    assert "apps.app-b.history.target_role is acs:ram::1:role/writer" in world.job.reason
    assert world.source.copies == {}


def test_a_source_without_a_line_since_then_stops_it_with_the_way_out() -> None:
    world = World()
    world.source.held["old-logs"].clear()

    assert world.begin().live() is JobState.STOPPED
    assert "the source has received no line since" in world.job.reason
    assert "Cancel it, and ask for more" in world.job.hint


def test_a_copying_job_that_somebody_deleted_is_not_made_anew() -> None:
    world = World(BY_SERVICE)
    world.source.status = "RUNNING"
    world.begin()
    with pytest.raises(AssertionError, match="hangs"):
        world.live()
    world.source.copies.clear()
    assert world.live() is JobState.STOPPED
    reason = world.job.reason
    world.service.retry("J1", ALICE)

    assert "somebody deleted copying job logmigrate-app-b-" in reason
    assert world.live() is JobState.STOPPED
    assert world.source.copies == {}


class Spoilt(World):
    """After the copy somebody spoils a line of the target."""

    def __init__(self, spoil: str) -> None:
        super().__init__()
        self._spoil = spoil

    def _agree(self) -> None:
        super()._agree()
        row = self.job.record("seam")
        if row.state is RecordState.DONE and self._spoil:
            at = next(
                n
                for n, one in enumerate(self.target.held["app-b"])
                if one.lines[0].time < LIVE - 900
            )
            one = self.target.held["app-b"].pop(at)
            if self._spoil == "altered":
                secret = lines(one.lines[0].time, "password=hush", host=one.source)
                some = (*secret.lines, *one.lines[1:])
                self.target.held["app-b"].insert(at, replace(one, lines=some))
            if self._spoil == "doubled":
                self.target.held["app-b"] += [one, one]
            self._spoil = ""


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("lost", "lines lack in the target"),
        ("altered", "lacks in the target: content="),
        ("doubled", "are there more than once"),
    ],
)
def test_a_line_that_is_lost_altered_or_doubled_is_found_and_shown(spoil: str, said: str) -> None:
    world = Spoilt(spoil).begin()

    assert world.live() is JobState.STOPPED
    assert world.job.reason.startswith("Prove that both sides hold the same past: different from ")
    assert said in world.job.reason
    assert "hush" not in str(world.job)


def test_what_was_lost_is_brought_by_asking_again() -> None:
    world = Spoilt("lost").begin()
    world.live()
    world.service.roll_back("J1", BOB)
    world.live()
    again = World()
    again.clock.tick(world.clock.now() - NOW)
    again.source, again.target = world.source, world.target

    assert again.begin().live() is JobState.SUCCEEDED, again.told()
    assert again.seen(again.source, "old-logs") == again.seen(again.target, "app-b")


def test_too_little_to_compare_is_inconclusive_and_not_green() -> None:
    world = World()
    first = lines(FROM + 10, "only this")
    for sls, name in ((world.source, "old-logs"), (world.target, "app-b")):
        sls.held[name].clear()
        sls.lines[name].clear()
    world.source.arrive("old-logs", first)

    assert world.begin().live() is JobState.STOPPED
    assert "inconclusive: no line of" in world.job.reason


def test_the_rows_of_a_history_ask_before_they_write() -> None:
    rows = LOGMIGRATE.rows(JobKind.HISTORY)
    asks = next(n for n, row in enumerate(rows) if isinstance(row, Approval))

    assert all(isinstance(row, Step) and row.looks for row in rows[:asks])
    assert all(row.undo for row in rows[asks:] if isinstance(row, Step))


def test_many_lines_of_the_target_s_own_are_gone_through_in_parts_so_that_few_are_held() -> None:
    world, kept = World(rate=100_000), dict[str, Facts]()
    asked = {"from": FROM, "at": NOW, "began": BEGAN, "live": LIVE, "proven": NOW, "hosts": {}}
    bare = replace(world.engine().world(None), asked=asked, keep=kept.update)  # type: ignore[arg-type]
    with_past = replace(bare, known={"past": past.look(bare)})
    known = {**with_past.known, "copy": by_service.look(with_past)}
    context, looks = replace(with_past, known=known), 0
    kept["copy"] = Copy(parts=3).facts
    while "whole" not in kept:
        looks += 1
        with suppress(NotYet):
            seam.copy(context, kept)

    assert looks == 3
    assert world.seen(world.source, "old-logs") == world.seen(world.target, "app-b")


def test_nobody_declines_into_a_dead_end() -> None:
    world = World().begin()
    for _ in range(30):
        world._look(world.engine(), world.store)
        world.clock.tick(1)
        if world.job.state is JobState.WAITING:
            break
    record = world.job.record("copy?")
    world.service.decline("J1", "copy?", record.shown, BOB)

    assert world.job.state is JobState.STOPPED
    assert "nothing was copied" in world.job.hint
    assert world.seen(world.target, "app-b").total() < 10
