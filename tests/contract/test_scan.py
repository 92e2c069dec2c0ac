"""The port Sls: lines summed up page by page, on the fake and the server; odd pages on the client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import lz4.block
import pytest

from bot.credentials import fixed
from bot.sls import SlsProject, sls_client
from bot.sls_scan import MOST
from sandbox.sls import SlsServer
from tests.contract.sls_worlds import ServerWorld, World, a_logstore, a_server, a_world
from workflows.errors import NotYet, Unavailable
from workflows.ports import Line, Lines, Scanned, Sls
from workflows.proof.cells import Cell, Place, merged

HOSTS = ("10.0.0.11", "10.0.0.12")


@pytest.fixture(params=["fake", "server"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with a_world(request.param) as made:
        yield made


@pytest.fixture
def server() -> Iterator[SlsServer]:
    with a_server() as running:
        yield running


def some(at: float, *texts: str, host: str = HOSTS[0], file: str = "/a.log") -> Lines:
    lines = tuple(Line(int(at), (("content", text), ("level", "INFO"))) for text in texts)
    return Lines(lines, "", host, (("__path__", file), ("__pack_id__", "5F-1")))


def scanned(sls: Sls, start: float, end: float, **asked: Any) -> list[Scanned]:
    return list(sls.scan("app-b", int(start), int(end), **asked))


def cells(found: list[Scanned]) -> dict[Place, Cell]:
    return merged(*(one.cells for one in found))


def sums(found: list[Scanned]) -> Counter[tuple[int, str, str, int, int]]:
    """By place, without sizes, which the ways to read do not share."""
    return Counter((*place, cell.lines, cell.sum) for place, cell in cells(found).items())


def after(found: list[Scanned]) -> dict[int, str]:
    return {one.shard: one.after for one in found}


@pytest.mark.parametrize("exact", [False, True], ids=["raw", "exact"])
def test_lines_are_counted_by_minute_host_and_file(world: World, exact: bool) -> None:
    sls, now = a_logstore(world), int(world.now())
    minute = now // 60 * 60 - 60
    for lines in (
        some(minute + 59, "x", "y"),
        some(minute + 60, "x"),
        some(minute, "x", file="/b.log"),
        some(minute + 1, "x", host=HOSTS[1]),
        some(minute, "z"),
    ):
        sls.put("app-b", lines)
    found = scanned(sls, now - 5, now + 60, exact=exact)

    assert {place: cell.lines for place, cell in cells(found).items()} == {
        Place(minute, HOSTS[0], "/a.log"): 3,
        Place(minute + 60, HOSTS[0], "/a.log"): 1,
        Place(minute, HOSTS[0], "/b.log"): 1,
        Place(minute, HOSTS[1], "/a.log"): 1,
    }
    assert all(cell.sum and cell.size for cell in cells(found).values())


@pytest.mark.parametrize("exact", [False, True], ids=["raw", "exact"])
def test_the_same_lines_have_the_same_sums_however_they_came(world: World, exact: bool) -> None:
    sls, now = a_logstore(world), int(world.now())
    sls.put("app-b", some(now, "x", "y", "y"))
    between = int(world.now()) + 2
    world.later(between - world.now() + 1)
    sls.put("app-b", replace(some(now, "y"), tags=(("__path__", "/a.log"), ("__pack_id__", "9A"))))
    sls.put("app-b", some(now, "y", "x"))
    world.later(10)
    end = int(world.now())
    sls.put("app-b", some(now, "y", "x", "x"))
    first, second = (
        scanned(sls, start, stop, exact=exact)
        for start, stop in ((now - 5, between), (between, end))
    )

    assert sums(first).total() == 1
    assert sums(first) == sums(second)
    assert sums(first) != sums(scanned(sls, end, end + 60, exact=exact))


def test_fields_in_another_order_are_the_same_exactly(world: World) -> None:
    sls, now = a_logstore(world), int(world.now())
    one = some(now, "x").lines[0]
    turned = replace(one, fields=tuple(reversed(one.fields)))
    sls.put("app-b", replace(some(now), lines=(one,)))
    sls.put("app-b", replace(some(now, file="/b.log"), lines=(turned,)))
    found = cells(scanned(sls, now - 5, now + 60, exact=True))

    assert len(found) == 2
    assert len(set(found.values())) == 1


def test_whoever_has_the_cursors_goes_on_where_it_ended(world: World) -> None:
    sls, start = a_logstore(world), int(world.now())
    for n in range(5):
        sls.put("app-b", some(start, f"first {n}"))
    world.later(30)
    middle = int(world.now())
    first = scanned(sls, start - 5, middle)
    for n in range(7):
        sls.put("app-b", some(start, f"second {n}"))
    end = int(world.now()) + 60
    rest = scanned(sls, start - 5, end, after=after(first))

    assert sum(cell.lines for cell in cells(rest).values()) == 7
    assert sums([*first, *rest]) == sums(scanned(sls, start - 5, end))
    assert scanned(sls, start - 5, end, after=after(first) | after(rest)) == []


def test_lines_that_came_long_after_their_time_are_named(world: World) -> None:
    sls, now = a_logstore(world), int(world.now())
    sls.put("app-b", some(now, "x"))
    sls.put("app-b", some(now - 3000, "x", file="/b.log"))
    found = scanned(sls, now - 5, now + 60)

    late = {place for one in found for place in one.late}
    assert late == {Place((now - 3000) // 60 * 60, HOSTS[0], "/b.log")}


def test_a_page_tells_when_its_files_were_first_received(world: World) -> None:
    sls, now = a_logstore(world), int(world.now())
    for _ in range(2):
        sls.put("app-b", some(now, "x"))
        sls.put("app-b", some(now, "x", host=HOSTS[1]))
    last = int(world.now())
    found = scanned(sls, now - 5, now + 60)
    begun = {key: at for one in found for key, at in one.begun.items()}

    assert begun.keys() == {(host, "/a.log") for host in HOSTS}
    assert all(now <= at <= last + 1 for at in (*begun.values(), *(one.received for one in found)))


def test_places_may_be_of_any_span(world: World) -> None:
    sls, now = a_logstore(world), int(world.now())
    hour = (now - 3600) // 3600 * 3600
    sls.put("app-b", some(hour, "x"))
    sls.put("app-b", some(hour + 3599, "x"))
    found = cells(scanned(sls, now - 5, now + 60, minute=3600))

    assert {place: cell.lines for place, cell in found.items()} == {
        Place(hour, HOSTS[0], "/a.log"): 2
    }


def test_nothing_received_is_nothing_to_sum(world: World) -> None:
    sls = a_logstore(world)

    assert scanned(sls, world.now() - 60, world.now() + 60) == []


def test_a_logstore_that_is_not_there_yet_is_waited_for(world: World) -> None:
    with pytest.raises(NotYet):
        next(world.sls.scan("app-b", 0, 10))


def test_a_logstore_that_notes_the_receipt_is_taken_by_its_word(server: SlsServer) -> None:
    world = ServerWorld(server)
    body = {"logstoreName": "app-b", "ttl": 30, "shardCount": 1, "appendMeta": True}
    world.sls.create_logstore(body)
    sls, start = a_logstore(world), int(world.now())
    sls.put("app-b", some(start, "x"))
    world.later(100)
    sls.put("app-b", some(world.now(), "x", file="/b.log"))
    mark = len(server.journal)
    (found,) = scanned(sls, start - 5, world.now() + 60)

    assert found.begun[HOSTS[0], "/b.log"] - found.begun[HOSTS[0], "/a.log"] >= 100
    assert found.received == found.begun[HOSTS[0], "/b.log"]
    assert not [one for one in server.journal.since(mark) if "cursor_time" in one.query]


def test_pages_are_read_when_they_are_wanted_and_as_large_as_they_may_be(server: SlsServer) -> None:
    world = ServerWorld(server)
    world.sls.create_logstore({"logstoreName": "app-b", "ttl": 30, "shardCount": 1})
    sls, start = a_logstore(world), int(world.now())
    for n in range(MOST + 1):
        group = some(start, str(n))
        sls.put("app-b", group)
    scanning = sls.scan("app-b", start, int(world.now()) + 60)
    mark = len(server.journal)
    first = next(scanning)
    pulled = sum("type=log" in entry.query for entry in server.journal.since(mark))

    assert pulled == 1
    assert sum(cell.lines for cell in first.cells.values()) == MOST
    assert [sum(cell.lines for cell in one.cells.values()) for one in scanning] == [1]


def test_a_split_shard_is_summed_up_too(server: SlsServer) -> None:
    world = ServerWorld(server)
    sls, start = a_logstore(world), int(world.now())
    for n in range(4):
        sls.put("app-b", some(start, f"before {n}"))
    server.state.project("shop-a").logstores["app-b"].split(0, None, world.now())
    for n in range(4):
        sls.put("app-b", some(start, f"after {n}"))
    found = scanned(sls, start - 5, world.now() + 60)

    assert sum(cell.lines for cell in cells(found).values()) == 8
    assert len({one.shard for one in found}) > 1


@pytest.mark.parametrize("kind", ["", "lz4"])
@pytest.mark.parametrize("exact", [False, True], ids=["raw", "exact"])
def test_a_page_that_is_none_is_looked_at_again(kind: str, exact: bool) -> None:
    page = b"\x0a\xff\xff no page of log groups \xff"
    body = lz4.block.compress(page, store_size=False) if kind == "lz4" else page

    with pytest.raises(Unavailable, match="an answer that cannot be read"):
        next(answering(body, kind, len(page)).scan("app-b", 0, 10, exact=exact))


@pytest.mark.parametrize("kind", ["", "lz4"])
def test_a_page_of_another_size_than_the_service_says_is_looked_at_again(kind: str) -> None:
    sound = b""
    body = lz4.block.compress(sound, store_size=False) if kind == "lz4" else sound

    with pytest.raises(Unavailable, match="an answer that cannot be read"):
        next(answering(body, kind, 9).scan("app-b", 0, 10))


def test_a_shard_that_ends_before_its_end_is_looked_at_again() -> None:
    with pytest.raises(Unavailable, match="shard 3 of logstore app-b ended before its end"):
        next(answering(b"", "", 0, after="1").scan("app-b", 0, 10))


def answering(body: bytes, kind: str, size: int, after: str = "9") -> SlsProject:
    """A project whose service has one shard from cursor 1 to 9, and gives this for each page."""
    client = sls_client("http://sls.example", fixed("LTAI5tOddPages", "s3cret"))
    cursors = [b'{"cursor": "1"}', b'{"cursor": "9"}']
    headers = {"x-log-cursor": after, "x-log-count": "1", "x-log-bodyrawsize": str(size)}
    headers |= {"x-log-compresstype": kind} if kind else {}

    def respond(_: str, url: str, asked: dict[str, str], *__: Any) -> tuple[int, bytes, Any]:
        if url.endswith("/shards"):
            return 200, b'[{"shardID": 3, "status": "readwrite"}]', {}
        if asked["type"] == "cursor":
            return 200, cursors.pop(0), {}
        return 200, body, headers

    client._getHttpResponse = respond  # what the SDK calls for each attempt
    return SlsProject(client, "shop-a", "target")
