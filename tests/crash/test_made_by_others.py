"""What others make under our names while a job runs is neither taken for ours nor deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.crash.test_crashes import agreeing
from tests.crash.test_dangers import look_until_stopped, said_of, until
from tests.crash.test_meanwhile import back
from tests.crash.world import ALICE, BOB, OLD_CONFIG, World
from workflows.model import Facts, JobState


def made_by_others(world: World, kind: str, **more: Any) -> World:
    """A job that finds another `kind` in the target at the very moment of making its own."""
    create = getattr(world.target, f"create_{kind}")

    def later(body: Facts) -> None:
        setattr(world.target, f"create_{kind}", create)
        create({**body, **more})

    setattr(world.target, f"create_{kind}", later)
    look_on(world.start())
    assert "exists in the target with another" in world.job.reason
    return world


def look_on(world: World) -> None:
    """Time passes until the job stops."""

    class Stopped(Exception):
        pass

    def stopped(world: World) -> None:
        if world.job.state is JobState.STOPPED:
            raise Stopped

    with pytest.raises(Stopped):
        world.live(stopped)


def test_a_config_that_somebody_else_makes_meanwhile_is_not_applied() -> None:
    world = until(World().start(), lambda w: w.job.record("destination").state == "done")
    create = world.target.create_config

    def later(body: dict[str, Any]) -> None:
        world.target.config_bodies["app-b"] = {**body, "logSample": "theirs"}
        create(body)

    world.target.create_config = later  # type: ignore[method-assign]
    look_until_stopped(world)

    assert "config app-b exists in the target with another logSample" in world.job.reason
    assert world.target.bound == set()


def test_a_config_of_others_is_not_deleted_by_a_roll_back() -> None:
    world = made_by_others(World(), "config", logSample="theirs")
    back(world)

    assert world.target.config_bodies["app-b"]["logSample"] == "theirs"
    assert said_of(world, "both") == "config app-b is another than was made here and stays"


def test_a_logstore_of_others_is_not_deleted_by_a_roll_back() -> None:
    world = made_by_others(World(), "logstore", ttl=7)
    back(world)

    assert world.target.logstore_bodies["app-b"]["ttl"] == 7
    assert "is another than was made here" in said_of(world, "destination")


def test_a_machine_group_of_others_is_not_deleted_by_a_roll_back() -> None:
    world = made_by_others(World(), "machine_group", machineList=["app-b", "theirs"])
    back(world)

    assert world.target.groups["app-b"]["machineList"] == ["app-b", "theirs"]
    assert "is another than was made here" in said_of(world, "group")


def test_a_config_of_others_under_the_name_of_a_deleted_one_is_not_taken_for_it() -> None:
    world = World().start()
    world.live(agreeing)
    theirs = {**OLD_CONFIG, "logSample": "theirs", "createTime": 5}
    world.source.config_bodies["old-config"] = theirs
    world.service.roll_back("J1", BOB)
    look_until_stopped(world)
    assert "old-config of project shop-b is not the one that was deleted: logSample" in (
        world.job.reason
    )
    assert world.source.config_bodies["old-config"] is theirs
    del world.source.config_bodies["old-config"]
    world.service.retry("J1", ALICE)
    world.live(agreeing)

    assert world.job.state is JobState.UNDONE
    assert OLD_CONFIG.items() <= world.source.config_bodies["old-config"].items()
