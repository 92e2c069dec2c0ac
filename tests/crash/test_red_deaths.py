"""A host falls silent once the source is stopped: the source collects again by itself, whoever dies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.crash.conftest import Count
from tests.crash.test_crashes import Story, approve, died_at
from tests.crash.world import ALICE, APP, BOB, Death, Dying, World
from workflows.model import Event, EventKind, JobState, RecordState

LOG = "/var/log/app-b/app.log"
MARGIN = 60  # calls, so that the removal itself is among them
SOURCE = ("old-config", "old-hosts")
OLD, NEW = "##1.0##shop-b$old-config", "##1.0##shop-a$app-b"


class Falling(World):
    """The agent of h2 loses the target's config together with the source's, until it is mended."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.mended = self.fallen = False
        self.applied: list[float] = []
        for host in self.hosts.hosts.values():
            host.files[LOG] = b"order paid\n"
            host.agent.clock = self.clock.now
        apply = self.source.apply

        def noting(config: str, group: str) -> None:
            self.applied.append(self.clock.now())
            apply(config, group)

        self.source.apply = noting  # type: ignore[method-assign]

    def second(self) -> None:
        super().second()
        for host in self.hosts.hosts.values():
            host.written[LOG] = int(self.clock.now())

    def _agent(self, name: str, number: int) -> set[str]:
        keys = super()._agent(name, number)
        self.fallen = self.fallen or (name == "h2" and NEW in keys and OLD not in keys)
        return keys - {NEW} if name == "h2" and self.fallen and not self.mended else keys

    def surroundings(self) -> tuple[object, ...]:
        files, source, target = super().surroundings()
        kept = {
            name: {path: held for path, held in one.items() if path != LOG}
            for name, one in files.items()  # type: ignore[attr-defined]
        }
        return kept, source, target

    def told(self, kind: EventKind) -> list[Event]:
        return [event for event in self.store.told["J1"] if event.kind is kind]


def falling() -> Falling:
    world = Falling()
    world.start()
    return world


def mending(world: World) -> None:
    """Somebody looks at h2 once the job has come back, retries, and agrees anew."""
    assert isinstance(world, Falling)
    if world.job.state is JobState.STOPPED:
        world.mended = True
        world.service.retry("J1", ALICE)
    else:
        approve(world)


def giving_up(world: World) -> None:
    """Once it has come back, the rest is rolled back too."""
    if world.job.state is JobState.STOPPED:
        world.service.roll_back("J1", BOB)
    else:
        approve(world)


def hurrying(world: World) -> None:
    """Bob rolls back while it goes back by itself."""
    if world.job.back_to:
        world.service.roll_back("J1", BOB)
    else:
        giving_up(world)


STORIES: dict[str, Story] = {
    "red, mended, moved": (falling, mending),
    "red, rolled back meanwhile": (falling, hurrying),
}


def points(story: Story) -> range:
    """The calls from the stop of the source on: deaths before that are another story's."""
    make, people = story
    death, fell = Death(left=10**9), list[int]()

    def noting(world: World) -> None:
        assert isinstance(world, Falling)
        if world.fallen and not fell:
            fell.append(10**9 - death.left)
        people(world)

    make().live(noting, lambda port: Dying(port, death))
    return range(fell[0] - MARGIN, 10**9 - death.left + 1)


def until_back(world: World) -> Falling:
    """Up to the stop at the last green state."""
    assert isinstance(world, Falling)

    class Back(Exception):
        pass

    def people(world: World) -> None:
        if world.job.state is JobState.STOPPED:
            raise Back
        approve(world)

    with pytest.raises(Back):
        world.live(people)
    return world


def test_the_source_collects_again_and_the_job_stops_at_the_last_green_state() -> None:
    world = until_back(falling())

    assert SOURCE in world.source.bound
    assert ("app-b", "app-b") in world.target.bound
    assert world.job.back_to == ""
    assert world.job.record("both").state is RecordState.DONE
    for row in ("proof", "stop?", "stop", "alone", "delete?", "delete"):
        assert world.job.record(row).state is RecordState.PENDING
    assert world.store.locks == {APP.name: "J1"}


def test_the_source_is_attached_within_a_minute_of_the_host_falling_silent() -> None:
    world = until_back(falling())
    (red,) = world.told(EventKind.RED)
    lines = world.target.by_address["app-b"]
    fell = max(second for (second, address), n in lines.items() if address == "10.0.0.12" and n)
    back = world.applied[-1]

    assert back - red.at <= 3
    assert back - fell <= 60


def test_red_names_the_host_and_its_file() -> None:
    world = until_back(falling())
    (red,) = world.told(EventKind.RED)

    assert [host.host for host in red.hosts] == ["h2"]
    assert "the target receives nothing more of h2 (" in red.text
    assert LOG in red.text
    assert "Went back to “Prove that both sides hold the same lines”" in world.job.reason


def test_a_retry_proves_anew_asks_anew_and_moves() -> None:
    world = falling()
    world.live(mending)

    assert world.job.state is JobState.SUCCEEDED
    asked = [event.step for event in world.told(EventKind.ASKED)]
    assert asked == ["stop?", "stop?", "delete?"]
    taken = [event.step for event in world.told(EventKind.TAKEN_BACK)]
    assert taken == ["stop"]


@pytest.mark.parametrize("people", [giving_up, hurrying])
def test_rolled_back_after_a_red_everything_is_as_it_was(people: Callable[[World], None]) -> None:
    before, world = Falling(), falling()
    world.live(people)
    world.forget_what_was_collected()

    assert world.job.state is JobState.UNDONE
    assert world.surroundings() == before.surroundings()


@pytest.mark.parametrize("story", STORIES)
def test_dying_at_any_call_changes_nothing_in_the_end(story: str, count: Count) -> None:
    make, people = STORIES[story]
    undisturbed = make()
    undisturbed.live(people)
    expected, tried = undisturbed.snapshot(), points(STORIES[story])
    different = [n for n in tried if died_at(STORIES[story], n).snapshot() != expected]
    count(len(tried), len(different))

    assert different == []
    assert len(tried) > 100


def test_a_story_without_trouble_never_turns_red() -> None:
    world = Falling()
    world.mended = True
    world.start().live(partial(mending))

    assert world.told(EventKind.RED) == []
    assert world.job.state is JobState.SUCCEEDED
