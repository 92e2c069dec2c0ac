"""The watch's look at a whole migration on fakes: each change of the world is one finding."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

import pytest

from tests.crash.world import ALICE, APP, BOB, CONF, SECONDS, WAITS, A, World
from workflows.apps import Host
from workflows.drift.looks import drift
from workflows.drift.sight import Change, events
from workflows.drift.things import changed
from workflows.errors import Denied, Unavailable
from workflows.model import Drift, JobState, RecordState
from workflows.ports import Line, Lines
from workflows.step import Context

EVERYWHERE = ("stop?", "delete?", "end")
BEFORE_STOP, AFTER_STOP = ("stop?",), ("delete?", "end")
BEFORE_DELETE, AFTER_DELETE = ("stop?", "delete?"), ("end",)


@cache
def _moved(to: str) -> World:
    world = World().start()
    engine = world.engine()
    for _ in range(SECONDS):
        for _job in world.store.due():
            world.look(engine, world.store)
        world.second()
        asked = world.asked()
        if asked == to or (to == "end" and world.job.state is JobState.SUCCEEDED):
            return world
        if asked:
            world.service.approve("J1", asked, world.job.record(asked).shown, BOB)
    raise AssertionError(f"never came to {to}: {world.job}")


def moved(to: str) -> World:
    """A world of its own whose job has come to that question, or to its end."""
    return copy.deepcopy(_moved(to))


def seen(world: World, was: tuple[Drift, ...] = ()) -> Change:
    context = Context(APP, WAITS, world.hosts, world.source, world.target, world.clock)
    return drift(replace(world.job, drift=was), context)


def texts(change: Change) -> list[str]:
    return [f"{one.host}: {one.text}".removeprefix(": ") for one in change.drift]


@pytest.mark.parametrize("at", EVERYWHERE)
def test_where_nothing_was_changed_nothing_is_found(at: str) -> None:
    world = moved(at)
    world.second()

    assert texts(seen(world)) == []


def _stopped_on_the_way() -> Iterator[World]:
    """Alice cancels after each look; what was not begun or is half done is not agreed."""
    for looks in range(1, 60):
        world = World().start()
        engine = world.engine()
        for _ in range(looks):
            while not world.store.due():
                world.second()
            world.look(engine, world.store)
            if asked := world.asked():
                world.service.approve("J1", asked, world.job.record(asked).shown, BOB)
        if world.job.state in {JobState.SUCCEEDED, JobState.UNDONE}:
            return
        world.service.cancel("J1", ALICE)
        if world.job.state is JobState.STOPPED:
            yield world


def test_a_job_that_was_stopped_anywhere_misses_nothing_that_was_not_done() -> None:
    stopped = list(_stopped_on_the_way())

    assert len({tuple(r.state for r in world.job.records) for world in stopped}) >= 6
    for world in stopped:
        assert texts(seen(world)) == []


def test_a_step_that_stopped_half_way_is_not_held_against_anybody() -> None:
    world = moved("delete?")
    job = world.job.noted("stop", state=RecordState.PROVING)
    world.source.bound.add(("old-config", "old-hosts"))

    context = Context(APP, WAITS, world.hosts, world.source, world.target, world.clock)

    assert drift(job, context).drift == ()


@pytest.mark.parametrize("there", [True, False])
def test_a_config_that_is_being_deleted_is_neither_missed_nor_made_again(there: bool) -> None:
    world = moved("delete?")
    if not there:
        world.source.delete_config("old-config")
    job = world.job.noted("delete", state=RecordState.PROVING)

    context = Context(APP, WAITS, world.hosts, world.source, world.target, world.clock)

    assert drift(job, context).drift == ()


def edit_source(world: World) -> None:
    body = world.source.config_bodies["old-config"]
    detail = {**body["inputDetail"], "timeFormat": "%d/%b/%Y:%H:%M:%S"}
    world.source.config_bodies["old-config"] = {**body, "inputDetail": detail}


def edit_target(world: World) -> None:
    (name, body), *_ = world.target.config_bodies.items()
    detail = {**body["inputDetail"], "logPath": "/var/log/other"}
    world.target.config_bodies[name] = {**body, "inputDetail": detail}


def drop_target(world: World) -> None:
    (name,) = world.target.config_bodies
    world.target.delete_config(name)


def detach_target(world: World) -> None:
    ((config, group),) = world.target.bound
    world.target.remove(config, group)


def apply_target_elsewhere(world: World) -> None:
    (name,) = world.target.config_bodies
    world.target.groups["others"] = {"groupName": "others"}
    world.target.apply(name, "others")


def remake_source(world: World) -> None:
    """The same body again: younger than it was, and every agent begins anew."""
    body = world.source.config_bodies["old-config"]
    stamp = int(world.clock.now())
    world.source.config_bodies["old-config"] = {**body, "createTime": stamp}


def attach_source(world: World) -> None:
    world.source.apply("old-config", "old-hosts")


def make_source_again(world: World) -> None:
    world.source.create_config({"configName": "old-config", "inputType": "file"})


def edit_group(world: World) -> None:
    body = world.target.groups[APP.target.machine_group]
    world.target.groups[APP.target.machine_group] = {**body, "machineList": ["app-b", "others"]}


def shorten_target(world: World) -> None:
    body = world.target.logstore_bodies["app-b"]
    world.target.logstore_bodies["app-b"] = {**body, "ttl": 3}


def edit_index(world: World) -> None:
    body = world.target.indexes["app-b"]
    world.target.indexes["app-b"] = {**body, "line": {"token": ["|"]}}


def shorten_source(world: World) -> None:
    body = world.source.logstore_bodies["old-logs"]
    world.source.logstore_bodies["old-logs"] = {**body, "ttl": 1}


def straggle(world: World) -> None:
    _sends(world, "web-2", "10.0.0.12")


def stranger(world: World) -> None:
    _sends(world, "web-9", "10.9.9.9")


def _sends(world: World, name: str, ip: str) -> None:
    for _ in range(5):
        world.second()
    now = int(world.clock.now()) - 1
    line, tags = Line(now, (("content", "still here"),)), (("__hostname__", name),)
    world.source.arrive("old-logs", Lines((line,), source=ip, tags=tags, received=now))


def lose_line(world: World) -> None:
    world.hosts.hosts["h2"].files[f"{CONF}/user_defined_id"] = b"old-hosts\n"


def lose_account(world: World) -> None:
    del world.hosts.hosts["h3"].files[f"{CONF}/users/{A}"]


def fall_silent(world: World) -> None:
    world.dead.add("h3")
    for _ in range(int(WAITS.fresh) + 2):
        world.second()


@dataclass(frozen=True)
class Case:
    at: tuple[str, ...]
    change: Callable[[World], None]
    text: str


CASES = [
    Case(BEFORE_DELETE, edit_source, "config old-config of project shop-b was edited: inputDetail.timeFormat was"),
    Case(BEFORE_DELETE, lambda w: w.source.delete_config("old-config"), "config old-config of project shop-b was deleted"),
    Case(BEFORE_DELETE, remake_source, "config old-config of project shop-b was deleted and made again"),
    Case(BEFORE_STOP, lambda w: w.source.remove("old-config", "old-hosts"), "is no longer applied to machine group old-hosts"),
    Case(("delete?",), attach_source, "config old-config of project shop-b is applied to old-hosts again"),
    Case(AFTER_DELETE, make_source_again, "config old-config of project shop-b was made again"),
    Case(BEFORE_DELETE, shorten_source, "logstore old-logs of project shop-b was edited: ttl was 30, is 1"),
    Case(EVERYWHERE, edit_target, "of project shop-a was edited: inputDetail.logPath was"),
    Case(EVERYWHERE, drop_target, "of project shop-a was deleted"),
    Case(EVERYWHERE, detach_target, "of project shop-a is no longer applied to machine group app-b"),
    Case(EVERYWHERE, apply_target_elsewhere, "of project shop-a is applied to machine group others too"),
    Case(EVERYWHERE, edit_group, "machine group app-b of project shop-a was edited: machineList"),
    Case(EVERYWHERE, shorten_target, "logstore app-b of project shop-a was edited: ttl was 30, is 3"),
    Case(EVERYWHERE, edit_index, "the index of logstore app-b of project shop-a was edited: line"),
    Case(AFTER_STOP, straggle, "h2: still or again sends lines into logstore old-logs of project shop-b"),
    Case(AFTER_STOP, stranger, "web-9 (10.9.9.9): still or again sends lines into logstore old-logs"),
    Case(EVERYWHERE, lose_line, "h2: the target's custom id is gone"),
    Case(EVERYWHERE, lose_account, "h3: the target's account id is gone"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "at"), [pytest.param(c, at, id=f"{c.text} at {at}") for c in CASES for at in c.at]
)
def test_each_change_is_one_finding_and_none_once_it_is_as_it_was(case: Case, at: str) -> None:
    world = moved(at)
    case.change(world)

    first = seen(world)
    again = seen(world, first.drift)
    settled = seen(moved(at), first.drift)

    assert len(first.opened) == 1
    assert case.text in texts(first)[0]
    assert (again.opened, again.settled) == ((), ())
    assert again.drift == first.drift
    assert settled.drift == ()
    assert [one.key for one in settled.settled] == [one.key for one in first.drift]


def test_a_host_that_is_silent_is_told_at_the_second_look_and_one_that_started_anew_is_not() -> (
    None
):
    world = moved("delete?")
    fall_silent(world)
    first = seen(world)
    world.second()
    second = seen(world, first.drift)
    third = seen(world, second.drift)
    anew = seen(moved("delete?"), first.drift)

    assert (first.opened, len(first.drift)) == ((), 1)
    assert [one.host for one in second.opened] == ["h3"]
    assert "h3: no heartbeat in machine group app-b since" in texts(second)[0]
    assert (third.opened, third.settled) == ((), ())
    assert (anew.settled, anew.drift) == ((), ())


def pipeline(name: str, logstore: str) -> dict[str, Any]:
    inputs = [{"Type": "input_file", "FilePaths": ["/var/log/app-b/*.json"]}]
    flushers = [{"Type": "flusher_sls", "Logstore": logstore}]
    return {"configName": name, "inputs": inputs, "flushers": flushers}


def with_a_pipeline(at: str) -> World:
    """A second config of the other form is on its way too."""
    world = moved(at)
    before = copy.deepcopy(world.job.record("source").before)
    names = {"source": "new-config", "target": "new-in-a", "form": "pipeline"}
    bodies = pipeline("new-config", "old-logs"), pipeline("new-in-a", "app-b")
    for sls, body, group in (
        (world.source, bodies[0], "old-hosts"),
        (world.target, bodies[1], APP.target.machine_group),
    ):
        sls.create_config(body)
        sls.apply(body["configName"], group)
    body = world.source.config_bodies["new-config"]
    found = {"name": "new-config", "form": "pipeline", "body": body, "groups": ["old-hosts"]}
    before["collections"] = (*before["collections"], {**names, "groups": ["old-hosts"]})
    before["found"]["configs"] = (*before["found"]["configs"], found)
    before["wanted"]["configs"]["new-config"] = bodies[1]
    world.store.saved["J1"] = world.job.noted("source", before=before)
    return world


def test_of_several_configs_of_both_forms_each_is_watched() -> None:
    world = with_a_pipeline("stop?")
    quiet = texts(seen(world))
    for sls, name in ((world.source, "new-config"), (world.target, "new-in-a")):
        body = sls.config_bodies[name]
        inputs = [{**body["inputs"][0], "FilePaths": ["/var/log/other"]}]
        sls.config_bodies[name] = {**body, "inputs": inputs}
    edit_target(world)

    said = "\n".join(texts(seen(world)))

    assert quiet == []
    assert "config new-config of project shop-b was edited: inputs[0].FilePaths" in said
    assert "config new-in-a of project shop-a was edited: inputs[0].FilePaths" in said
    assert said.count("was edited") == 3


def test_a_config_that_gave_way_to_one_of_the_other_form_is_gone() -> None:
    world = with_a_pipeline("stop?")
    classic = {**world.target.config_bodies["new-in-a"], "inputType": "file"}
    del classic["flushers"]
    world.target.config_bodies["new-in-a"] = classic

    assert texts(seen(world)) == ["config new-in-a of project shop-a was deleted"]


def test_a_job_that_an_older_program_began_is_watched_as_far_as_it_knows() -> None:
    world = moved("delete?")
    create = world.job.record("source").before["wanted"]["configs"]["old-config"]
    older = world.job.noted("source", before={}).noted("both", before={"create": create})
    world.store.saved["J1"] = older
    quiet = texts(seen(world))
    edit_target(world)
    attach_source(world)

    assert quiet == []
    assert len(texts(seen(world))) == 2


def test_what_the_service_puts_in_by_itself_is_no_finding_and_what_is_documented_is() -> None:
    world = moved("end")
    ((name, body),) = world.target.config_bodies.items()
    world.target.config_bodies[name] = {**body, "ownedByNobodyKnows": 1}
    world.target.indexes["app-b"] = {**world.target.indexes["app-b"], "strange": True}
    unknown = texts(seen(world))
    detail = {**body["inputDetail"], "discardNonUtf8": True}
    world.target.config_bodies[name] = {**body, "inputDetail": detail}
    known = texts(seen(world))

    assert unknown == []
    assert len(known) == 1
    assert "inputDetail.discardNonUtf8 was unset, is true" in known[0]


def test_shards_that_the_service_has_split_are_no_finding() -> None:
    world = moved("end")
    body = world.target.logstore_bodies["app-b"]
    world.target.logstore_bodies["app-b"] = {**body, "shardCount": 8}

    assert texts(seen(world)) == []


def test_after_its_config_is_deleted_the_owners_of_the_source_may_do_as_they_like() -> None:
    world = moved("end")
    world.source.delete_machine_group("old-hosts")
    world.source.delete_logstore("old-logs")

    assert texts(seen(world)) == []


def test_what_the_source_received_before_it_was_stopped_is_no_straggler() -> None:
    world = moved("delete?")
    before = int(world.job.record("stop").since) - 1
    lines = Lines((Line(before, (("content", "x"),)),), source="10.0.0.12", received=before)
    world.source.arrive("old-logs", lines)

    assert texts(seen(world)) == []


def test_a_straggler_that_ended_is_settled() -> None:
    world = moved("end")
    straggle(world)
    first = seen(world)
    world.clock.tick(2 * WAITS.watch + 2)
    for _ in range(3):
        world.second()

    later = seen(world, first.drift)

    assert [one.key for one in later.settled] == ["lines/h2"]


def test_a_host_that_cannot_be_reached_is_no_finding_until_it_lasts() -> None:
    world = moved("end")
    world.hosts.refuse("h2")

    first = seen(world)
    world.clock.tick(WAITS.outage + 1)
    world.second()
    late = seen(world, first.drift)

    assert first.opened == ()
    assert [(one.key, one.host) for one in late.opened] == [("away/hosts/h2/", "h2")]
    assert "connection refused" in late.opened[0].text


def test_many_hosts_that_cannot_be_reached_share_one_message() -> None:
    world = moved("end")
    more = [asdict(Host(f"w{number}")) for number in range(50)]
    before = world.job.record("hosts").before
    before = {**before, "roster": [*before["roster"], *more]}
    job = world.job.noted("hosts", before=before).noted("heartbeats", state=RecordState.PENDING)
    context = Context(APP, WAITS, world.hosts, world.source, world.target, world.clock)

    first = drift(job, context)
    world.clock.tick(WAITS.outage + 1)
    late = drift(replace(job, drift=first.drift), context)

    assert len(late.opened) == 50
    assert [event.text for event in events(job, late, 0.0)] == ["50 hosts"]


class Shut:
    """An account that does not answer, or may not be read."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> object:
        def call(*args: object, **more: object) -> object:
            raise self._error

        return call


@pytest.mark.parametrize("error", [Unavailable("no answer"), Denied("log:GetConfig is missing")])
def test_an_account_that_cannot_be_read_hides_its_own_part_alone(error: Exception) -> None:
    world = moved("stop?")
    edit_source(world)
    shorten_target(world)
    open_before = seen(world).drift
    context = Context(APP, WAITS, world.hosts, Shut(error), world.target, world.clock)  # type: ignore[arg-type]

    change = drift(replace(world.job, drift=open_before), context)

    assert (change.opened, change.settled) == ((), ())
    assert {one.key for one in change.drift if one.quiet} == {"away/source/"}
    assert {one.key for one in change.drift if not one.quiet} == {
        "source/config old-config edited",
        "target/logstore app-b edited",
    }


def test_settings_that_were_edited_under_the_job_are_told_after_a_while() -> None:
    world = moved("end")
    other = replace(APP, target=replace(APP.target, logstore="another"))
    context = Context(other, WAITS, world.hosts, world.source, world.target, world.clock)

    lose_line(world)
    open_before = seen(world).drift
    first = drift(replace(world.job, drift=open_before), context)
    world.clock.tick(WAITS.outage + 1)
    late = drift(replace(world.job, drift=first.drift), context, ("hosts/",))

    assert (first.opened, first.settled) == ((), ())
    assert {one.key for one in late.drift} == {"away/", "hosts/h2/custom id"}
    assert "target.logstore is 'another' and was 'app-b'" in late.opened[0].text


def test_values_that_may_be_secret_are_not_told() -> None:
    world = moved("stop?")
    body = world.source.config_bodies["old-config"]
    detail = {**body["inputDetail"], "plugin": {"inputs": [{"detail": {"Password": "hunter2"}}]}}
    world.source.config_bodies["old-config"] = {**body, "inputDetail": detail}

    said = texts(seen(world))

    assert len(said) == 1
    assert "hunter2" not in said[0]


@pytest.mark.parametrize("name", ["Password", "AccessKeySecret", "authToken", "Key", "dsn"])
def test_a_field_that_sounds_like_a_secret_is_named_without_its_value(name: str) -> None:
    body = {"configName": "c", "inputType": "plugin", name: "old"}

    (found,) = changed("key", "config c", body, {**body, name: "new"}, "Put it back.")

    assert found.text == f"config c was edited: {name} is another"


def test_a_password_in_an_address_is_told_to_nobody() -> None:
    body = {"configName": "c", "inputType": "plugin", "inputDetail": {"Url": "mysql://me:old@db/x"}}
    other = {**body, "inputDetail": {"Url": "mysql://me:new@dc/x"}}
    again = {**body, "inputDetail": {"Url": "mysql://me:new@db/x"}}

    (elsewhere,) = changed("key", "config c", body, other, "Put it back.")
    (found,) = changed("key", "config c", body, again, "Put it back.")

    assert elsewhere.text.endswith('Url was "mysql://***@db/x", is "mysql://***@dc/x"')
    assert found.text == "config c was edited: inputDetail.Url is another"
