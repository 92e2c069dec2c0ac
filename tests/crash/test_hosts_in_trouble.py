"""Dying while hosts are left out or put right; and a repair never undoes what a roll back does."""

from __future__ import annotations

import pytest

from tests.crash.conftest import Count
from tests.crash.test_crashes import Story, agreeing, deaths, turning_back
from tests.crash.test_left_out import leaving_out, with_a_dead_host
from tests.crash.world import ALICE, APP, BOB, GROUP, World
from tests.unit.test_diagnosis_rows import IDS, USER, Ward
from workflows.model import EventKind, JobState, RecordState


def left_out_and_back(world: World) -> None:
    if world.job.state is JobState.STOPPED:
        leaving_out(world)
    else:
        turning_back("stop?", world)


def prepared_left_out_and_back(world: World) -> None:
    """The host dies when it has its ids, and nobody waits for its heartbeat."""
    if world.job.record("identity").state is RecordState.DONE and "h2" not in world.dead:
        world.dead.add("h2")
        world.hosts.refuse("h2", "no route to host")
        world.service.cancel("J1", ALICE)
    left_out_and_back(world)


def dead() -> World:
    return with_a_dead_host().start()


def sick() -> World:
    ward = Ward()
    ward.stop("h2")
    ward.spoil("h3")
    return ward.diagnose()


STORIES: dict[str, Story] = {
    "left out": (dead, leaving_out),
    "left out and back": (dead, left_out_and_back),
    "prepared, left out and back": (lambda: World().start(), prepared_left_out_and_back),
    "a diagnosis": (sick, agreeing),
}


@pytest.mark.parametrize("story", STORIES)
def test_dying_at_any_call_changes_nothing_in_the_end(story: str, count: Count) -> None:
    points, different = deaths(STORIES[story])
    count(points, len(different))

    assert different == []
    assert points > 50


class Both(World):
    """A migration, and later a diagnosis of its app beside it."""

    def second(self) -> None:
        self.dead = {name for name, host in self.hosts.hosts.items() if not host.agent.processes}
        super().second()

    def moved_to(self, step: str, state: RecordState) -> Both:
        """The migration and nothing else goes on so far."""
        engine = self.engine()
        while self.job.record(step).state is not state:
            for _job in self.store.due():
                self.look(engine, self.store)
            self.second()
            agreeing(self)
        return self

    def diagnosed(self, question: str = "fix?") -> Both:
        """The diagnosis alone goes on, until it asks, stops or ends."""
        engine = self.engine()
        for _ in range(400):
            if claim := self.store.claim("J2"):
                newest = [claim]
                seconds = engine.advance(claim, saved=newest.append)
                self.store.release(newest[-1], seconds)
            self.second()
            job = self.store.load("J2")
            if job.state in {JobState.WAITING, JobState.STOPPED, JobState.SUCCEEDED}:
                return self
        raise AssertionError(f"hangs: {self.store.load('J2')}")


def spoilt(world: Both | None = None) -> Both:
    """A migration at its first question, and a diagnosis that asks whether to put h3 right."""
    world = world or Both()
    for host in world.hosts.hosts.values():
        host.agent.clock = world.clock.now
    world.start()
    engine = world.engine()
    while world.asked() != "stop?":
        for _job in world.store.due():
            world.look(engine, world.store)
        world.second()
    files = world.hosts.hosts["h3"].files
    files[IDS] = files[IDS].replace(b"app-b\n", b"app-b\r\n")
    for _ in range(40):
        world.second()
    world.service.diagnose(APP.name, ALICE, "C1")
    return world.diagnosed()


def test_ids_are_not_put_on_a_host_that_a_roll_back_has_passed_by() -> None:
    world = spoilt()
    asked = world.store.load("J2").record("fix?")
    assert asked.state is RecordState.ASKED
    world.service.roll_back("J1", BOB)
    world.moved_to("identity", RecordState.UNDONE)
    held = dict(world.hosts.hosts["h3"].files)
    assert "app-b" in world.target.groups
    world.service.approve("J2", "fix?", asked.shown, BOB)
    world.diagnosed()

    assert world.hosts.hosts["h3"].files[IDS] == held[IDS]
    assert USER not in world.hosts.hosts["h3"].files
    said = [e.text for e in world.store.told["J2"] if e.kind is EventKind.VOID]
    assert said == ["job J1 rolls app-b back, so the hosts are not to carry its ids"]


def test_ids_are_not_put_on_a_host_after_the_roll_back_though_the_group_stays() -> None:
    world = Both()
    world.target.groups["app-b"] = dict(GROUP)
    spoilt(world).service.roll_back("J1", BOB)
    world.moved_to("pilot", RecordState.UNDONE).live(agreeing)
    assert world.job.state is JobState.UNDONE
    world.service.approve("J2", "fix?", world.store.load("J2").record("fix?").shown, BOB)
    world.diagnosed()

    assert "app-b" in world.target.groups
    assert USER not in world.hosts.hosts["h3"].files


def test_ids_are_put_on_a_host_while_the_migration_goes_forward() -> None:
    world = spoilt()
    world.service.approve("J2", "fix?", world.store.load("J2").record("fix?").shown, BOB)
    world.diagnosed()

    assert b"app-b\n" in world.hosts.hosts["h3"].files[IDS]
