"""A job that the version before began goes on, to its end or back, with the rows of this one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import pytest
from cryptography.fernet import Fernet

from bot.wire import Cipher, unpack_job
from tests.crash.test_crashes import agreeing
from tests.crash.test_dangers import until
from tests.crash.world import ALICE, APP, BOB, CONF, GROUP, A, World
from workflows.logmigrate import LOGMIGRATE
from workflows.model import Event, EventKind, Facts, Job, JobKind, JobState, Record, RecordState

CIPHER = Cipher((Fernet.generate_key(),))
HOSTS = tuple(host.name for host in APP.hosts)
NEWEST = frozenset({"source", "keep?", "forecast", "alone"})  # since formats 4 and 5
NEW = NEWEST | {"hosts", "pilot", "heartbeats"}  # since format 3
ROWS = ["identity", *(row.name for row in LOGMIGRATE.steps if row.name not in NEW | {"identity"})]
PENDING, ALREADY, DOING = RecordState.PENDING, RecordState.ALREADY, RecordState.DOING
PROVING, DONE = RecordState.PROVING, RecordState.DONE
UNDOING, UNDONE = RecordState.UNDOING, RecordState.UNDONE
RUNNING, STOPPED, BACK = JobState.RUNNING, JobState.STOPPED, JobState.UNDOING

ONE_CONFIG = frozenset({"config", "applied", "create", "source_groups"})

Older = Callable[[World], World]

# State of the job, of `identity` and of `group`, how many hosts have both ids, is the group there.
Begun = tuple[JobState, RecordState, RecordState, int, bool]
FORWARD: tuple[Begun, ...] = (
    (JobState.QUEUED, PENDING, PENDING, 0, False),
    (RUNNING, DOING, PENDING, 0, False),
    (RUNNING, DOING, PENDING, 2, False),
    (RUNNING, PROVING, PENDING, 3, False),
    (RUNNING, DONE, PENDING, 3, False),
    (RUNNING, ALREADY, PENDING, 3, False),
    (RUNNING, DONE, DOING, 3, False),
    (RUNNING, DONE, DOING, 3, True),
    (RUNNING, DONE, PROVING, 3, True),
    (RUNNING, DONE, DONE, 3, True),
    (RUNNING, DONE, ALREADY, 3, True),
    (RUNNING, ALREADY, ALREADY, 3, True),
)
HALTED = tuple((STOPPED, *begun[1:]) for begun in FORWARD[1:])
BACKWARD: tuple[Begun, ...] = (
    (BACK, PENDING, PENDING, 0, False),
    (BACK, UNDOING, PENDING, 2, False),
    (BACK, UNDONE, PENDING, 0, False),
    (BACK, DONE, UNDOING, 3, True),
    (BACK, DONE, UNDOING, 3, False),
    (BACK, DONE, UNDONE, 3, False),
    (BACK, UNDOING, UNDONE, 1, False),
    (STOPPED, UNDOING, UNDONE, 1, False),
    (BACK, UNDONE, UNDONE, 0, False),
    (BACK, ALREADY, UNDOING, 3, True),
)


def written(job: Job, rows: Sequence[Record]) -> dict[str, Any]:
    """As format 2 has it."""
    wire: dict[str, Any] = {"format": 2, **asdict(replace(job, records=tuple(rows)))}
    del wire["without"], wire["only"], wire["drift"]
    for row in wire["records"]:
        row["before"] = CIPHER.close(row["before"]) if row["before"] else ""
    return wire


def by_hand(begun: Begun) -> World:
    """The job and its world as the version before may have left them."""
    state, identity, group, prepared, grouped = begun
    world, had = World(), identity is ALREADY
    now = world.clock.now()
    was = {"user_file": had, "users_dir": had, "listed": had, "id_file": True, "configs": []}
    hosts = {name: {**was, "final_newline": had or name != "h3"} for name in HOSTS}
    expected = {n: {"ip": f"10.0.0.{k}", "unique_id": f"UUID-{k}"} for k, n in enumerate(HOSTS, 11)}
    befores: dict[str, Facts] = {
        "identity": {"account": A, "hosts": hosts, "ip_groups": []},
        "group": {"group": dict(GROUP) if group is ALREADY else None, "expected": expected},
    }
    states = {"identity": identity, "group": group}
    rows = [
        Record(name, stood, befores[name], since=now)
        if (stood := states.get(name, PENDING)) is not PENDING
        else Record(name)
        for name in ROWS
    ]
    prepare(world, HOSTS[:prepared])
    if grouped:
        world.target.groups["app-b"] = dict(GROUP)
    return holding(world, a_job(world, state), rows)


def prepare(world: World, names: Sequence[str]) -> None:
    """As the version before did it: no ledger."""
    for name in names:
        files = world.hosts.hosts[name].files
        files[f"{CONF}/users/{A}"] = b""
        gap = b"" if files[f"{CONF}/user_defined_id"].endswith(b"\n") else b"\n"
        files[f"{CONF}/user_defined_id"] += gap + b"app-b\n"


def a_job(world: World, state: JobState, kind: JobKind = JobKind.MOVE) -> Job:
    return Job(
        id="J1", app=APP.name, requested_by=ALICE, channel="C1", created=world.clock.now(),
        records=(), kind=kind, state=state, names=APP.names,
    )  # fmt: skip


def holding(world: World, job: Job, rows: Sequence[Record]) -> World:
    """A world whose store has the job as this version reads it."""
    read = unpack_job(written(job, rows), CIPHER)
    world.store.create(read, Event(world.clock.now(), "J1", EventKind.STARTED))
    return world


def on(world: World) -> None:
    """Alice retries once what had stopped."""
    retried = any(e.kind is EventKind.RETRIED for e in world.store.told["J1"])
    if world.job.state is STOPPED and not retried:
        world.service.retry("J1", ALICE)
    else:
        agreeing(world)


def back(world: World) -> None:
    """Bob rolls back as soon as he may."""
    if world.job.state in {STOPPED, RUNNING, JobState.WAITING} and not world.job.turned_back:
        world.service.roll_back("J1", BOB)
    else:
        on(world)


def moved(world: World) -> bool:
    """Each id is there once, and nobody collects into the source any more."""
    files = [world.hosts.hosts[name].files for name in HOSTS]
    once = all(held[f"{CONF}/user_defined_id"].split(b"\n").count(b"app-b") == 1 for held in files)
    there = all(f"{CONF}/users/{A}" in held for held in files)
    journal = world.target.journal + world.source.journal
    return once and there and not world.source.bound and len(journal) == len(set(journal))


def as_before(begun: Begun) -> World:
    """What the first job of all found."""
    world = World()
    if begun[1] is ALREADY:
        prepare(world, HOSTS)
    if begun[2] is ALREADY:
        world.target.groups["app-b"] = dict(GROUP)
    return world


@pytest.mark.parametrize("begun", FORWARD + HALTED, ids=str)
def test_a_job_goes_on_from_wherever_it_stood(begun: Begun) -> None:
    world = by_hand(begun)
    world.live(on)

    assert world.job.state is JobState.SUCCEEDED
    assert moved(world)


@pytest.mark.parametrize("begun", FORWARD + HALTED + BACKWARD, ids=str)
def test_a_job_is_taken_back_from_wherever_it_stood(begun: Begun) -> None:
    world = by_hand(begun)
    if begun[0] is JobState.QUEUED:
        world.service.roll_back("J1", BOB)
    world.live(back)

    assert world.job.state is JobState.UNDONE
    assert world.surroundings() == as_before(begun).surroundings()


@pytest.mark.parametrize("begun", FORWARD + HALTED, ids=str)
def test_a_job_that_went_on_for_a_while_can_still_be_taken_back(begun: Begun) -> None:
    world = by_hand(begun)

    def late(world: World) -> None:
        if world.asked() == "stop?":
            world.service.roll_back("J1", BOB)
        else:
            on(world)

    world.live(late)
    world.forget_what_was_collected()

    assert world.job.state is JobState.UNDONE
    assert world.surroundings() == as_before(begun).surroundings()


def with_one_config(row: Record) -> Record:
    """As it was kept before there were several, and before there was a row that derives them."""
    before = row.before
    if row.name == "group":
        before = {key: value for key, value in before.items() if key != "create"}
    if row.name in {"both", "delete"} and before:
        (before,) = before["configs"]
        before = {key: value for key, value in before.items() if key in ONE_CONFIG}
    if row.name == "stop" and before:
        before = {"groups": before["groups"]}
    return replace(row, before=before)


def as_format_3(world: World) -> World:
    """A world that this version brought so far, as the version before would have left it."""
    rows = [with_one_config(row) for row in world.job.records if row.name not in NEWEST]
    wire: dict[str, Any] = {"format": 3, **asdict(replace(world.job, records=tuple(rows)))}
    del wire["drift"]
    for row in wire["records"]:
        row["before"] = CIPHER.close(row["before"]) if row["before"] else ""
    world.store.saved["J1"] = unpack_job(wire, CIPHER)
    return world


def as_format_2(world: World) -> World:
    """The same of two versions before, which had no ledger on the hosts."""
    job, seen = world.job, world.job.record("hosts").before["expected"]
    pilot, identity = job.record("pilot").before, job.record("identity").before
    hosts = {**pilot["hosts"], **identity["hosts"]}
    rows = [with_one_config(job.record(name)) for name in ROWS]
    befores = {
        "identity": {**identity, "hosts": hosts},
        "group": {**with_one_config(job.record("group")).before, "expected": seen},
    }
    older = [replace(row, before=befores.get(row.name, row.before)) for row in rows]
    read = unpack_job(written(job, older), CIPHER)
    world.store.saved["J1"] = read
    for host in world.hosts.hosts.values():
        host.files.pop(f"{CONF}/.logmigrate", None)
    return world


OLDER = pytest.mark.parametrize("as_older", [as_format_2, as_format_3])


def at(row: str, state: RecordState, world: World) -> bool:
    return world.job.record(row).state is state


LATER: dict[str, Callable[[World], bool]] = {
    "the logstore was made": partial(at, "destination", PROVING),
    "both collect": partial(at, "both", PROVING),
    "the proof runs": partial(at, "proof", PROVING),
    "people are asked": partial(at, "stop?", RecordState.ASKED),
    "the source was detached": partial(at, "stop", PROVING),
    "people are asked again": partial(at, "delete?", RecordState.ASKED),
}


@OLDER
@pytest.mark.parametrize("point", LATER)
@pytest.mark.parametrize(("people", "end"), [(on, JobState.SUCCEEDED), (back, JobState.UNDONE)])
def test_a_job_whose_hosts_were_all_prepared_knows_them_still(
    point: str, people: Callable[[World], None], end: JobState, as_older: Older
) -> None:
    world = as_older(until(World().start(), LATER[point]))
    world.live(people)
    world.forget_what_was_collected()

    assert world.job.state is end
    assert moved(world) if people is on else world.surroundings() == World().surroundings()


@OLDER
def test_a_migration_that_ended_can_still_be_taken_back(as_older: Older) -> None:
    world = World().start()
    world.live(agreeing)
    as_older(world).service.roll_back("J1", BOB)
    world.live(agreeing)
    world.forget_what_was_collected()

    assert world.job.state is JobState.UNDONE
    assert world.surroundings() == World().surroundings()


EARLIER: dict[str, Callable[[World], bool]] = {
    "the hosts were looked at": partial(at, "hosts", ALREADY),
    "the first host is prepared": partial(at, "pilot", DONE),
    "all hosts are prepared": partial(at, "identity", DONE),
    "all hosts are heard": partial(at, "heartbeats", ALREADY),
}


@pytest.mark.parametrize("point", EARLIER)
def test_a_job_that_has_not_begun_with_the_logstore_looks_at_the_source_first(point: str) -> None:
    world = as_format_3(until(World().start(), EARLIER[point]))
    assert world.job.record("source").state is PENDING
    world.live(on)

    assert world.job.record("source").before["collections"] != []
    assert world.job.state is JobState.SUCCEEDED
    assert moved(world)


def test_a_job_that_has_begun_with_the_logstore_is_asked_nothing_new() -> None:
    world = as_format_3(until(World().start(), LATER["both collect"]))

    assert [world.job.record(name).state for name in ("source", "keep?")] == [ALREADY, ALREADY]
    assert [record.name for record in world.job.records] == [row.name for row in LOGMIGRATE.steps]


@pytest.mark.parametrize("state", [JobState.QUEUED, RUNNING, STOPPED, JobState.SUCCEEDED])
def test_a_plan_is_drawn_with_the_new_rows_or_stays_as_it_was(state: JobState) -> None:
    world = World()
    rows = [Record(name) for name in ROWS]
    holding(world, a_job(world, state, JobKind.PLAN), rows)
    if state is STOPPED:
        world.service.retry("J1", ALICE)
    world.look(world.engine(), world.store)

    assert world.job.state is JobState.SUCCEEDED
    drawn = [len(e.lines) for e in world.store.told["J1"] if e.kind is EventKind.PLANNED]
    assert drawn == ([] if state is JobState.SUCCEEDED else [len(LOGMIGRATE.steps)])
    assert world.surroundings() == World().surroundings()
