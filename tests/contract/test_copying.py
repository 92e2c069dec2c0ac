"""The port Sls: jobs of the service that copy, and pages between cursors; fake and server alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from bot.sls import SlsProject
from sandbox.sls.door import LogGroup
from tests.contract.sls.copying import READER, RESIDENT, Copying, configuration
from tests.contract.sls.world import SOURCE
from tests.fakes import FakeClock, FakeSls
from workflows.errors import Denied, StepFailed
from workflows.model import Facts
from workflows.ports import Line, Lines, Page, Sls

NAME = "logmigrate-app-b-1"


class World(Protocol):
    sls: Sls
    there: str  # the logstore with lines

    def now(self) -> int: ...
    def later(self) -> None: ...
    def arrive(self, text: str) -> None: ...


class Faked:
    there = "app"

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.fake = FakeSls(SOURCE.id, self.clock)
        self.fake.create_logstore({"logstoreName": "app"})
        self.sls: Sls = self.fake

    def now(self) -> int:
        return int(self.clock.now())

    def later(self) -> None:
        self.clock.tick(30)

    def arrive(self, text: str) -> None:
        line = Line(self.now(), (("message", text),))
        self.fake.arrive("app", Lines((line,), received=self.now()))
        self.clock.tick(1)


class Served:
    there = "app"

    def __init__(self, world: Copying) -> None:
        self.world = world
        self.sls: Sls = SlsProject(world.source, "web", "source")

    def now(self) -> int:
        return int(self.world.clock.now())

    def later(self) -> None:
        self.world.clock.forward(30)

    def arrive(self, text: str) -> None:
        group = LogGroup("", "", {}, [(self.now(), {"message": text})])
        assert self.world.server.door.put(frozenset({SOURCE.id}), "web", "app", group) == 200
        self.world.clock.forward(1)


@pytest.fixture(params=["fake", "server"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "fake":
        yield Faked()
        return
    with Copying() as running:
        yield Served(running)


@pytest.fixture
def served() -> Iterator[Served]:
    with Copying() as running:
        yield Served(running)


def body(**more: Any) -> Facts:
    made = {"name": NAME, "displayName": "the copy", "description": "", "type": "ETL"}
    return {**made, "configuration": configuration(**more), "schedule": RESIDENT}


def texts(pages: Iterator[Page]) -> list[str]:
    return [line.fields[0][1] for page in pages for one in page.lines for line in one.lines]


def test_a_job_that_nobody_made_is_none(world: World) -> None:
    assert world.sls.copying(NAME) is None


def test_a_job_is_made_once_and_runs_at_once(world: World) -> None:
    world.sls.create_copying(body())
    world.sls.create_copying(body())
    world.later()
    found = world.sls.copying(NAME)

    assert found is not None
    assert (found.name, found.status) == (NAME, "RUNNING")
    assert found.body["configuration"]["logstore"] == "app"


def test_a_job_is_stopped_started_again_and_deleted(world: World) -> None:
    statuses = []
    world.sls.create_copying(body())
    world.later()
    for told in (world.sls.stop_copying, world.sls.start_copying):
        told(NAME)
        world.later()
        found = world.sls.copying(NAME)
        statuses.append(found and found.status)
    world.sls.delete_copying(NAME)
    world.sls.delete_copying(NAME)

    assert statuses == ["STOPPED", "RUNNING"]
    assert world.sls.copying(NAME) is None


def test_pages_go_on_behind_a_cursor_and_tell_where_they_lie(world: World) -> None:
    start = world.now()
    for number in range(7):
        world.arrive(f"line {number}")
    end = world.now() + 1
    world.later()
    pages = list(world.sls.pages(world.there, start, end))
    first = pages[0]
    at = {first.shard: first.after}
    rest = texts(world.sls.pages(world.there, start, end, at))
    again = list(world.sls.between(world.there, first.shard, first.begin, first.after))

    assert sorted(texts(iter(pages))) == [f"line {number}" for number in range(7)]
    assert sorted([*texts(iter([first])), *rest]) == [f"line {number}" for number in range(7)]
    assert [line.fields for one in again for line in one.lines] == [
        line.fields for one in first.lines for line in one.lines
    ]


def test_what_came_since_does_not_lie_between_two_cursors(world: World) -> None:
    start = world.now()
    world.arrive("before")
    world.later()
    pages = [p for p in world.sls.pages(world.there, start, world.now()) if p.lines]
    for _ in range(4):
        world.arrive("since")
    world.later()
    found = [
        line.fields[0][1]
        for page in pages
        for one in world.sls.between(world.there, page.shard, page.begin, page.after)
        for line in one.lines
    ]

    assert found == ["before"]


def test_a_window_that_is_over_ends_the_job(served: Served) -> None:
    served.arrive("old")
    served.later()
    served.sls.create_copying(body(fromTime=1, toTime=served.now() - 5))
    served.later()
    served.later()
    found = served.sls.copying(NAME)

    assert found is not None
    assert found.status == "SUCCEEDED"
    assert served.world.messages() == ["old"]


def test_a_role_that_may_not_be_passed_on_is_denied_by_name(served: Served) -> None:
    state = served.world.server.state
    for key_id, (account, key) in list(state.keys.items()):
        if account.id == SOURCE.id:
            denied = type(key)(key.id, key.secret, frozenset({"ram:PassRole"}))
            state.keys[key_id] = (account, denied)

    with pytest.raises(Denied, match=r"creating copying job .*: ram:PassRole was denied") as no:
        served.sls.create_copying(body())
    assert READER in no.value.hint


def test_a_name_that_would_lead_elsewhere_is_refused(served: Served) -> None:
    with pytest.raises(StepFailed, match="not a name that Log Service allows"):
        served.sls.copying("../logstores/app")
