"""Any past, any part of it brought by the target's own agents, a death anywhere: each line once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crash.history_world import FROM, LIVE, NOW, ROLES, World, lines
from tests.crash.world import APP, Death, Dying, Killed
from workflows.apps import App
from workflows.model import JobState

FIRST, LAST = FROM + 1000, LIVE - 1
GROUP = st.tuples(
    st.integers(FIRST, LAST), st.sampled_from(("h1", "h2")), st.lists(st.sampled_from("xyz"), min_size=1, max_size=4)
)  # fmt: skip


class AnyPast(World):
    """`groups` lie in the source as they were received; the target has the last of some files."""

    def __init__(self, groups: list[Any], brought: int, also: int, app: App) -> None:
        self._groups, self._brought, self._also = sorted(groups), brought, also
        super().__init__(app)

    def _past(self) -> None:
        for time, host, texts in self._groups:
            self.source.arrive("old-logs", lines(time, *texts, host=host))
        tail = [x for x in self._groups if x[1] == "h1"][-self._brought :] if self._brought else []
        for time, host, texts in tail:
            some = lines(time, *texts[-1 - self._also :], host=host)
            self.target.arrive("app-b", replace(some, received=LIVE - 5))
        for sls, name in ((self.source, "old-logs"), (self.target, "app-b")):
            for at in (LIVE + 1000, NOW - 1850):
                sls.arrive(name, lines(at, "both"))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(GROUP, min_size=1, max_size=12),
    st.integers(0, 3),
    st.integers(0, 3),
    st.booleans(),
    st.integers(1, 400),
)
def test_whatever_dies_every_line_is_there_as_often_as_in_the_source(
    groups: list[Any], brought: int, also: int, by_service: bool, point: int
) -> None:
    app = replace(APP, roles=ROLES) if by_service else APP
    world, death = AnyPast(groups, brought, also, app).begin(), Death(point)
    try:
        world.live(lambda port: Dying(port, death))
    except Killed:
        world.live()
    source, target = world.seen(world.source, "old-logs"), world.seen(world.target, "app-b")

    assert world.job.state is JobState.SUCCEEDED, world.told()
    assert source - target == Counter(), "lost"
    assert target - source == Counter(), "doubled"
