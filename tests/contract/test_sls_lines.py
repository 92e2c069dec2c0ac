"""The port Sls: lines pulled by their receipt and put as they are, on the fake and the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from sandbox.sls import SlsServer
from tests.contract.sls_worlds import ServerWorld, World, a_logstore, a_server, a_world
from workflows.errors import NotYet, StepFailed
from workflows.ports import Line, Lines, Sls

DAY = 86_400


@pytest.fixture(params=["fake", "server"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with a_world(request.param) as made:
        yield made


@pytest.fixture
def server() -> Iterator[SlsServer]:
    with a_server() as running:
        yield running


def some(world: World, *texts: str) -> Lines:
    now = int(world.now())
    return Lines(tuple(Line(now, (("content", text),)) for text in texts))


def contents(sls: Sls, start: float, end: float) -> Counter[str]:
    pulled = sls.pull("app-b", int(start), int(end))
    return Counter(line.fields[0][1] for lines in pulled for line in lines.lines)


def test_lines_come_back_as_they_were_put(world: World) -> None:
    sls, now = a_logstore(world), int(world.now())
    fields = (("b", "x"), ("a", ""), ("b", "again"), ("内容", "gbk \udcc4\udce3"))
    put = Lines(
        (Line(now - 60, fields, 123_456_789), Line(now, (("content", "y"),), 0), Line(now, ())),
        topic="/var/log/应用",
        source="10.0.0.11",
        tags=(("__hostname__", "h1"), ("__path__", "/a.log"), ("__pack_id__", "AB-1")),
    )
    sls.put("app-b", put)
    (pulled,) = sls.pull("app-b", now - 5, now + 5)

    assert (pulled.topic, pulled.source) == (put.topic, put.source)
    assert pulled.tags == put.tags
    assert pulled.lines == put.lines


def test_names_and_paths_in_another_encoding_come_back_as_they_were_put(world: World) -> None:
    sls, now = a_logstore(world), int(world.now())
    name, path = (text.encode("gbk").decode("utf-8", "surrogateescape") for text in "名径")
    put = Lines((Line(now, ((name, path),)),), topic=path, tags=(("__path__", f"/{path}.log"),))
    sls.put("app-b", put)
    (pulled,) = sls.pull("app-b", now - 5, now + 5)

    assert (pulled.topic, pulled.tags, pulled.lines) == (put.topic, put.tags, put.lines)


def test_a_line_without_finer_time_gets_none(world: World) -> None:
    sls = a_logstore(world)
    sls.put("app-b", some(world, "x"))
    (pulled,) = sls.pull("app-b", int(world.now()) - 5, int(world.now()) + 5)

    assert pulled.lines[0].nanos is None


def test_lines_are_pulled_by_the_second_of_their_receipt(world: World) -> None:
    sls, start = a_logstore(world), int(world.now()) + 1
    for text in ("one", "two", "three"):
        world.later(start - world.now() if text == "one" else 10)
        sls.put("app-b", some(world, text))

    assert contents(sls, start, start + 9) == Counter(["one"])
    assert contents(sls, start + 5, start + 15) == Counter(["two"])
    assert contents(sls, start, start + 60) == Counter(["one", "two", "three"])
    assert contents(sls, start + 40, start + 60) == Counter()


def test_lines_say_when_they_were_received_where_the_logstore_notes_it(server: SlsServer) -> None:
    world = ServerWorld(server)
    body = {"logstoreName": "app-b", "ttl": 30, "shardCount": 1, "appendMeta": True}
    world.sls.create_logstore(body)
    sls = a_logstore(world)
    sls.put("app-b", some(world, "x"))
    (pulled,) = sls.pull("app-b", int(world.now()) - 5, int(world.now()) + 5)

    assert abs(pulled.received - world.now()) < 5
    assert "__receive_time__" not in dict(pulled.tags)


def test_lines_that_are_too_old_are_refused_with_the_way_out(world: World) -> None:
    sls = a_logstore(world)
    old = Lines((Line(int(world.now()) - 8 * DAY, (("content", "old"),)),))

    with pytest.raises(StepFailed, match=r"into logstore app-b.*PostBodyInvalid") as no:
        sls.put("app-b", old)
    assert "7 days" in no.value.hint


def test_no_lines_are_no_write_and_no_error(world: World) -> None:
    sls = a_logstore(world)
    sls.put("app-b", Lines(()))

    assert not sls.holds_lines("app-b")


def test_a_logstore_that_is_not_there_yet_is_waited_for(world: World) -> None:
    with pytest.raises(NotYet):
        world.sls.put("app-b", some(world, "x"))
    with pytest.raises(NotYet):
        next(world.sls.pull("app-b", 0, 10))
    with pytest.raises(NotYet):
        world.sls.shards("app-b")


def test_shards_are_those_that_take_lines(world: World) -> None:
    assert a_logstore(world).shards("app-b") == 2


def test_a_split_shard_is_read_and_counts_no_more(server: SlsServer) -> None:
    world = ServerWorld(server)
    sls, start = a_logstore(world), world.now()
    for n in range(4):
        sls.put("app-b", some(world, f"before {n}"))
    server.state.project("shop-a").logstores["app-b"].split(0, None, world.now())
    for n in range(4):
        sls.put("app-b", some(world, f"after {n}"))

    assert contents(sls, start, world.now() + 5).total() == 8
    assert sls.shards("app-b") == 3


def test_large_lines_go_in_several_writes_and_none_is_lost(server: SlsServer) -> None:
    world = ServerWorld(server)
    sls, start = a_logstore(world), world.now()
    many = some(world, *(f"line {n}" for n in range(9000)))
    large = some(world, *(str(n) * 1_200_000 for n in range(5)))
    sls.put("app-b", many)
    assert len(puts(server)) == 3
    sls.put("app-b", large)

    assert len(puts(server)) == 3 + 3
    assert contents(sls, start, world.now() + 5) == Counter(
        line.fields[0][1] for lines in (many, large) for line in lines.lines
    )


def puts(server: SlsServer) -> list[str]:
    return [entry.path for entry in server.journal.writes() if entry.path.endswith("/shards/lb")]


def test_pages_are_read_when_they_are_wanted(server: SlsServer) -> None:
    world = ServerWorld(server)
    world.sls.create_logstore({"logstoreName": "app-b", "ttl": 30, "shardCount": 1})
    sls, start = a_logstore(world), int(world.now())
    for n in range(250):
        sls.put("app-b", some(world, str(n)))
    pulling = sls.pull("app-b", start, int(world.now()) + 5)
    mark = len(server.journal)
    next(pulling)
    after_one = pulls(server, mark)
    rest = len(list(pulling))

    assert (after_one, rest) == (1, 249)
    assert pulls(server, mark) == 3


def pulls(server: SlsServer, mark: int) -> int:
    return sum("type=log" in entry.query for entry in server.journal.since(mark))


def test_lines_of_a_time_to_come_are_refused_too(world: World) -> None:
    sls = a_logstore(world)
    early = Lines((Line(int(world.now()) + 1000, (("content", "early"),)),))

    with pytest.raises(StepFailed, match="PostBodyInvalid"):
        sls.put("app-b", early)
    assert not sls.holds_lines("app-b")
