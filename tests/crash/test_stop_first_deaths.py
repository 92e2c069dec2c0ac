"""The source ends first: a worker that dies anywhere loses nothing beyond what the route loses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.crash.conftest import Count
from tests.crash.stop_first_world import Losing, wrong_back, wrong_forward
from tests.crash.test_crashes import agreeing, approve
from tests.crash.test_red_deaths import giving_up
from tests.crash.world import ALICE, BOB, Death, Dying, Killed, World
from workflows.errors import StepFailed
from workflows.model import EventKind, JobState, RecordState

MARGIN = 30  # calls before the first removal
AFTER = 10  # seconds that the agents go on
BARE = 25  # seconds without a config that neither death nor trouble may exceed


class OutOfSight(Losing):
    """Agents begin so near to the end that what is written meanwhile is lost."""

    tail = 2


class FromTheStart(Losing):
    """Files are so small that an agent begins at their first line."""

    tail = 10**6


class Refusing(OutOfSight):
    """The target refuses to apply its config until somebody has put that right."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.mended, apply = False, self.target.apply

        def refusing(config: str, group: str) -> None:
            if not self.mended:
                raise StepFailed("applying config app-b: quota exceeded", "Ask for more.")
            apply(config, group)

        self.target.apply = refusing  # type: ignore[method-assign]


def turning_back(reached: Callable[[World], bool], world: World) -> None:
    """Bob rolls back as soon as it is reached, and all say yes before."""
    if world.job.state in {JobState.RUNNING, JobState.WAITING} and reached(world):
        world.service.roll_back("J1", BOB)
    elif world.job.state is not JobState.UNDOING:
        agreeing(world)


def begun(row: str) -> Callable[[World], bool]:
    states = {RecordState.DOING, RecordState.PROVING, RecordState.DONE}
    return lambda world: world.job.record(row).state in states


def mending(world: World) -> None:
    """Somebody puts right what has stopped the job, and asks again."""
    assert isinstance(world, Refusing)
    if world.job.state is JobState.STOPPED:
        world.mended = True
        world.service.retry("J1", ALICE)
    else:
        approve(world)


People = Callable[[World], None]
Story = tuple[type[Losing], People, Callable[[Losing], str]]
STORIES: dict[str, Story] = {
    "forward": (OutOfSight, agreeing, wrong_forward),
    "back at delete?": (
        OutOfSight,
        partial(turning_back, lambda w: w.asked() == "delete?"),
        wrong_back,
    ),
    "back at delete?, small files": (
        FromTheStart,
        partial(turning_back, lambda w: w.asked() == "delete?"),
        wrong_back,
    ),
    "back while the source lets go": (
        OutOfSight,
        partial(turning_back, begun("unbind")),
        wrong_back,
    ),
    "back while the target begins": (OutOfSight, partial(turning_back, begun("both")), wrong_back),
    "refused, mended, moved": (Refusing, mending, wrong_forward),
    "refused, rolled back": (Refusing, giving_up, wrong_back),
}


def lived(story: Story, left: int) -> tuple[Losing, int, int]:
    """The world at the story's end, the calls until the source was touched, and all calls."""
    make, people, _ = story
    world, death, touched = make(), Death(left), list[int]()
    remove = world.source.remove

    def noting(config: str, group: str) -> None:
        touched.append(left - death.left)
        remove(config, group)

    world.source.remove = noting  # type: ignore[method-assign]
    world.start()
    try:
        world.live(people, partial(_dying, death))
    except Killed:
        world.live(people)
    for _ in range(AFTER):
        world.second()
    return world, touched[0] if touched else 0, left - death.left


def ended(world: Losing) -> tuple[object, ...]:
    """The end; whoever rolls back early may do so before the target has a line, and an empty logstore goes."""
    if world.job.state is JobState.UNDONE:
        world.forget_what_was_collected()
    return world.job.state, world.store.locks, world.surroundings()


def _dying(death: Death, port: Any) -> Any:
    return Dying(port, death)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", STORIES)
def test_a_death_at_any_call_loses_nothing_beyond_the_route_and_doubles_nothing(
    name: str, count: Count
) -> None:
    story = STORIES[name]
    undisturbed, first, calls = lived(story, 10**9)
    told = story[2](undisturbed)
    expected = ended(undisturbed)
    bad = dict[int, str]()
    points = range(first - MARGIN, calls + 1)
    for point in points:
        world = lived(story, point)[0]
        if text := story[2](world) or ("" if ended(world) == expected else "another end"):
            bad[point] = text
    count(len(points), len(bad))

    assert told == ""
    assert bad == {}
    assert len(points) > 100


def test_more_is_lost_the_nearer_to_the_end_the_agents_begin() -> None:
    far, near = (
        lived((make, agreeing, wrong_forward), 10**9)[0] for make in (FromTheStart, OutOfSight)
    )

    assert not far.never_sent
    assert near.never_sent


def test_what_is_told_to_be_lost_is_what_was_never_sent_to_a_few_lines() -> None:
    world = lived(STORIES["forward"], 10**9)[0]
    (told,) = [e.facts for e in world.events(EventKind.DONE) if e.step == "proof"]

    assert abs(told["lost"] - len(world.never_sent)) <= 2 * 3  # a second of each host


def test_a_target_that_refuses_brings_the_source_back_by_itself() -> None:
    world = Refusing()
    world.start()

    def people(world: World) -> None:
        if world.job.state is JobState.STOPPED:
            raise Killed
        approve(world)

    with pytest.raises(Killed):
        world.live(people)

    assert ("old-config", "old-hosts") in world.source.bound
    assert "quota exceeded" in world.job.reason
    assert "Went back to “Look once more at what would be lost”: the source collects" in (
        world.job.reason
    )
    assert world.job.record("lose?").state is RecordState.PENDING
    assert len({at for _, at, _ in world.never_sent}) <= BARE
