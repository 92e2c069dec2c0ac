"""What only the Redis store promises: under threads, in outages, over restarts, and to the sender."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from bot.redis_server import connect
from bot.rekey import rekey
from bot.store import AT_ONCE, RedisStore
from bot.wire import FORMAT, Cipher
from tests.contract.redis_servers import (
    KEY,
    KINDS,
    RunningServer,
    a_job,
    a_store,
    running,
    told,
    until,
)
from workflows.errors import ClaimLost, Conflict, StepFailed, StoreAway, UnknownJob
from workflows.model import Claim, Event, EventKind, Job, JobState
from workflows.report.build import report

PREFIX = "{here}"


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningServer]:
    with running(request.param, tmp_path) as one:
        yield one


@pytest.fixture
def store(server: RunningServer) -> RedisStore:
    return a_store(server, PREFIX)


@pytest.fixture
def client(server: RunningServer) -> Iterator[redis.Redis]:
    with redis.Redis(port=server.port, decode_responses=True) as one:
        yield one


def claimed(store: RedisStore, job: Job | None = None) -> Claim:
    job = job or a_job()
    store.create(job, told("started", job.id))
    claim = store.claim(job.id)
    assert claim is not None
    return claim


def end(store: RedisStore, claim: Claim) -> Job:
    claim = store.commit(claim, claim.job.moved(JobState.RUNNING))
    claim = store.commit(claim, claim.job.moved(JobState.SUCCEEDED), told("done"))
    store.release(claim, None)
    return claim.job


def test_of_eight_threads_exactly_one_gets_the_job(store: RedisStore) -> None:
    ids = [f"J{number}" for number in range(25)]
    for number in ids:
        store.create(a_job(number, f"app-{number}"), told("started", number))
    gate = threading.Barrier(8)

    def claim_all(_: int) -> list[str]:
        won = []
        for number in ids:
            gate.wait()
            won += [number] if store.claim(number) else []
        return won

    with ThreadPoolExecutor(8) as pool:
        won = [number for mine in pool.map(claim_all, range(8)) for number in mine]

    assert sorted(won) == sorted(ids)


def test_of_eight_threads_exactly_one_amends_a_version(store: RedisStore) -> None:
    job = a_job()
    store.create(job, told("started"))
    gate = threading.Barrier(8)

    def amend(number: int) -> bool:
        gate.wait()
        try:
            store.amend(job, told(f"by {number}"))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(amend, range(8)))

    assert sum(saved) == 1
    assert store.load("7Q2").version == 1
    assert len(store.events("7Q2")) == 2


def test_a_new_job_does_not_overwrite_one_of_the_same_id(store: RedisStore) -> None:
    store.create(a_job(), told("started"))

    with pytest.raises(Conflict):
        store.create(a_job(app="app-c"), told("started"))

    assert store.load("7Q2").app == "app-b"
    assert store.holder("app-c") is None


def test_a_job_that_redis_dropped_leaves_due_and_the_list(
    store: RedisStore, client: redis.Redis
) -> None:
    store.create(a_job(), told("started"))
    client.delete(f"{PREFIX}:job:7Q2")

    claim, listed = store.claim("7Q2"), store.jobs()

    assert claim is None
    assert listed == ()
    assert client.zcard(f"{PREFIX}:due") == 0
    assert client.zcard(f"{PREFIX}:jobs") == 0
    with pytest.raises(UnknownJob):
        store.amend(a_job())


def test_many_jobs_are_read_bit_by_bit_and_come_in_order(
    store: RedisStore, client: redis.Redis
) -> None:
    for number in range(2 * AT_ONCE + 1):
        job = replace(a_job(f"J{number}", f"app-{number}"), created=float(number))
        store.create(job, told("started", job.id))
    client.delete(f"{PREFIX}:job:J3", f"{PREFIX}:job:J{AT_ONCE}")

    first = next(store.newest(1000))
    listed = [job.id for job in store.jobs(1000)]

    gone = {3, AT_ONCE}
    assert first.id == f"J{2 * AT_ONCE}"
    assert listed == [f"J{n}" for n in reversed(range(2 * AT_ONCE + 1)) if n not in gone]
    assert client.zcard(f"{PREFIX}:jobs") == 2 * AT_ONCE - 1


def test_a_call_that_is_sent_twice_acts_once(
    server: RunningServer, store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As redis-py does when the answer to the first one is lost."""
    twice = a_store(server, PREFIX)
    run = twice._server.run
    monkeypatch.setattr(twice._server, "run", lambda *call: (run(*call), run(*call))[1])

    claim = claimed(twice)
    claim = twice.commit(claim, claim.job.moved(JobState.RUNNING), told("committed"))
    job = twice.amend(claim.job, told("amended"))
    twice.release(claim, None)
    job = twice.note(job, told("noted"))

    said = [event.text for _, event in store.events("7Q2")]
    assert said == ["started", "committed", "amended", "noted"]
    assert job.version == 3
    assert store.due() == ("7Q2",)
    assert twice.once("trigger", 60.0)
    assert not twice.once("trigger", 60.0)


def test_an_ended_job_is_kept_for_a_while_and_one_that_is_reopened_for_good(
    store: RedisStore, client: redis.Redis
) -> None:
    keys = [f"{PREFIX}:{kind}:7Q2" for kind in ("job", "posts")]
    claim = claimed(store)
    store.note_post("7Q2", root="1.2")
    job = end(store, claim)
    kept = [client.ttl(key) for key in keys]
    store.note_post("7Q2", link="https://chat.example/p1")
    still = client.ttl(keys[1])

    store.amend(job.moved(JobState.UNDOING))

    assert all(89 * 86400 < seconds <= 90 * 86400 for seconds in [*kept, still])
    assert [client.ttl(key) for key in keys] == [-1, -1]


def test_the_report_of_a_job_and_its_story_outlive_it_without_its_snapshots(
    store: RedisStore, client: redis.Redis
) -> None:
    end(store, claimed(store))
    client.delete(f"{PREFIX}:job:7Q2")  # as Redis does when the time is over

    kept = store.kept("7Q2")

    assert kept.state is JobState.SUCCEEDED
    assert [record.name for record in kept.records] == ["identity", "group"]
    assert [event.text for _, event in store.events("7Q2")] == ["started", "done"]
    assert "aliyun.conf" not in str(client.get(f"{PREFIX}:report:7Q2"))
    assert client.ttl(f"{PREFIX}:report:7Q2") == client.ttl(f"{PREFIX}:events:7Q2") == -1
    with pytest.raises(UnknownJob):
        store.load("7Q2")
    with pytest.raises(UnknownJob):
        store.kept("9X9")


def test_what_the_watch_saw_after_the_end_outlives_the_job_too(
    store: RedisStore, client: redis.Redis
) -> None:
    end(store, claimed(store))
    noted = store.note(store.load("7Q2"), Event(9.0, "7Q2", EventKind.DRIFT, text="edited"))
    client.delete(f"{PREFIX}:job:7Q2")  # as Redis does when the time is over
    found = report(store.kept("7Q2"), store.story("7Q2"), {}, 10.0, "logmigrate 1")

    assert store.kept("7Q2").chain == noted.chain
    assert [event.text for event in store.story("7Q2")] == ["started", "done", "edited"]
    assert len(found["events"]) == 3


def test_a_job_of_the_program_before_is_moved_on_and_written_anew(
    store: RedisStore, client: redis.Redis
) -> None:
    store.create(a_job(), told("started"))
    key = f"{PREFIX}:job:7Q2"
    before = json.loads(str(client.hget(key, "record")))
    del before["drift"]
    client.hset(key, "record", json.dumps({**before, "format": FORMAT - 1}))

    claim = store.claim("7Q2")
    assert claim is not None
    store.commit(claim, claim.job.moved(JobState.RUNNING))

    kept = [record for record in claim.job.records if record.name in {"identity", "group"}]
    assert sorted(kept, key=lambda record: record.name) == sorted(
        a_job().records, key=lambda record: record.name
    )
    assert json.loads(str(client.hget(key, "record")))["format"] == FORMAT


def test_a_note_made_after_the_end_goes_with_its_job(
    store: RedisStore, client: redis.Redis
) -> None:
    end(store, claimed(store))

    store.note_post("7Q2", root="1.2")

    assert client.ttl(f"{PREFIX}:posts:7Q2") > 0


def test_a_word_added_to_an_ended_job_leaves_the_lock_of_the_next_one(store: RedisStore) -> None:
    job = end(store, claimed(store))
    store.create(a_job("9X1"), told("started", "9X1"))

    store.amend(job, told("a word"))

    assert store.holder("app-b") == "9X1"


def test_snapshots_are_closed_in_redis_and_all_else_can_be_read(
    store: RedisStore, client: redis.Redis
) -> None:
    store.create(a_job(), told("started"))

    record = str(client.hget(f"{PREFIX}:job:7Q2", "record"))

    assert "aliyun.conf" not in record
    assert json.loads(record)["app"] == "app-b"


def test_a_changed_key_opens_old_snapshots_and_a_missing_one_is_said(
    server: RunningServer, store: RedisStore
) -> None:
    store.create(a_job(), told("started"))
    new = Fernet.generate_key()
    changed = RedisStore(connect(server.url), Cipher((new, KEY)), prefix=PREFIX)
    missing = RedisStore(connect(server.url), Cipher((new,)), prefix=PREFIX)

    assert changed.load("7Q2").records == a_job().records
    with pytest.raises(StepFailed, match="none of the snapshot keys"):
        missing.load("7Q2")


def test_once_all_is_written_anew_the_old_key_is_needed_no_more(
    server: RunningServer, store: RedisStore
) -> None:
    end(store, claimed(store))
    store.create(a_job("7Q3"), told("started", "7Q3"))
    new = Fernet.generate_key()
    with closing(RedisStore(connect(server.url), Cipher((new, KEY)), prefix=PREFIX)) as both:
        count = rekey(both)

    with closing(RedisStore(connect(server.url), Cipher((new,)), prefix=PREFIX)) as later:
        assert count == 2
        assert later.load("7Q2").records[0].before == {"was": "aliyun.conf"}
        assert later.load("7Q3").state is JobState.QUEUED
        assert later.holder("app-b") == "7Q3"
        assert later.unreadable() == ()


def test_a_job_that_no_key_opens_does_not_hide_the_others(
    server: RunningServer, store: RedisStore
) -> None:
    store.create(a_job(), told("started"))
    new = Cipher((Fernet.generate_key(),))
    with closing(RedisStore(connect(server.url), new, prefix=PREFIX)) as later:
        later.create(a_job("7Q3", "app-c"), told("started", "7Q3"))
        with capture_logs() as logs:
            listed = later.jobs()

    assert [job.id for job in listed] == ["7Q3"]
    assert "none of the snapshot keys opens" in logs[0]["why"]


def test_a_job_of_a_newer_program_is_left_alone_and_given_back(
    store: RedisStore, client: redis.Redis
) -> None:
    store.create(a_job(), told("started"))
    key = f"{PREFIX}:job:7Q2"
    newer = json.dumps(
        {**json.loads(str(client.hget(key, "record"))), "format": FORMAT + 1, "mood": "new"}
    )
    client.hset(key, "record", newer)

    with pytest.raises(StepFailed, match=f"job 7Q2: written in format {FORMAT + 1}"):
        store.claim("7Q2")

    assert client.hget(key, "record") == newer
    assert client.hget(key, "token") is None
    assert store.due() == ()


def test_a_dead_redis_is_named_without_its_password(server: RunningServer) -> None:
    url = server.url.replace("redis://", "redis://:hunter2@")
    away = RedisStore(connect(url), Cipher((KEY,)), prefix=PREFIX)
    server.kill()

    with pytest.raises(StoreAway, match=f"asking Redis at 127.0.0.1:{server.port}: ") as refusal:
        away.load("7Q2")

    assert "hunter2" not in str(refusal.value) + refusal.value.hint
    assert refusal.value.hint


def test_after_an_outage_the_owner_comes_first(server: RunningServer) -> None:
    owner = a_store(server, PREFIX, claim_seconds=0.05)
    owned = claimed(owner)
    idle = a_store(server, PREFIX, claim_seconds=60.0)
    idle.create(a_job("FREE", "app-c"), told("started", "FREE"))
    server.settled()
    server.kill()
    with pytest.raises(StoreAway):
        idle.due()
    server.start()
    fresh = a_store(server, PREFIX)
    until(lambda: "7Q2" in fresh.due())  # the claim ran out during the outage

    in_grace = idle.due(), idle.claim("7Q2")

    assert in_grace == ((), None)
    assert idle.claim("FREE") is not None  # nobody had it, so nobody can be in its way
    assert owner.renew(owned)


def test_the_grace_ends_one_claim_length_after_the_outage(server: RunningServer) -> None:
    store = a_store(server, PREFIX, claim_seconds=0.4)
    claimed(store)
    server.settled()
    server.kill()
    for _ in range(2):  # in grace it asks as well: only so it learns how long Redis is away
        with pytest.raises(StoreAway):
            store.due()
    server.start()

    until(lambda: store.due() == ("7Q2",))

    assert store.claim("7Q2") is not None


def test_a_killed_redis_keeps_jobs_events_claims_and_locks(server: RunningServer) -> None:
    store = a_store(server, PREFIX)
    claim = claimed(store)
    claim = store.commit(claim, claim.job.moved(JobState.RUNNING), told("running"))
    server.settled()
    server.kill()
    with pytest.raises(StoreAway):
        store.commit(claim, claim.job.noted("group", note="never written"))

    server.start()

    assert store.load("7Q2") == claim.job
    assert store.holder("app-b") == "7Q2"
    assert [event.text for _, event in store.events("7Q2")] == ["started", "running"]
    assert store.commit(claim, claim.job.noted("group", note="written")).job.version == 2


def test_a_store_with_a_persistent_redis_that_evicts_nothing_is_fine(store: RedisStore) -> None:
    store.check()

    assert store.due() == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_redis_that_forgets_or_evicts_is_refused_with_the_command(
    kind: str, tmp_path: Path
) -> None:
    options = ("--appendonly", "no", "--maxmemory-policy", "allkeys-lru")
    with running(kind, tmp_path, *options) as server, pytest.raises(StoreAway) as refusal:
        a_store(server).check()

    assert "CONFIG SET appendonly yes" in refusal.value.hint
    assert "CONFIG SET maxmemory-policy noeviction" in refusal.value.hint


def test_a_setting_that_may_not_be_read_is_no_trouble(
    server: RunningServer, client: redis.Redis
) -> None:
    client.execute_command("ACL", "SETUSER", "plain", "on", ">pw", "~*", "+@all", "-config")
    url = server.url.replace("redis://", "redis://plain:pw@")
    plain = RedisStore(connect(url), Cipher((KEY,)), prefix=PREFIX)
    plain.create(a_job(), told("started"))

    plain.check()

    assert plain.due() == ("7Q2",)  # and not in grace


def test_a_mark_made_while_the_older_one_is_posted_is_not_lost(store: RedisStore) -> None:
    store.create(a_job(), told("started"))
    assert store.unposted() == ("7Q2",)
    assert store.unposted() == ()
    store.amend(a_job(), told("meanwhile"))

    struck_off = store.posted("7Q2")

    assert not struck_off
    assert store.unposted() == ("7Q2",)
    assert store.posted("7Q2")
    assert store.unposted() == ()


def test_a_mark_made_meanwhile_outlives_the_putting_off(store: RedisStore) -> None:
    store.create(a_job(), told("started"))
    store.unposted()
    store.mark_unposted("7Q2")

    store.put_off("7Q2", 3600.0)

    assert store.unposted() == ("7Q2",)
    store.put_off("7Q2", 0.1)
    assert store.unposted() == ()
    until(lambda: store.unposted() == ("7Q2",))


def test_what_a_dead_sender_took_comes_back(server: RunningServer, store: RedisStore) -> None:
    store.create(a_job(), told("started"))
    dead = a_store(server, PREFIX)
    assert dead.unposted(lease_seconds=0.1) == ("7Q2",)

    until(lambda: store.unposted() == ("7Q2",))

    assert store.posted("7Q2")


def test_events_are_read_on_from_a_cursor(store: RedisStore) -> None:
    store.create(a_job(), told("a"))
    store.amend(store.load("7Q2"), told("b"), told("c"))
    (first, event), *_ = store.events("7Q2", limit=1)

    rest = store.events("7Q2", after=first)

    assert replace(event, link="") == told("a")
    assert [event.text for _, event in rest] == ["b", "c"]


def test_notes_of_posts_are_kept_and_the_link_is_one_of_them(store: RedisStore) -> None:
    store.create(a_job(), told("started"))
    store.note_post("7Q2", root="1.2", link="https://chat.example/p1")
    store.note_post("7Q2", cursor="5-0")

    assert store.posts("7Q2") == {"root": "1.2", "link": "https://chat.example/p1", "cursor": "5-0"}
    assert store.link("7Q2") == "https://chat.example/p1"


def test_one_sender_at_a_time_posts_for_a_job(store: RedisStore) -> None:
    assert store.sender_lock("7Q2", "mine", 60.0)
    assert store.sender_lock("7Q2", "mine", 60.0)
    assert not store.sender_lock("7Q2", "yours", 60.0)

    store.sender_unlock("7Q2", "yours")
    assert not store.sender_lock("7Q2", "yours", 60.0)
    store.sender_unlock("7Q2", "mine")
    assert store.sender_lock("7Q2", "yours", 60.0)


def test_what_a_move_does_is_known_until_it_is_given_back(store: RedisStore) -> None:
    claim = claimed(store)
    store.unposted()
    store.posted("7Q2")

    assert store.note_working(claim, "h1 of 3")
    working = store.working("7Q2")
    assert working is not None
    assert working.said == "h1 of 3"
    assert 0 <= working.beat - working.since < 10
    assert store.unposted() == ("7Q2",)
    store.posted("7Q2")

    store.release(claim, 60.0)
    assert store.working("7Q2") is None
    assert store.unposted() == ("7Q2",)
    assert not store.note_working(claim, "zombie")


def test_what_a_dead_worker_did_is_forgotten(server: RunningServer) -> None:
    store = a_store(server, PREFIX, claim_seconds=0.1)
    store.note_working(claimed(store), "h1 of 3")

    until(lambda: store.working("7Q2") is None)

    assert store.load("7Q2").state is JobState.QUEUED


def test_a_commit_marks_the_job_for_the_sender(store: RedisStore) -> None:
    claim = claimed(store)
    store.unposted()
    store.posted("7Q2")

    store.commit(claim, replace(claim.job, reason="looked"))

    assert store.unposted() == ("7Q2",)


def test_a_commit_for_another_ones_claim_is_lost(store: RedisStore) -> None:
    claim = claimed(store)

    with pytest.raises(ClaimLost):
        store.commit(Claim(claim.job, "forged"), claim.job)

    assert store.load("7Q2").version == 0
