"""What a Store promises, on the fake, on the embedded Valkey's program and on redis-server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace

import pytest

from bot.store import RedisStore
from tests.contract.redis_servers import KINDS, RunningServer, a_job, a_store, running, told, until
from tests.fakes import FakeStore
from workflows.chain import Flaw, flaw, linked
from workflows.chain import told as fields
from workflows.errors import ClaimLost, Conflict, Locked, UnknownJob
from workflows.model import Drift, Event, Job, JobKind, JobState

LONG, SHORT = 60.0, 0.2  # seconds of a claim: never over in a test, over at once


@dataclass
class World:
    store: RedisStore | FakeStore

    def claims_last(self, seconds: float) -> None:
        self.store.claim_seconds = seconds

    def until(self, true: Callable[[], object]) -> None:
        """Let time pass until it is true: the fake's clock is turned, the real one runs."""
        if isinstance(self.store, RedisStore):
            until(true)
        else:
            for _ in range(10_000):
                if true():
                    return
                self.store.clock.tick(0.01)
            pytest.fail("not true within 100 s of the fake's clock")

    def events(self, job_id: str) -> list[Event]:
        return (
            self.store.story(job_id)
            if isinstance(self.store, RedisStore)
            else self.store.told[job_id]
        )

    def story(self, job_id: str) -> list[str]:
        return [event.text for event in self.events(job_id)]


@pytest.fixture(scope="module", params=["fake", *KINDS])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer | None]:
    if request.param == "fake":
        yield None
        return
    with running(request.param, tmp_path_factory.mktemp(request.param)) as one:
        yield one


@pytest.fixture
def world(server: RunningServer | None) -> World:
    if server is None:
        return World(FakeStore(claim_seconds=LONG))
    return World(a_store(server, claim_seconds=LONG))


def created(world: World, job: Job | None = None) -> Job:
    job = job or a_job()
    world.store.create(job, told("started", job.id))
    return job


def ended(world: World, job: Job) -> Job:
    claim = world.store.claim(job.id)
    assert claim is not None
    claim = world.store.commit(claim, claim.job.moved(JobState.RUNNING))
    claim = world.store.commit(claim, claim.job.moved(JobState.SUCCEEDED))
    world.store.release(claim, None)
    return claim.job


def test_a_created_job_is_loaded_as_it_was_and_is_due(world: World) -> None:
    job = created(world)

    loaded = world.store.load("7Q2")

    assert replace(loaded, chain="") == job
    assert world.store.due() == ("7Q2",)
    assert world.store.jobs() == (loaded,)
    assert world.store.holder("app-b") == "7Q2"


def test_an_unknown_job_is_named_and_cannot_be_claimed(world: World) -> None:
    claim = world.store.claim("nope")

    assert claim is None
    with pytest.raises(UnknownJob, match="nope"):
        world.store.load("nope")


def test_a_second_job_for_the_app_is_refused_with_the_holder_and_nothing_is_written(
    world: World,
) -> None:
    created(world)

    with pytest.raises(Locked) as refusal:
        world.store.create(a_job("9X1"), told("started", "9X1"))

    assert refusal.value.holder == "7Q2"
    assert world.store.due() == ("7Q2",)
    with pytest.raises(UnknownJob):
        world.store.load("9X1")


def test_a_plan_needs_no_lock_and_takes_none(world: World) -> None:
    plan = replace(a_job("P1"), kind=JobKind.PLAN)
    created(world, plan)

    assert world.store.holder("app-b") is None
    created(world)
    created(world, replace(plan, id="P2"))
    assert world.store.holder("app-b") == "7Q2"


def test_the_newest_jobs_come_first(world: World) -> None:
    for number in (1, 3, 2):
        created(world, a_job(f"J{number}", f"app-{number}", created=float(number)))

    listed = [job.id for job in world.store.jobs(limit=2)]

    assert listed == ["J3", "J2"]


def test_of_two_claimants_one_gets_the_job(world: World) -> None:
    created(world)

    first, second = world.store.claim("7Q2"), world.store.claim("7Q2")

    assert first is not None
    assert second is None


def test_a_claim_that_ran_out_makes_the_job_due_and_free_for_the_next(world: World) -> None:
    created(world)
    world.store.due()
    world.claims_last(SHORT)
    lost = world.store.claim("7Q2")
    assert lost is not None
    world.claims_last(LONG)

    world.until(lambda: world.store.due() == ("7Q2",))
    taken = world.store.claim("7Q2")

    assert taken is not None
    assert taken.token != lost.token
    assert not world.store.renew(lost)
    with pytest.raises(ClaimLost):
        world.store.commit(lost, lost.job.moved(JobState.RUNNING), told("zombie"))
    assert world.store.load("7Q2").state is JobState.QUEUED
    assert world.story("7Q2") == ["started"]


def test_a_claim_that_ran_out_saves_nothing_even_if_nobody_took_it(world: World) -> None:
    created(world)
    world.store.due()
    world.claims_last(SHORT)
    late = world.store.claim("7Q2")
    assert late is not None

    world.until(lambda: world.store.due() == ("7Q2",))

    with pytest.raises(ClaimLost):
        world.store.commit(late, late.job.moved(JobState.RUNNING))


def test_the_owner_may_renew_a_claim_that_ran_out_and_that_nobody_took(world: World) -> None:
    created(world)
    world.store.due()
    world.claims_last(SHORT)
    claim = world.store.claim("7Q2")
    assert claim is not None
    world.until(lambda: world.store.due() == ("7Q2",))
    world.claims_last(LONG)

    assert world.store.renew(claim)
    assert world.store.claim("7Q2") is None
    assert world.store.commit(claim, claim.job.moved(JobState.RUNNING)).job.version == 1


def test_a_renewed_claim_outlasts_its_first_length(world: World) -> None:
    created(world)
    created(world, a_job("CLOCK", "clock"))
    world.store.due()
    world.claims_last(SHORT)
    claim = world.store.claim("7Q2")
    other = world.store.claim("CLOCK")
    assert claim is not None
    assert other is not None
    world.claims_last(LONG)

    assert world.store.renew(claim)
    world.until(lambda: world.store.due() == ("CLOCK",))
    assert world.store.claim("7Q2") is None
    assert world.store.commit(claim, claim.job.moved(JobState.RUNNING)).job.version == 1


def test_a_late_release_by_the_former_owner_changes_nothing(world: World) -> None:
    created(world)
    world.store.due()
    world.claims_last(SHORT)
    lost = world.store.claim("7Q2")
    assert lost is not None
    world.claims_last(LONG)
    world.until(lambda: world.store.claim("7Q2"))

    world.store.release(lost, 0.0)

    assert world.store.due() == ()
    assert world.store.claim("7Q2") is None


def test_each_save_raises_the_version_and_keeps_the_snapshot(world: World) -> None:
    created(world)
    claim = world.store.claim("7Q2")
    assert claim is not None

    claim = world.store.commit(claim, claim.job.moved(JobState.RUNNING))
    claim = world.store.commit(claim, claim.job.noted("group", note="beating"))

    assert claim.job.version == 2
    assert world.store.load("7Q2") == claim.job
    assert claim.job.record("identity").before == {"was": "aliyun.conf"}


def test_a_commit_from_an_old_version_is_a_conflict_and_writes_nothing(world: World) -> None:
    created(world)
    claim = world.store.claim("7Q2")
    assert claim is not None
    world.store.amend(world.store.load("7Q2").moved(JobState.STOPPED, "by hand"), told("amended"))

    with pytest.raises(Conflict) as refusal:
        world.store.commit(claim, claim.job.moved(JobState.RUNNING), told("never"))

    assert not isinstance(refusal.value, ClaimLost)
    assert world.store.load("7Q2").state is JobState.STOPPED
    assert world.story("7Q2") == ["started", "amended"]


def test_of_two_amendments_of_one_version_the_second_is_a_conflict(world: World) -> None:
    job = created(world)
    world.store.amend(job.moved(JobState.RUNNING), told("first"))

    with pytest.raises(Conflict):
        world.store.amend(job.moved(JobState.STOPPED), told("second"))

    assert world.story("7Q2") == ["started", "first"]


def test_an_amended_job_is_due_at_once(world: World) -> None:
    job = created(world)
    claim = world.store.claim("7Q2")
    assert claim is not None
    world.store.release(claim, 3600.0)
    assert world.store.due() == ()

    world.store.amend(job.moved(JobState.STOPPED))

    assert world.store.due() == ("7Q2",)


def test_a_job_amended_while_it_is_moved_is_due_when_the_worker_gives_it_back(
    world: World,
) -> None:
    created(world)
    claim = world.store.claim("7Q2")
    assert claim is not None
    world.store.amend(world.store.load("7Q2").moved(JobState.STOPPED), told("amended"))
    assert world.store.due() == ()

    changed = world.store.release(claim, None)

    assert changed
    assert world.store.due() == ("7Q2",)


def test_a_released_job_is_due_in_the_seconds_given(world: World) -> None:
    created(world)
    claim = world.store.claim("7Q2")
    assert claim is not None

    assert not world.store.release(claim, 0.2)

    assert world.store.due() == ()
    world.until(lambda: world.store.due() == ("7Q2",))


def test_a_job_released_for_good_is_not_due(world: World) -> None:
    created(world)
    claim = world.store.claim("7Q2")
    assert claim is not None

    world.store.release(claim, None)

    assert world.store.due() == ()
    assert world.store.claim("7Q2") is not None


def test_a_due_job_is_hinted_once_per_hint_length(world: World) -> None:
    created(world)
    world.store.hint_seconds = 0.2

    first, second = world.store.due(), world.store.due()

    assert (first, second) == (("7Q2",), ())
    world.until(lambda: world.store.due() == ("7Q2",))


def test_a_history_holds_its_app_as_a_move_does(world: World) -> None:
    past = replace(a_job("H1"), kind=JobKind.HISTORY, asked={"from": 1})
    created(world, past)

    assert world.store.holder("app-b") == "H1"
    with pytest.raises(Locked):
        world.store.create(a_job("9X1"), told("started", "9X1"))
    assert ended(world, world.store.load("H1")).asked == {"from": 1}
    assert world.store.holder("app-b") is None


def test_a_stopped_job_keeps_its_lock_and_an_ended_one_gives_it_up(world: World) -> None:
    job = created(world)
    job = world.store.amend(job.moved(JobState.STOPPED))
    assert world.store.holder("app-b") == "7Q2"

    job = world.store.amend(job.moved(JobState.RUNNING))
    ended_job = replace(job, state=JobState.RUNNING)
    claim = world.store.claim(ended_job.id)
    assert claim is not None
    world.store.commit(claim, claim.job.moved(JobState.SUCCEEDED))

    assert world.store.holder("app-b") is None


def test_an_ended_job_that_is_rolled_back_takes_its_lock_again(world: World) -> None:
    job = ended(world, created(world))

    world.store.amend(job.moved(JobState.UNDOING))

    assert world.store.holder("app-b") == "7Q2"


def test_an_ended_job_is_not_rolled_back_while_another_holds_the_app(world: World) -> None:
    job = ended(world, created(world))
    created(world, a_job("9X1"))

    with pytest.raises(Locked) as refusal:
        world.store.amend(job.moved(JobState.UNDOING), told("turned"))

    assert refusal.value.holder == "9X1"
    assert world.store.load("7Q2").state is JobState.SUCCEEDED
    assert world.story("7Q2") == ["started"]


def test_what_is_noted_is_saved_and_told_and_makes_nothing_due(world: World) -> None:
    job = created(world)
    job = world.store.amend(job.moved(JobState.STOPPED))
    world.store.due()
    claim = world.store.claim(job.id)
    assert claim is not None
    world.store.release(claim, None)
    found = (Drift("source/config gone", "config app-b was deleted", since=1.0),)

    noted = world.store.note(replace(job, drift=found), told("drift"))

    assert world.store.load("7Q2") == noted
    assert noted.drift == found
    assert noted.version == job.version + 1
    assert world.story("7Q2") == ["started", "drift"]
    assert world.store.due() == ()
    assert world.store.holder("app-b") == "7Q2"
    with pytest.raises(Conflict):
        world.store.note(job, told("late"))
    with pytest.raises(Conflict):
        world.store.amend(job, told("a click on what was read before"))


def test_nothing_is_noted_while_somebody_has_the_job(world: World) -> None:
    created(world)
    claim = world.store.claim("7Q2")
    assert claim is not None

    with pytest.raises(Conflict):
        world.store.note(claim.job, told("drift"))

    world.store.commit(claim, claim.job.moved(JobState.RUNNING), told("moved"))
    assert world.story("7Q2") == ["started", "moved"]


def test_a_note_on_an_ended_job_does_not_lock_its_app_again(world: World) -> None:
    job = ended(world, created(world))

    world.store.note(job, told("drift"))

    assert world.store.holder("app-b") is None
    assert world.store.due() == ()
    created(world, a_job("9X1"))
    assert world.store.holder("app-b") == "9X1"
    assert world.store.note(world.store.load("7Q2"), told("drift")).state is JobState.SUCCEEDED
    assert world.store.holder("app-b") == "9X1"


def test_events_are_kept_in_the_order_they_were_saved(world: World) -> None:
    created(world)
    claim = world.store.claim("7Q2")
    assert claim is not None

    claim = world.store.commit(claim, claim.job.moved(JobState.RUNNING), told("a"), told("b"))
    world.store.amend(claim.job, told("c"))

    assert world.story("7Q2") == ["started", "a", "b", "c"]


def test_a_job_without_a_message_has_no_link(world: World) -> None:
    created(world)

    assert world.store.link("7Q2") == ""


def chained(world: World, job_id: str = "7Q2") -> Flaw | None:
    """What is wrong with the job's story; None if every event follows the one before."""
    job = world.store.load(job_id)
    story = [{**fields(event), "link": event.link} for event in world.events(job_id)]
    return flaw(asdict(job), story, job.chain, 1)


def test_every_save_chains_its_events_whoever_makes_it(world: World) -> None:
    created(world)
    claim = world.store.claim("7Q2")
    assert claim is not None
    claim = world.store.commit(claim, claim.job.moved(JobState.RUNNING), told("a"), told("b"))
    world.store.amend(claim.job.moved(JobState.STOPPED), told("amended"))
    world.store.release(claim, None)
    world.store.note(world.store.load("7Q2"), told("noted"))

    assert world.story("7Q2") == ["started", "a", "b", "amended", "noted"]
    assert chained(world) is None
    assert world.store.load("7Q2").chain == world.events("7Q2")[-1].link


def test_a_save_that_is_refused_leaves_the_chain_whole(world: World) -> None:
    """Of two that come at once one is refused, so the chain cannot fork."""
    job = created(world)
    job = world.store.load(job.id)
    world.store.amend(job.moved(JobState.RUNNING), told("first"))
    with pytest.raises(Conflict):
        world.store.amend(job.moved(JobState.STOPPED), told("second"))
    world.store.amend(world.store.load(job.id), told("third"))

    assert world.story(job.id) == ["started", "first", "third"]
    assert chained(world) is None


def test_a_job_that_an_older_program_began_is_chained_from_now_on(world: World) -> None:
    created(world)
    older = replace(world.store.load("7Q2"), chain="")
    world.store.amend(older, told("new"))
    head = world.store.load("7Q2").chain

    assert head == linked(older, (told("new"),))[0].chain


def test_the_store_gives_back_what_was_written_at_the_service(world: World) -> None:
    created(world)
    written = (("target POST /configs", "R1", "R1", 1),)
    world.store.amend(replace(world.store.load("7Q2"), written=written))

    assert world.store.load("7Q2").written == written
