"""Two configs of which one is stopped or deleted already: a retry goes on, a roll back takes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.crash.test_crashes import agreeing, approve
from tests.crash.test_dangers import look_until_stopped, until
from tests.crash.test_meanwhile import back
from tests.crash.test_several_configs import Both, both
from tests.crash.world import ALICE, World
from workflows.collection.forms import Form
from workflows.errors import StepFailed
from workflows.model import JobState, RecordState


def half_detached() -> World:
    """The first of two configs is off, and the service refused to take off the second."""
    world = until(both(), lambda w: w.asked() == "stop?")
    remove = world.source.remove

    def refuse(config: str, group: str) -> None:
        if config == "old-config":
            world.source.remove = remove  # type: ignore[method-assign]
            raise StepFailed("log:RemoveConfigFromMachineGroup was denied")
        remove(config, group)

    world.source.remove = refuse  # type: ignore[method-assign]
    approve(world)
    look_until_stopped(world)
    assert world.source.bound == {("old-config", "old-hosts")}
    return world


def half_deleted() -> World:
    """The first of two configs is deleted, and the service refused to delete the second."""
    world = until(both(), lambda w: w.asked() == "delete?")
    delete = world.source.delete_config

    def refuse(name: str, form: Form = Form.CLASSIC) -> None:
        if name == "old-config":
            world.source.delete_config = delete  # type: ignore[method-assign]
            raise StepFailed("log:DeleteConfig was denied")
        delete(name, form)

    world.source.delete_config = refuse  # type: ignore[method-assign]
    approve(world)
    look_until_stopped(world)
    assert sorted(world.source.config_bodies) == ["old-config"]
    return world


def test_a_retry_takes_off_the_second_config_only_while_the_target_collects() -> None:
    world = half_detached()
    world.target.bound.clear()
    world.service.retry("J1", ALICE)
    look_until_stopped(world)

    assert "is not applied to app-b any more, so nobody would collect" in world.job.reason
    assert world.source.bound == {("old-config", "old-hosts")}


def test_a_retry_goes_on_with_the_second_config_where_all_is_well() -> None:
    world = half_detached()
    world.service.retry("J1", ALICE)
    world.live(agreeing)

    assert world.job.state is JobState.SUCCEEDED


@pytest.mark.parametrize("half", [half_detached, half_deleted])
def test_what_is_done_by_half_is_taken_back_whole(half: Callable[[], World]) -> None:
    world = half()
    back(world)
    world.forget_what_was_collected()

    assert world.job.state is JobState.UNDONE
    assert world.surroundings() == Both().surroundings()


def test_a_retry_of_a_stop_that_is_made_goes_on_though_the_config_is_gone() -> None:
    world = until(World().start(), lambda w: w.job.record("stop").state is RecordState.PROVING)
    world.service.cancel("J1", ALICE)
    world.source.delete_config("old-config")
    world.service.retry("J1", ALICE)
    for _ in range(3):
        world.look(world.engine(), world.store)

    assert world.job.record("stop").state is RecordState.PROVING
