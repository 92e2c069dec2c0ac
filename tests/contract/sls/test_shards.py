"""The SLS server's shards, split and merged, and what else may be changed of a project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aliyun.log import LogItem, PutLogsRequest

from tests.contract.sls.world import SOURCE_KEY, World, put_at_door, refusal

SOURCE_ID = frozenset({"1000000000000002"})
ZERO, QUARTER, HALF, LAST = "0" * 32, "4" + "0" * 31, "8" + "0" * 31, "f" * 32


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        made.logstore(index=False)
        yield made


def rows(answer: Any) -> list[tuple[int, str, str, str]]:
    return [
        (s["shardID"], s["status"], s["inclusiveBeginKey"], s["exclusiveEndKey"])
        for s in answer.get_shards_info()
    ]


def write_at(world: World, key: str, text: str) -> None:
    now = int(world.clock.now())
    items = [LogItem(now, contents=[("message", text)])]
    world.source.put_logs(PutLogsRequest("web", "app", logitems=items, hashKey=key))


def texts(world: World, shard: int) -> list[str]:
    start = world.source.get_begin_cursor("web", "app", shard).get_cursor()
    lines = world.source.pull_logs("web", "app", shard, start).get_flatten_logs_json()
    return [line["message"] for line in lines]


def test_a_split_answers_the_parent_read_only_and_then_its_halves(world: World) -> None:
    world.clock.forward(7)
    answer = world.source.split_shard("web", "app", 0, QUARTER)
    times = {s["shardID"]: s["createTime"] for s in answer.get_shards_info()}

    assert rows(answer) == [
        (0, "readonly", ZERO, HALF),
        (2, "readwrite", ZERO, QUARTER),
        (3, "readwrite", QUARTER, HALF),
    ]
    assert rows(world.source.list_shards("web", "app")) == [
        (0, "readonly", ZERO, HALF),
        (1, "readwrite", HALF, LAST),
        (2, "readwrite", ZERO, QUARTER),
        (3, "readwrite", QUARTER, HALF),
    ]
    assert times[2] == times[3] >= times[0] + 7
    assert world.source.get_logstore("web", "app").get_shard_count() == 3


def test_a_merge_joins_a_shard_with_its_right_neighbour_whatever_their_numbers(
    world: World,
) -> None:
    world.source.split_shard("web", "app", 0, QUARTER)
    answer = world.source.merge_shard("web", "app", 3)

    assert rows(answer) == [
        (4, "readwrite", QUARTER, LAST),
        (3, "readonly", QUARTER, HALF),
        (1, "readonly", HALF, LAST),
    ]
    assert world.source.get_logstore("web", "app").get_shard_count() == 2


def test_a_parent_keeps_its_lines_and_takes_no_more(world: World) -> None:
    write_at(world, ZERO, "before")
    world.source.split_shard("web", "app", 0, QUARTER)
    write_at(world, ZERO, "left")
    write_at(world, QUARTER, "right")
    world.source.merge_shard("web", "app", 2)
    write_at(world, QUARTER, "joined")

    assert [texts(world, shard) for shard in range(5)] == [
        ["before"], [], ["left"], ["right"], ["joined"],
    ]  # fmt: skip


def test_lines_without_a_key_go_by_turns_to_the_writable_shards_only(world: World) -> None:
    world.source.split_shard("web", "app", 1, "c" + "0" * 31)
    for _ in range(3):
        world.write(1)
    for _ in range(3):
        assert put_at_door(world, 1, SOURCE_ID) == 200

    assert [len(texts(world, shard)) for shard in range(4)] == [2, 0, 2, 2]


def test_a_cursor_of_the_parent_still_reads_to_its_end(world: World) -> None:
    write_at(world, ZERO, "before")
    start = world.source.get_begin_cursor("web", "app", 0).get_cursor()
    world.source.split_shard("web", "app", 0, QUARTER)
    write_at(world, ZERO, "after")
    answer = world.source.pull_logs("web", "app", 0, start)
    end = world.source.get_end_cursor("web", "app", 0).get_cursor()

    assert [line["message"] for line in answer.get_flatten_logs_json()] == ["before"]
    assert answer.get_next_cursor() == end


def test_a_search_finds_the_lines_of_parents_and_halves() -> None:
    with World() as world:
        world.logstore(shard_count=1)
        start = world.write(2)
        world.source.split_shard("web", "app", 0, HALF)
        end = world.write(3)
        world.clock.forward(5)

        assert world.histogram(start, end + 1).get_total_count() == 5


def test_without_a_key_a_shard_is_split_in_the_middle(world: World) -> None:
    params = {"action": "split"}
    _, _, answer = world.send("POST", "/logstores/app/shards/0", params=params)

    assert [s["inclusiveBeginKey"] for s in answer] == [ZERO, ZERO, QUARTER]


@pytest.mark.parametrize("key", [ZERO, HALF, LAST, "4", "g" * 32, "0x" + "4" * 30, ""])
def test_a_split_outside_the_shard_or_by_no_key_at_all_is_refused(world: World, key: str) -> None:
    before = rows(world.source.list_shards("web", "app"))
    refused = refusal(lambda: world.source.split_shard("web", "app", 0, key))

    assert refused == (400, "ParameterInvalid", "invalid mid hash")
    assert rows(world.source.list_shards("web", "app")) == before


def test_the_last_key_cannot_be_cut_off_alone(world: World) -> None:
    refused = refusal(lambda: world.source.split_shard("web", "app", 1, LAST))

    assert refused == (400, "ParameterInvalid", "invalid mid hash")


@pytest.mark.parametrize("shard", [0, 9, "x", "-1"])
def test_only_a_writable_shard_is_split_or_merged(world: World, shard: object) -> None:
    world.source.split_shard("web", "app", 0, QUARTER)
    invalid = (400, "ParameterInvalid", "invalid shard id")

    assert refusal(lambda: world.source.split_shard("web", "app", shard, QUARTER)) == invalid
    assert refusal(lambda: world.source.merge_shard("web", "app", shard)) == invalid


def test_the_last_shard_has_no_neighbour_to_merge_with(world: World) -> None:
    status, code, text = refusal(lambda: world.source.merge_shard("web", "app", 1))

    assert (status, code) == (400, "ParameterInvalid")
    assert text == "can not merge the last shard"


def test_splitting_a_logstore_that_is_not_ready_names_it(world: World) -> None:
    world.source.create_logstore("web", "new")
    refused = refusal(lambda: world.source.split_shard("web", "new", 0, QUARTER))

    assert refused[:2] == (404, "LogStoreNotExist")


def test_an_update_of_a_logstore_leaves_the_shards_as_they_were_split(world: World) -> None:
    world.source.split_shard("web", "app", 0, QUARTER)
    status, _, _ = world.send("PUT", "/logstores/app", b'{"ttl": 9, "shardCount": 2}')
    got = world.source.get_logstore("web", "app")

    assert (status, got.get_ttl(), got.get_shard_count()) == (200, 9, 3)


@pytest.mark.parametrize("params", [{}, {"action": "double"}])
def test_another_action_on_a_shard_is_a_501_that_names_it(
    world: World, params: dict[str, str]
) -> None:
    status, _, answer = world.send("POST", "/logstores/app/shards/0", params=params)

    assert (status, answer["errorCode"]) == (501, "NotImplemented")
    assert f"/shards/0{'?action=double' if params else ''};" in answer["errorMessage"]


def test_a_project_s_description_is_updated_and_nothing_else(world: World) -> None:
    before = world.source.get_project("web").get_body()
    world.clock.forward(5)
    world.source.update_project("web", "the shop")
    after = world.source.get_project("web").get_body()
    changed = {key for key in after if after[key] != before[key]}

    assert (after["description"], changed) == ("the shop", {"description", "lastModifyTime"})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{}", "ParameterInvalid"),
        (b'{"description": 1}', "ParameterInvalid"),
        (b'{"description": "x", "projectName": "other"}', "ParameterInvalid"),
        (b"not json", "PostBodyInvalid"),
    ],
)
def test_a_malformed_update_of_a_project_is_refused(world: World, body: bytes, code: str) -> None:
    status, _, answer = world.send("PUT", "/", body)

    assert (status, answer["errorCode"]) == (400, code)
    assert world.source.get_project("web").get_description() == "shop"


def test_a_foreign_project_is_not_updated(world: World) -> None:
    refused = refusal(lambda: world.target.update_project("web", "mine"))
    missing = refusal(lambda: world.client(SOURCE_KEY).update_project("nothing", "x"))

    assert (refused[:2], missing[:2]) == ((401, "Unauthorized"), (404, "ProjectNotExist"))
