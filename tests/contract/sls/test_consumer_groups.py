"""Consumer groups of the SLS server: their calls, who gets which shard, and checkpoints."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.sls.settings import Limits
from tests.contract.sls.world import World, refusal

HALF = "8" + "0" * 31
QUARTER = "4" + "0" * 31


@pytest.fixture
def world() -> Iterator[World]:
    with World(limits=Limits(consumer_groups=2)) as made:
        made.logstore(index=False, shard_count=4)
        made.source.create_consumer_group("web", "app", "readers", 60)
        yield made


def beat(world: World, consumer: str, *held: int, group: str = "readers") -> list[int]:
    answer = world.source.heart_beat("web", "app", group, consumer, list(held))
    shards: list[int] = answer.get_shards()
    return shards


def points(world: World, shard: int = -1, group: str = "readers") -> list[dict[str, Any]]:
    found = world.source.get_check_point("web", "app", group, shard)
    rows: list[dict[str, Any]] = found.get_consumer_group_check_points()
    return rows


def keep(world: World, shard: int, cursor: str, consumer: str = "", *, force: bool = True) -> None:
    world.source.update_check_point("web", "app", "readers", shard, cursor, consumer, force)


def listed(world: World) -> list[tuple[str, int, bool]]:
    groups = world.source.list_consumer_group("web", "app").get_consumer_groups()
    return [(g.get_consumer_group_name(), g.get_timeout(), g.is_in_order()) for g in groups]


def test_groups_are_made_changed_listed_and_deleted(world: World) -> None:
    world.source.create_consumer_group("web", "app", "copier", 30, in_order=True)
    world.source.update_consumer_group("web", "app", "copier", timeout=90)
    world.source.update_consumer_group("web", "app", "readers", in_order=True)
    both = listed(world)
    world.source.delete_consumer_group("web", "app", "copier")

    assert both == [("copier", 90, True), ("readers", 60, True)]
    assert listed(world) == [("readers", 60, True)]


def test_a_group_s_errors_are_those_of_the_documentation(world: World) -> None:
    create = world.source.create_consumer_group
    missing = (404, "ConsumerGroupNotExist", "consumer group not exist")

    assert refusal(lambda: create("web", "app", "readers", 60)) == (
        400, "ConsumerGroupAlreadyExist", "consumer group already exist",
    )  # fmt: skip
    assert refusal(lambda: create("web", "none", "readers", 60))[:2] == (404, "LogStoreNotExist")
    assert refusal(lambda: points(world, group="no")) == missing
    assert refusal(lambda: beat(world, "c", group="no")) == missing
    assert refusal(lambda: world.source.delete_consumer_group("web", "app", "no")) == missing
    assert refusal(lambda: world.source.update_consumer_group("web", "app", "no", 1)) == missing


@pytest.mark.parametrize(
    ("name", "timeout"),
    [("x", 60), ("-readers", 60), ("a b", 60), ("fine", 0), ("fine", "60"), ("fine", 1.5)],
)
def test_a_bad_name_or_timeout_is_invalid_json(world: World, name: str, timeout: Any) -> None:
    refused = refusal(lambda: world.source.create_consumer_group("web", "app", name, timeout))

    assert refused[:2] == (400, "JsonInfoInvalid")


def test_one_group_more_than_the_quota_is_refused(world: World) -> None:
    world.source.create_consumer_group("web", "app", "second", 60)
    refused = refusal(lambda: world.source.create_consumer_group("web", "app", "third", 60))

    assert refused[:2] == (400, "ProjectQuotaExceed")


def test_a_second_consumer_gets_shards_only_when_the_first_gave_them_up(world: World) -> None:
    alone = beat(world, "one")
    waits = beat(world, "two")
    told = beat(world, "one", *alone)
    still = beat(world, "two")
    beat(world, "one", *told)

    assert (alone, waits, told, still) == ([0, 1, 2, 3], [], [0, 1], [])
    assert beat(world, "two") == [2, 3]


def test_a_silent_consumer_is_forgotten_and_its_shards_go_to_another(world: World) -> None:
    beat(world, "one")
    world.clock.forward(61)
    heir = beat(world, "two")
    late = refusal(lambda: beat(world, "one", 0, 1, 2, 3))

    assert heir == [0, 1, 2, 3]
    assert late[:2] == (400, "NotExistConsumerWithBody")


def test_checkpoints_of_all_shards_are_there_from_the_start_and_empty(world: World) -> None:
    assert points(world) == [
        {"shard": number, "checkpoint": "", "updateTime": 0, "consumer": ""} for number in range(4)
    ]
    assert points(world, 9) == []


def test_a_checkpoint_comes_back_with_its_holder_and_microseconds(world: World) -> None:
    cursor = world.source.get_end_cursor("web", "app", 1).get_cursor()
    beat(world, "one")
    keep(world, 1, cursor, "one", force=False)
    (found,) = points(world, 1)

    assert (found["checkpoint"], found["consumer"]) == (cursor, "one")
    assert abs(found["updateTime"] / 1e6 - world.clock.now()) < 5


def test_only_the_holder_keeps_a_checkpoint_unless_it_is_forced(world: World) -> None:
    beat(world, "one")
    beat(world, "two")
    cursor = base64.b64encode(b"7").decode()
    stranger = refusal(lambda: keep(world, 0, cursor, "three", force=False))
    other = refusal(lambda: keep(world, 0, cursor, "two", force=False))
    nobody = refusal(lambda: keep(world, 0, cursor, force=False))
    keep(world, 0, cursor)

    assert stranger[:2] == (404, "ConsumerNotExist")
    assert other[:2] == (400, "ConsumerNotMatch")
    assert nobody[:2] == (400, "ParameterInvalid")
    assert points(world, 0)[0]["checkpoint"] == cursor


def test_a_checkpoint_of_no_shard_or_that_is_no_cursor_is_refused(world: World) -> None:
    assert refusal(lambda: keep(world, 9, "Nw=="))[:2] == (404, "ShardNotExist")
    assert refusal(lambda: keep(world, 0, "no cursor"))[:2] == (400, "InvalidShardCheckPoint")


def test_in_order_the_parts_of_a_split_wait_until_the_old_shard_is_read_up(world: World) -> None:
    world.source.update_consumer_group("web", "app", "readers", in_order=True)
    world.write(3, hashKey="0" * 32)
    world.source.split_shard("web", "app", 0, "2" + "0" * 31)
    first = beat(world, "one")
    end = world.source.get_end_cursor("web", "app", 0).get_cursor()
    keep(world, 0, end, "one", force=False)

    assert first == [0, 1, 2, 3]
    assert beat(world, "one", *first) == [0, 1, 2, 3, 4, 5]


def test_a_deleted_shard_is_taken_from_its_consumer(world: World) -> None:
    world.source.split_shard("web", "app", 0, "2" + "0" * 31)
    held = beat(world, "one")
    world.source.delete_shard("web", "app", 0)

    assert held == [0, 1, 2, 3, 4, 5]
    assert beat(world, "one", *held) == [1, 2, 3, 4, 5]
    assert [row["shard"] for row in points(world)] == [1, 2, 3, 4, 5]


def test_heartbeat_and_checkpoint_need_no_body_size_and_others_do(world: World) -> None:
    bare = {"x-log-bodyrawsize": None, "Authorization": "LOG source-key:x"}
    path, params = "/logstores/app/consumergroups", {"type": "heartbeat", "consumer": "c"}
    told = world.send("POST", f"{path}/readers", b"[]", bare, params)
    create = world.send("POST", path, b"{}", bare)

    assert (told[0], told[2]["errorCode"]) == (401, "SignatureNotMatch")
    assert create[2]["errorCode"] == "MissingBodyRawSize"
