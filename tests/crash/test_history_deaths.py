"""Whatever dies while the past is copied: each line of it is in the target, and none twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.crash.history_world import ROLES, World
from tests.crash.world import APP, Death, Dying, Killed
from workflows.apps import App
from workflows.errors import Unavailable
from workflows.model import JobState
from workflows.ports import Lines

BY_SERVICE = replace(APP, roles=ROLES)
LONGEST = 2000  # ticks; no story has so many


def whole(world: World) -> None:
    """The target holds exactly what the source held, by a count of its own."""
    source, target = world.seen(world.source, "old-logs"), world.seen(world.target, "app-b")

    assert world.job.state is JobState.SUCCEEDED, world.told()
    assert source - target == {}, "lost"
    assert target - source == {}, "doubled"


@pytest.mark.parametrize("app", [APP, BY_SERVICE], ids=["copier", "service"])
def test_every_line_of_the_past_is_copied_once(app: App) -> None:
    world = World(app).begin()
    world.live()

    whole(world)


@pytest.mark.parametrize("app", [APP, BY_SERVICE], ids=["copier", "service"])
def test_a_death_at_any_call_loses_and_doubles_nothing(app: App) -> None:
    points = 0
    for point in range(1, LONGEST):
        world, death = World(app).begin(), Death(point)
        try:
            world.live(lambda port, death=death: Dying(port, death))  # type: ignore[misc]
        except Killed:
            points += 1
            world.live()
            whole(world)
        else:
            break

    assert 100 < points < LONGEST - 1


class Open:
    """The target, of whose n-th write nobody learns whether it was taken."""

    def __init__(self, port: Any, left: int, *, taken: bool) -> None:
        self._port, self._left, self._taken = port, left, taken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def put(self, logstore: str, lines: Lines) -> None:
        self._left -= 1
        if self._left or self._taken:
            self._port.put(logstore, lines)
        if not self._left:
            raise Unavailable("target: writing lines: no answer in time")


@pytest.mark.parametrize("taken", [True, False])
def test_a_write_of_which_nobody_learns_the_outcome_is_neither_lost_nor_doubled(
    *, taken: bool
) -> None:
    for number in range(1, 30):
        world = World().begin()
        target = Open(world.target, number, taken=taken)
        world.live(lambda port, w=world, t=target: t if port is w.target else port)  # type: ignore[misc]

        whole(world)
