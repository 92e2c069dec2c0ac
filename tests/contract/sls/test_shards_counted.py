"""The SLS server's shards by number: split into many, deleted, and how many there may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.sls.settings import Limits
from tests.contract.sls.world import World, refusal

ZERO, QUARTER, HALF = "0" * 32, "4" + "0" * 31, "8" + "0" * 31


@pytest.fixture
def world() -> Iterator[World]:
    with World(limits=Limits(shards=6)) as made:
        made.logstore(index=False)
        yield made


def split(world: World, **params: str) -> tuple[int, Any]:
    path = "/logstores/app/shards/0"
    status, _, answer = world.send("POST", path, params={"action": "split"} | params)
    return status, answer


def numbers(world: World) -> list[int]:
    return [s["shardID"] for s in world.source.list_shards("web", "app").get_shards_info()]


def test_a_shard_is_split_into_as_many_equal_parts_as_asked_for(world: World) -> None:
    status, parts = split(world, shardCount="4")

    assert status == 200
    assert [(p["shardID"], p["status"], p["inclusiveBeginKey"][:2]) for p in parts] == [
        (0, "readonly", "00"),
        (2, "readwrite", "00"), (3, "readwrite", "20"),
        (4, "readwrite", "40"), (5, "readwrite", "60"),
    ]  # fmt: skip
    assert world.source.get_logstore("web", "app").get_shard_count() == 5


@pytest.mark.parametrize(
    "params", [{"shardCount": "1"}, {"shardCount": "x"}, {"shardCount": "3", "key": QUARTER}]
)
def test_a_count_below_two_or_beside_a_key_is_refused(world: World, params: dict[str, str]) -> None:
    status, answer = split(world, **params)

    assert (status, answer["errorCode"]) == (400, "ParameterInvalid")


def test_the_writable_shards_of_all_logstores_count_against_the_project_s_quota(
    world: World,
) -> None:
    world.source.create_logstore("web", "more", shard_count=3)
    full = refusal(lambda: world.source.create_logstore("web", "last", shard_count=2))
    at_most = world.source.split_shard("web", "app", 0, QUARTER).get_shards_info()
    over = refusal(lambda: world.source.split_shard("web", "app", 1, "c" + "0" * 31))

    assert len(at_most) == 3
    assert (full[:2], over[:2]) == ((400, "ProjectQuotaExceed"),) * 2


def test_a_deleted_shard_is_gone_with_its_lines_and_its_number_is_not_used_again(
    world: World,
) -> None:
    world.write(5, hashKey=ZERO)
    world.source.split_shard("web", "app", 0, QUARTER)
    world.write(2, hashKey=HALF)
    world.source.delete_shard("web", "app", 0)
    gone = refusal(lambda: world.source.get_begin_cursor("web", "app", 0))
    world.source.merge_shard("web", "app", 2)

    assert gone[:2] == (404, "ShardNotExist")
    assert numbers(world) == [1, 2, 3, 4]
    assert len(world.pulled()) == 2
    assert world.server.state.project("web").logstores["app"].kept == 2


def test_only_a_read_only_shard_can_be_deleted_and_only_once(world: World) -> None:
    writable = refusal(lambda: world.source.delete_shard("web", "app", 0))
    world.source.split_shard("web", "app", 0, QUARTER)
    world.source.delete_shard("web", "app", 0)
    again = refusal(lambda: world.source.delete_shard("web", "app", 0))

    assert (writable[:2], again[:2]) == ((400, "ParameterInvalid"), (404, "ShardNotExist"))
    assert numbers(world) == [1, 2, 3]
