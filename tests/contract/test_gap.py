"""The gap is filled through the SDK into a service that checks every byte, and under faults too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from bot.credentials import fixed
from bot.sls import SlsProject, sls_client
from sandbox.sls import Account, CrossReads, Delays, Key, SlsServer
from sandbox.sls.faults import Fault, Kind
from tests.contract.rights_world import ENDPOINT, REGION, WAITS, A, B, Own, Within
from tests.crash.world import APP
from tests.fake_hosts import FakeHosts
from workflows.errors import NotYet, Unavailable
from workflows.model import Facts
from workflows.ports import Line, Lines
from workflows.step import Context
from workflows.steps.filling import Gap, filled, opened

PUT = "/logstores/{logstore}/shards/lb"
LOGSTORE = {"ttl": 30, "shardCount": 2, "autoSplit": False, "maxSplitShard": 1}
KEYS = {"source": Key("LTAIofB", "b"), "target": Key("LTAIofA", "a")}
PROJECTS = {"source": ("shop-b", "old-logs"), "target": ("shop-a", "app-b")}
TAGS = (("__hostname__", "h1"), ("__path__", "/var/log/app-b/app.log"), ("__pack_id__", "5F-1"))
AT = 100  # seconds before now: in the gap


class Served:
    """Two projects in one emulator, both logstores taking lines."""

    def __init__(self) -> None:
        self.clock = Own()
        accounts = (Account(B, REGION, (KEYS["source"],)), Account(A, REGION, (KEYS["target"],)))
        none = Delays(logstore_ready=0, index_effect=0, searchable=0)
        self.server = SlsServer(accounts, self.clock, delays=none, cross_reads=CrossReads.NOT_FOUND)
        self.sides = {side: self._side(side) for side in PROJECTS}
        self.now = int(self.clock.now())
        self.kept: Facts = {}

    def _side(self, side: str) -> SlsProject:
        project, logstore = PROJECTS[side]
        client = sls_client(ENDPOINT, fixed(KEYS[side].id, KEYS[side].secret))
        client._session.mount("http://", Within(self.server))
        client.create_project(project, "")
        sls = SlsProject(client, project, side)
        sls.create_logstore({"logstoreName": logstore, **LOGSTORE})
        sls.create_index(logstore, {"line": {"token": [","], "caseSensitive": False}})
        return sls

    def fill(self) -> Gap:
        hosts: Any = FakeHosts({})
        context = Context(
            APP, WAITS, hosts, self.sides["source"], self.sides["target"], self.clock,
            keep=self.kept.update,
        )  # fmt: skip
        if "gap" not in self.kept:
            self.kept["gap"] = opened(context, self.now - 300, self.now - 30, self.now - 20).facts
        while True:
            try:
                return filled(context, Gap.of(self.kept["gap"]), self.now - 20)
            except NotYet:
                self.clock.tick(1)

    def wrote(self, side: str, *lines: Lines) -> None:
        for some in lines:
            self.sides[side].put(PROJECTS[side][1], some)

    def held(self, side: str) -> Counter[tuple[Any, ...]]:
        """Every line with all that belongs to it."""
        logstore = PROJECTS[side][1]
        return Counter(
            (some.topic, some.source, frozenset(some.tags), line)
            for some in self.sides[side].pull(logstore, self.now - 3600, self.now + 3600)
            for line in some.lines
        )


def lines(now: int, *texts: str, tags: tuple[tuple[str, str], ...] = TAGS, **more: Any) -> Lines:
    made = tuple(Line(now - AT, (("time", "x"), ("message", text))) for text in texts)
    return Lines(made, source="10.0.0.11", tags=tags, **more)


@pytest.fixture
def world() -> Served:
    return Served()


def test_a_line_comes_over_with_all_that_belongs_to_it(world: Served) -> None:
    fine = Line(
        world.now - AT, (("字段", "日志 \udcff\udc80"), ("again", ""), ("again", "2")), 123_456_789
    )
    world.wrote("target", Lines((fine,), "topic/主题", "10.0.0.11", (*TAGS, ("键", "值"))))
    world.wrote("target", lines(world.now, "plain"))
    gap = world.fill()

    mine = {"__client_ip__"}  # the service notes who wrote
    for side in PROJECTS:
        assert {tag[0] for key in world.held(side) for tag in key[2]} >= {"__pack_id__"}
    bare = [
        Counter(
            (t, s, frozenset(x for x in tags if x[0] not in mine), line)
            for t, s, tags, line in held
        )
        for held in (world.held("source"), world.held("target"))
    ]
    assert bare[0] == bare[1]
    assert gap.written == 2


def test_filling_twice_writes_once(world: Served) -> None:
    world.wrote("target", lines(world.now, "a", "b", "b"))
    first = world.fill()
    del world.kept["gap"]
    world.clock.tick(5)
    second = world.fill()

    assert (first.written, second.written) == (3, 0)
    assert world.held("source").total() == 3


def test_lines_in_shards_that_were_split_since_are_seen_on_both_sides(world: Served) -> None:
    world.wrote("target", *(lines(world.now, f"t{n}") for n in range(8)))
    world.wrote("source", *(lines(world.now, f"t{n}") for n in range(0, 8, 2)))
    for side, (project, logstore) in PROJECTS.items():
        world.sides[side].client.split_shard(project, logstore, 0, "20" + "0" * 30)
    world.wrote("target", *(lines(world.now, f"later{n}") for n in range(8)))
    world.clock.tick(5)

    assert world.fill().written == 12
    assert world.held("source").total() == 16


def test_many_lines_are_cut_into_writes_that_the_service_takes(world: Served) -> None:
    for part in range(5):
        world.wrote("target", lines(world.now, *(f"{part} {n} {'x' * 400}" for n in range(2000))))
    gap = world.fill()

    assert gap.written == 10_000
    assert world.held("source").total() == 10_000


@pytest.mark.parametrize("kind", [Kind.ERROR_BEFORE, Kind.ERROR_AFTER, Kind.WRITE_QUOTA])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_whatever_becomes_of_a_write_each_line_is_there_once(
    world: Served, kind: Kind, nth: int
) -> None:
    world.wrote("target", *(lines(world.now, f"t{n}", "the same") for n in range(4)))
    world.server.faults.add(Fault(kind, "POST", PUT, account=B, nth=nth))
    with pytest.raises(Unavailable):
        world.fill()
    world.clock.tick(3)
    gap = world.fill()

    assert gap.written == 8
    assert texts(world, "source") == texts(world, "target")


@pytest.mark.parametrize("side", PROJECTS)
def test_a_read_that_breaks_off_writes_nothing_twice(world: Served, side: str) -> None:
    world.wrote("target", *(lines(world.now, f"t{n}") for n in range(4)))
    account = {"source": B, "target": A}[side]
    tries = 0
    for nth in range(1, 12):
        world.server.faults.clear()
        fault = Fault(Kind.META_QPS, "GET", account=account, nth=nth, times=100)
        world.server.faults.add(fault)
        tries += refused(world.fill)
    world.server.faults.clear()
    world.fill()

    assert tries > 3
    assert texts(world, "source") == texts(world, "target")


def refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except Unavailable:
        return True
    return False


def texts(world: Served, side: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for (_, _, _, line), times in world.held(side).items():
        found[line.fields[1][1]] += times
    return found


def test_what_is_too_old_by_the_service_is_counted_and_told(world: Served) -> None:
    week = 7 * 86_400
    world.wrote("target", lines(world.now, "old", "too"))
    world.clock.tick(week - 50)
    world.server.faults.add(Fault(Kind.SKEW, times=None, seconds=-float(week)))
    world.now += week - 50
    old, stop = world.now - week, world.now - week - 300
    world.wrote("target", lines(world.now, "young"))
    world.kept["gap"] = Gap(stop, stop, world.now, old, began=world.now, tried=world.now).facts
    gap = world.fill()

    assert (gap.late, gap.odd, gap.written) == (2, 0, 1)
