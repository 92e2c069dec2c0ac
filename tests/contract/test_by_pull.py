"""Both sides compared by the official client's pages and cursors, while lines go on coming."""

from __future__ import annotations

import json
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from sandbox.sls.faults import Fault, Kind
from tests.contract.test_gap import PROJECTS, Served
from tests.crash.world import APP, WAITS
from tests.fake_hosts import FakeHosts
from workflows.errors import NotYet, Unavailable
from workflows.model import Facts
from workflows.ports import Line, Lines
from workflows.proof.comparison import Comparison
from workflows.step import Context
from workflows.steps import by_content, by_pull
from workflows.steps.doubles import searched
from workflows.steps.drill import drilled
from workflows.steps.files import Looked

HOSTS = {"h1": "10.0.0.11", "h2": "10.0.0.12"}
SETTLE = 5
PULL = "/logstores/{logstore}/shards/{shard}?type=log/logs"


class Pulled(Served):
    """Lines come minute by minute; `start` is the next whole one."""

    def __init__(self, engine: ModuleType = by_pull) -> None:
        super().__init__()
        self.engine = engine
        self.start = (self.now // 60 + 1) * 60
        self.state: Facts = {"from": self.start}

    @property
    def context(self) -> Context:
        hosts: Any = FakeHosts({})
        known = {"hosts": {"expected": {name: {"ip": ip} for name, ip in HOSTS.items()}}}
        return Context(
            APP, replace(WAITS, minute=60, settle=SETTLE), hosts, self.sides["source"],
            self.sides["target"], self.clock, known=known, jot=self.jot,
        )  # fmt: skip

    def jot(self, facts: Facts) -> None:
        if "state" in facts:
            self.state = json.loads(json.dumps(facts["state"]))

    def at(self, second: int) -> None:
        """So many seconds after the start."""
        self.clock.tick(self.start + second - self.clock.now())

    def writes(self, side: str, second: int, *texts: str, host: str = "h1") -> None:
        self.wrote(side, group(self.start + second, *texts, host=host))

    def both(self, second: int, *texts: str, host: str = "h1") -> None:
        self.at(second + 1)
        for side in PROJECTS:
            self.writes(side, second, *texts, host=host)

    def look(self, second: int) -> Comparison:
        self.at(second)
        for _ in range(100):
            try:
                found, state = self.engine.compared(self.context, self.state)
            except (NotYet, Unavailable):
                continue
            self.jot({"state": state})
            return found
        raise AssertionError("no answer")


def group(at: int, *texts: str, host: str = "h1") -> Lines:
    made = tuple(Line(at, (("time", "x"), ("message", text))) for text in texts)
    return Lines(made, source=HOSTS[host], tags=(("__path__", "/var/log/a.log"),))


def test_lines_are_read_on_with_where_the_last_look_ended() -> None:
    world = Pulled()
    for minute in range(4):
        world.both(60 * minute + 10, "a", "b", f"{minute}")
        world.both(60 * minute + 20, "c", host="h2")
        found = world.look(60 * minute + 60 + SETTLE)

        assert [(one.source, one.equal) for one in found.minutes] == [(4, True)] * (minute + 1)
        assert [(one.host, one.target) for one in found.hosts] == [
            ("h1", 3 * (minute + 1)),
            ("h2", minute + 1),
        ]


def test_a_line_that_is_lost_is_found_and_shown() -> None:
    world = Pulled()
    world.both(10, "a", "b")
    world.writes("source", 11, "token=abc lost")
    found = world.look(60 + SETTLE)

    assert [(one.host, one.source, one.target) for one in found.differing] == [("h1", 3, 2)]
    assert len(said := drilled(world.context, found)) == 1
    assert said[0].endswith("lost: time=x, message=token=*** lost")


def test_fields_in_another_order_are_no_difference() -> None:
    world = Pulled()
    world.both(10, "a")
    fields = (("message", "b"), ("time", "x"))
    turned = Lines((Line(world.start + 12, fields),), source=HOSTS["h1"])
    world.writes("source", 12, "b")
    world.wrote("target", turned)
    found = world.look(60 + SETTLE)

    assert [(one.source, one.target, one.equal) for one in found.minutes] == [(2, 2, True)]
    assert found.differing == ()


def test_a_line_that_is_twice_in_the_target_is_counted() -> None:
    world = Pulled()
    world.both(10, "a", "b")
    world.writes("target", 10, "b")
    found = world.look(60 + SETTLE)

    assert searched(world.context, found, Looked(world.clock.now()), world.state).doubled == 1


def test_a_service_that_fails_now_and_then_makes_no_difference() -> None:
    world = Pulled()
    for second in range(0, 60, 5):
        world.both(second, f"{second}")
    world.server.faults.add(Fault(Kind.META_QPS, "GET", PULL, chance=0.4, times=20))
    found = world.look(60 + SETTLE)

    assert [(one.source, one.target, one.equal) for one in found.minutes] == [(12, 12, True)]


@pytest.mark.parametrize("lost", [True, False])
def test_by_content_a_line_may_fall_into_another_minute(*, lost: bool) -> None:
    world = Pulled(by_content)
    world.both(30, "a", "b")
    world.at(61)
    world.writes("source", 59, "late")
    world.writes("target", 61, "later" if lost else "late")
    world.at(130)
    world.both(130, "after")
    world.look(200)
    found = world.look(300)

    assert bool(found.differing) is lost
    assert found.source == 4
