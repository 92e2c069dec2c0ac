"""What others edit, add or delete between two rows of a job: it is named before anything goes."""

from __future__ import annotations

import pytest

from tests.crash.test_crashes import agreeing, approve
from tests.crash.test_dangers import look_until_stopped, until
from tests.crash.world import ALICE, BOB, OLD_CONFIG, World
from workflows.collection.forms import Form
from workflows.errors import NotYet
from workflows.model import JobState, RecordState

EXTRA = {**OLD_CONFIG, "configName": "extra"}


def test_a_config_that_is_edited_while_both_collect_is_not_stopped() -> None:
    world = until(World().start(), lambda w: w.asked() == "stop?")
    detail = {**OLD_CONFIG["inputDetail"], "filePattern": "*.log"}  # type: ignore[dict-item]
    world.source.config_bodies["old-config"] = {**OLD_CONFIG, "inputDetail": detail}
    approve(world)
    look_until_stopped(world)

    assert "config old-config of project shop-b was edited since it was looked at" in (
        world.job.reason
    )
    assert 'inputDetail.filePattern: "app.log" is wanted, there is "*.log"' in world.job.reason
    assert ("old-config", "old-hosts") in world.source.bound


def test_a_config_that_is_edited_after_the_stop_is_not_deleted() -> None:
    world = until(World().start(), lambda w: w.asked() == "delete?")
    world.source.config_bodies["old-config"] = {**OLD_CONFIG, "logSample": "another"}
    approve(world)
    look_until_stopped(world)

    assert "logSample" in world.job.reason
    assert "old-config" in world.source.config_bodies


@pytest.mark.parametrize("at", ["stop?", "delete?"])
def test_the_source_is_left_alone_where_the_target_does_not_collect_as_agreed(at: str) -> None:
    world = until(World().start(), lambda w: w.asked() == at)
    config, bound = world.target.config_bodies["app-b"], set(world.source.bound)
    world.target.config_bodies["app-b"] = {**config, "logSample": "theirs"}
    approve(world)
    look_until_stopped(world)
    assert "config app-b of project shop-a was edited since it was made: logSample" in (
        world.job.reason
    )
    world.target.config_bodies["app-b"] = config
    world.target.bound.clear()
    world.service.retry("J1", ALICE)
    look_until_stopped(world)

    assert "is not applied to app-b any more, so nobody would collect" in world.job.reason
    assert world.source.bound == bound
    assert "old-config" in world.source.config_bodies


def add_a_feeder(world: World) -> None:
    world.source.config_bodies["extra"] = dict(EXTRA)
    world.source.bound.add(("extra", "old-hosts"))


def back(world: World) -> None:
    """Bob rolls back, and the story ends."""
    world.service.roll_back("J1", BOB)
    world.live(agreeing)


@pytest.mark.parametrize("at", ["stop?", "delete?"])
def test_a_config_that_feeds_the_logstore_since_then_is_named_before_anything_goes(at: str) -> None:
    world = until(World().start(), lambda w: w.asked() == at)
    add_a_feeder(world)
    world.source.bound.add(("extra", "old-hosts"))
    bound = set(world.source.bound)
    approve(world)
    look_until_stopped(world)

    assert (
        "config extra of project shop-b feeds logstore old-logs too since it was looked at, "
        "and is not moved"
    ) in world.job.reason
    assert "Roll back and start again: then it is moved too." in world.job.hint
    assert world.source.bound == bound
    assert "old-config" in world.source.config_bodies


def test_a_config_that_comes_while_both_collect_ends_the_comparing_at_once() -> None:
    world = until(World().start(), lambda w: w.job.record("proof").state is RecordState.PROVING)
    add_a_feeder(world)
    world.source.bound.add(("extra", "old-hosts"))
    world.look(world.engine(), world.store)

    assert world.job.state is JobState.STOPPED
    assert "config extra of project shop-b feeds logstore old-logs too" in world.job.reason


def test_a_job_goes_on_once_the_config_that_came_along_is_taken_off() -> None:
    world = until(World().start(), lambda w: w.asked() == "stop?")
    add_a_feeder(world)
    world.source.bound.add(("extra", "old-hosts"))
    approve(world)
    look_until_stopped(world)
    world.source.bound.discard(("extra", "old-hosts"))
    world.service.retry("J1", ALICE)
    world.live(agreeing)

    assert world.job.state is JobState.SUCCEEDED


def test_a_machine_group_of_the_target_that_was_edited_is_not_relied_on() -> None:
    world = until(World().start(), lambda w: w.asked() == "stop?")
    world.target.groups["app-b"] = {**world.target.groups["app-b"], "machineList": ["theirs"]}
    approve(world)
    look_until_stopped(world)

    assert "machine group app-b was edited since it was made: machineList" in world.job.reason
    assert ("old-config", "old-hosts") in world.source.bound


def test_a_config_that_was_edited_and_never_deleted_stays_as_it_is() -> None:
    world = until(World().start(), lambda w: w.asked() == "delete?")

    def refuse(name: str, form: Form = Form.CLASSIC) -> None:
        raise NotYet("log:DeleteConfig was denied")

    world.source.delete_config = refuse  # type: ignore[method-assign]
    approve(world)
    world.look(world.engine(), world.store)
    edited = {**OLD_CONFIG, "logSample": "another"}
    world.source.config_bodies["old-config"] = edited
    back(world)

    assert world.job.state is JobState.UNDONE
    assert world.source.config_bodies["old-config"] is edited


def test_a_config_that_is_edited_before_the_target_has_one_is_not_copied_as_it_was() -> None:
    world = until(World().start(), lambda w: w.job.record("destination").state == "done")
    world.source.config_bodies["old-config"] = {**OLD_CONFIG, "logSample": "another"}
    look_until_stopped(world)

    assert "was edited since it was looked at: logSample" in world.job.reason
    assert "app-b" not in world.target.config_bodies


def test_the_card_names_agents_that_are_too_old() -> None:
    world = World()
    for name, host in world.hosts.hosts.items():
        path = next(path for path in host.files if path.endswith("app_info.json"))
        if name == "h2":
            host.files[path] = host.files[path].replace(b"1.8.8", b"1.0.2")
    until(world.start(), lambda w: w.asked() == "stop?")
    asked = world.store.told["J1"][-1]

    assert [line for line in asked.lines if "does not know the force flag" in line]


def test_whoever_still_feeds_the_source_after_the_stop_is_named_at_once() -> None:
    world = until(World().start(), lambda w: w.job.record("stop").state is RecordState.PROVING)
    add_a_feeder(world)
    for _ in range(20):
        world.second()
        world.look(world.engine(), world.store)

    assert world.job.state is JobState.STOPPED
    assert "config extra of project shop-b feeds logstore old-logs too" in world.job.reason


def test_a_host_that_falls_silent_while_the_last_card_hangs_keeps_the_sources_config() -> None:
    world = World()
    until(world.start(), lambda world: world.asked() == "delete?")
    world.hosts.hosts["h2"].files["/var/log/app-b/app.log"] = b"written just now"
    address = "10.0.0.12"
    shipped = world.target.ship

    def all_but_h2(logstore: str, second: int, host: str, number: int) -> None:
        shipped(logstore, second, host, 0 if host == address else number)

    world.target.ship = all_but_h2  # type: ignore[method-assign,assignment]
    for _ in range(40):
        world.second()
    question = world.job.record("delete?")
    world.service.approve("J1", "delete?", question.shown, BOB)
    for _ in range(200):
        for _job in world.store.due():
            world.look(world.engine(), world.store)
        world.second()

    assert world.source.config_bodies["old-config"]
    assert world.job.record("delete").state is RecordState.PENDING
