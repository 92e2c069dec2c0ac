"""Lines into the SLS server and out of it: PutLogs, cursors, PullLogs, the agents' door."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from aliyun.log import (
    LogItem,
    PutLogsRequest,
)
from aliyun.log.auth import make_auth
from aliyun.log.credentials import StaticCredentialsProvider
from aliyun.log.proto import LogGroupRaw

from sandbox.sls import Limits
from tests.contract.sls.world import (
    ENDPOINT,
    SOURCE,
    SOURCE_KEY,
    TARGET,
    World,
    by_hand,
    put_at_door,
    refusal,
)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


def raw_group(count: int, moment: int) -> bytes:
    group = LogGroupRaw(Topic="t", Source="10.0.0.9")
    for number in range(count):
        group.Logs.add(Time=moment).Contents.add(Key="n", Value=str(number).encode())
    return group.SerializeToString()


def put_by_hand(world: World, body: bytes, size: int, kind: str | None) -> tuple[int, str]:
    """PutLogs signed here, because the SDK knows no deflate; returns status and errorCode."""
    headers: dict[str, Any] = {"x-log-apiversion": "0.6.0", "x-log-bodyrawsize": str(size)}
    headers |= {"Content-Type": "application/x-protobuf", "Content-Length": str(len(body))}
    if kind is not None:
        headers["x-log-compresstype"] = kind
    auth = make_auth(StaticCredentialsProvider(SOURCE_KEY.id, SOURCE_KEY.secret))
    auth.sign_request("POST", "/logstores/app/shards/lb", {}, headers, body)
    headers["Host"] = f"web.{ENDPOINT}"
    port = world.server.port
    status, _, answer = by_hand(port, "POST", "/logstores/app/shards/lb", headers, body)
    return status, answer["errorCode"] if answer else ""


def test_lines_put_raw_lz4_and_deflated_are_all_there(world: World) -> None:
    world.logstore()
    start = world.write(3, compress=False)
    world.write(5, compress=True)
    group = raw_group(7, start)
    deflated = put_by_hand(world, zlib.compress(group), len(group), "deflate")
    world.source.put_log_raw("web", "app", LogGroupRaw.FromString(raw_group(2, start)))
    world.write(4, hashKey="f" * 32)
    world.clock.forward(5)

    assert deflated == (200, "")
    assert len(world.pulled()) == len(world.pulled(compress=False)) == 21
    assert world.histogram(start, start + 60).get_total_count() == 21


def test_a_bad_zstd_body_or_a_missing_zstd_library_is_refused_by_name(world: World) -> None:
    world.logstore()
    status, code = put_by_hand(world, b"x", 1, "zstd")

    assert (status, code) in ((400, "InvalidCompressType"), (400, "PostBodyUncompressError"))


def test_lines_that_cannot_be_read_are_refused_and_not_kept(world: World) -> None:
    world.logstore()
    group = raw_group(3, int(world.clock.now()))
    old = raw_group(1, int(world.clock.now()) - 8 * 86400)
    ahead = raw_group(1, int(world.clock.now()) + 1000)
    got = [
        put_by_hand(world, b"nonsense", 8, None),
        put_by_hand(world, group[:-3], len(group) - 3, None),
        put_by_hand(world, group, len(group) + 1, None),
        put_by_hand(world, b"\xff" * 9, 90, "lz4"),
        put_by_hand(world, b"nonsense", 90, "deflate"),
        put_by_hand(world, group, len(group), "brotli"),
        put_by_hand(world, b"", 0, None),
        put_by_hand(world, group, 1 << 40, "lz4"),
        put_by_hand(world, old, len(old), None),
        put_by_hand(world, ahead, len(ahead), None),
    ]

    assert got == [
        (400, "PostBodyInvalid"),
        (400, "PostBodyInvalid"),
        (400, "InvalidBodyRawSize"),
        (400, "PostBodyUncompressError"),
        (400, "PostBodyUncompressError"),
        (400, "InvalidCompressType"),
        (400, "PostBodyInvalid"),
        (400, "PostBodyTooLarge"),
        (400, "PostBodyInvalid"),
        (400, "PostBodyInvalid"),
    ]
    assert world.pulled() == []


def test_a_body_larger_than_the_server_reads_is_refused_by_name() -> None:
    with World(limits=Limits(put_bytes=1000)) as world:
        world.logstore()
        got = put_by_hand(world, b"x" * (2 << 20), 2 << 20, None)

    assert got == (413, "PostBodyTooLarge")


def test_a_pulled_line_is_the_line_that_was_put(world: World) -> None:
    world.logstore(index=False)
    moment = int(world.clock.now())
    items = [LogItem(moment, contents=[("message", "Größe 多字节"), ("level", "INFO")])]
    tags = [("__path__", "/var/log/app.log")]
    request = PutLogsRequest("web", "app", "nginx", "10.0.0.7", items, logtags=tags)
    world.source.put_logs(request)
    (line,) = world.pulled()

    line.pop("__time_ns_part__")  # the SDK's own addition, different at every run

    assert line == {
        "__time__": moment, "__topic__": "nginx", "__source__": "10.0.0.7",
        "message": "Größe 多字节", "level": "INFO", "__tag__:__path__": "/var/log/app.log",
    }  # fmt: skip


def test_append_meta_adds_the_time_of_receipt_as_a_tag(world: World) -> None:
    world.logstore(append_meta=True, index=False)
    moment = world.write(1)
    (line,) = world.pulled()

    assert abs(int(line["__tag__:__receive_time__"]) - moment) <= 1
    assert line["__tag__:__client_ip__"] == "127.0.0.1"


def test_cursors_mark_begin_end_and_seconds_of_receipt(world: World) -> None:
    world.logstore(shard_count=1, index=False)
    world.write(1)
    world.clock.forward(50)
    second = int(world.clock.now())
    world.write(2)
    at = [world.source.get_cursor("web", "app", 0, when).get_cursor()
          for when in ("begin", second, second + 500, "end")]  # fmt: skip
    pulled = world.source.pull_logs("web", "app", 0, at[1])
    spoken = world.source.get_cursor_time("web", "app", 0, at[1]).get_cursor_time()
    before = world.source.get_previous_cursor_time("web", "app", 0, at[1]).get_cursor_time()

    assert at[2] == at[3]
    assert len({at[0], at[1], at[3]}) == 3
    assert (pulled.get_log_count(), pulled.get_next_cursor()) == (2, at[3])
    assert spoken - before >= 49


def test_pull_gives_at_most_count_groups_and_stops_at_the_end_cursor(world: World) -> None:
    world.logstore(shard_count=1, index=False)
    for _ in range(7):
        world.write(2)
    begin = world.source.get_begin_cursor("web", "app", 0).get_cursor()
    first = world.source.pull_logs("web", "app", 0, begin, count=3)
    rest = world.source.pull_logs("web", "app", 0, first.get_next_cursor())
    nothing = world.source.pull_logs("web", "app", 0, rest.get_next_cursor())
    upto = world.source.pull_logs("web", "app", 0, begin, end_cursor=first.get_next_cursor())
    whole = list(world.source.pull_log("web", "app", 0, "begin", "end", batch_size=2))

    assert (first.get_loggroup_count(), rest.get_loggroup_count()) == (3, 4)
    assert (nothing.get_loggroup_count(), nothing.get_next_cursor()) == (
        0, rest.get_next_cursor(),
    )  # fmt: skip
    assert upto.get_loggroup_count() == 3
    assert sum(part.get_log_count() for part in whole) == 14


@pytest.mark.parametrize("cursor", ["nonsense", "MTIz", ""])
def test_a_cursor_of_nowhere_is_invalid(world: World, cursor: str) -> None:
    world.logstore(index=False)

    assert refusal(lambda: world.source.pull_logs("web", "app", 0, cursor))[:2] == (
        400, "InvalidCursor",
    )  # fmt: skip


def test_a_cursor_of_a_former_logstore_is_invalid(world: World) -> None:
    world.logstore(index=False)
    world.write(1)
    cursor = world.source.get_end_cursor("web", "app", 0).get_cursor()
    world.source.delete_logstore("web", "app")
    world.logstore(index=False)

    assert refusal(lambda: world.source.pull_logs("web", "app", 0, cursor))[1] == "InvalidCursor"


def test_a_shard_that_does_not_exist_is_named(world: World) -> None:
    world.logstore(index=False)

    assert refusal(lambda: world.source.get_begin_cursor("web", "app", 9))[:2] == (
        404, "ShardNotExist",
    )  # fmt: skip


def test_a_hash_key_leads_to_its_shard(world: World) -> None:
    world.logstore(index=False)
    for _ in range(3):
        world.write(1, hashKey="8" + "0" * 31)
    counts = [
        world.source.pull_logs(
            "web", "app", shard, world.source.get_begin_cursor("web", "app", shard).get_cursor()
        ).get_log_count()
        for shard in (0, 1)
    ]

    assert counts == [0, 3]


def test_beyond_the_retention_the_oldest_lines_go_and_are_counted() -> None:
    with World(limits=Limits(lines_kept=10)) as world:
        world.logstore(index=False)
        begin = world.source.get_begin_cursor("web", "app", 0).get_cursor()
        for _ in range(5):
            world.write(3)
            world.clock.forward(1)
        kept = world.pulled()
        stale = refusal(lambda: world.source.pull_logs("web", "app", 0, begin))
        logstore = world.server.state.project("web").logstore("app")

    assert (len(kept), logstore.kept, logstore.dropped) == (9, 9, 6)
    assert stale[1] == "InvalidCursor"


def test_the_door_takes_lines_of_the_owner_only_and_of_what_exists(world: World) -> None:
    world.source.create_logstore("web", "app")
    mine, foreign = frozenset({SOURCE.id, TARGET.id}), frozenset({TARGET.id})
    early = put_at_door(world, 1, mine)
    world.clock.forward(40)
    got = [
        put_at_door(world, 4, mine),
        put_at_door(world, 1, foreign),
        put_at_door(world, 1, frozenset()),
        put_at_door(world, 1, mine, project="none"),
        put_at_door(world, 1, mine, logstore="none"),
    ]
    lines = world.pulled()

    assert (early, got) == (404, [200, 401, 401, 404, 404])
    assert len(lines) == 4
    assert lines[0]["__source__"] == "10.0.0.11"
    assert lines[0]["__tag__:__path__"] == "/var/log/app.log"


def test_lines_put_at_the_door_by_many_threads_are_all_counted(world: World) -> None:
    world.logstore()
    start, owner = int(world.clock.now()), frozenset({SOURCE.id})
    threads = [
        threading.Thread(target=lambda: [put_at_door(world, 20, owner) for _ in range(25)])
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.clock.forward(5)

    assert world.histogram(start, start + 60).get_total_count() == 4000
    assert world.server.state.project("web").logstore("app").kept == 4000
