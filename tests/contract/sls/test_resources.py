"""The SLS server's projects, logstores and indexes, through the official SDK."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from aliyun.log import (
    IndexKeyConfig,
)

from sandbox.clock import Clock
from sandbox.sls import Delays, SlsServer
from tests.contract.sls.world import (
    ACCOUNTS,
    SOURCE,
    TOKENS,
    World,
    full_text,
    refusal,
)


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


# Projects


def test_a_project_tells_its_owner_and_region(world: World) -> None:
    got = world.source.get_project("web")

    assert (got.get_owner(), got.get_region(), got.get_status()) == (
        SOURCE.id, "cn-hangzhou", "Normal",
    )  # fmt: skip
    assert got.get_description() == "shop"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", got.get_create_time())


def test_project_names_are_taken_across_accounts_and_free_again_after_delete(world: World) -> None:
    taken = refusal(lambda: world.target.create_project("web", ""))
    world.source.delete_project("web")
    gone = refusal(lambda: world.source.get_project("web"))
    world.target.create_project("web", "")

    assert taken[:2] == (400, "ProjectAlreadyExist")
    assert gone[:2] == (404, "ProjectNotExist")
    assert world.target.list_project().get_total() == 1
    assert world.source.list_project().get_total() == 0


def test_a_project_name_against_the_rules_is_refused(world: World) -> None:
    assert refusal(lambda: world.source.create_project("a", ""))[:2] == (400, "ParameterInvalid")


# Logstores


def test_a_logstore_is_created_read_changed_listed_and_deleted(world: World) -> None:
    world.source.create_logstore("web", "app", ttl=7, shard_count=3, auto_split=True)
    world.source.update_logstore("web", "app", ttl=9)
    got = world.source.get_logstore("web", "app")
    names = world.source.list_logstore("web").get_logstores()
    world.source.delete_logstore("web", "app")

    assert (got.get_ttl(), got.get_shard_count(), got.auto_split) == (9, 3, True)
    assert got.mode == "standard"
    assert names == ["app"]
    assert refusal(lambda: world.source.get_logstore("web", "app"))[:2] == (
        404, "LogStoreNotExist",
    )  # fmt: skip


def test_a_list_without_logstores_lacks_the_key(world: World) -> None:
    assert world.send("GET", "/logstores")[2] == {"count": 0, "total": 0}


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"logstore_name": "Capital"}, "logstore name Capital is invalid"),
        ({"logstore_name": "ab"}, "logstore name ab is invalid"),
        ({"ttl": 0}, "ttl 0 is invalid"),
        ({"shard_count": 0}, "shardCount 0 is invalid"),
        ({"max_split_shard": 257}, "maxSplitShard must be within range [1, 256]"),
        ({"max_split_shard": 0}, "maxSplitShard must be within range [1, 256]"),
    ],
)
def test_a_bad_logstore_is_refused_with_the_reason(
    world: World, settings: dict[str, Any], text: str
) -> None:
    wanted = {"logstore_name": "app"} | settings

    assert refusal(lambda: world.source.create_logstore("web", **wanted)) == (
        400, "LogStoreInfoInvalid", text,
    )  # fmt: skip


def test_a_second_logstore_of_the_name_is_refused(world: World) -> None:
    world.source.create_logstore("web", "app")

    assert refusal(lambda: world.source.create_logstore("web", "app")) == (
        400, "LogStoreAlreadyExist", "logstore app already exists",
    )  # fmt: skip


def test_an_unknown_key_in_a_logstore_is_redundant(world: World) -> None:
    body = json.dumps({"logstoreName": "app", "ttl": 1, "shardCount": 1, "colour": 1}).encode()

    assert world.send("POST", "/logstores", body)[2]["errorMessage"] == (
        "redundant key exist in json"
    )


def test_a_new_logstore_answers_get_at_once_but_log_and_index_calls_after_40_s(
    world: World,
) -> None:
    world.source.create_logstore("web", "app")
    world.source.get_logstore("web", "app")
    world.clock.forward(39)
    early = [
        refusal(lambda: world.source.create_index("web", "app", full_text())),
        refusal(lambda: world.source.list_shards("web", "app")),
        refusal(lambda: world.write(1)),
    ]
    world.clock.forward(1)
    world.source.create_index("web", "app", full_text())

    assert {error[:2] for error in early} == {(404, "LogStoreNotExist")}


def test_delays_shrink_with_the_clock() -> None:
    server = SlsServer(ACCOUNTS, Clock(speed=40), delays=Delays(logstore_ready=40))

    assert server.state.clock.real(server.state.delays.logstore_ready) == 1


def test_shards_cut_the_key_space_into_equal_parts(world: World) -> None:
    world.logstore(index=False)
    shards = world.source.list_shards("web", "app").get_shards_info()

    assert [(s["shardID"], s["status"], s["inclusiveBeginKey"][:2]) for s in shards] == [
        (0, "readwrite", "00"), (1, "readwrite", "80"),
    ]  # fmt: skip
    assert shards[-1]["exclusiveEndKey"] == "f" * 32


def test_paging_walks_through_more_than_500_names(world: World) -> None:
    for number in range(120):
        world.source.create_logstore("web", f"store-{number:03}")
    first = world.source.list_logstore("web")
    part = world.source.list_logstore("web", "store-11", offset=2, size=3)
    too_many = world.send("GET", "/logstores", params={"size": "501"})

    assert (first.get_count(), first.get_total()) == (100, 120)
    assert part.get_logstores() == ["store-112", "store-113", "store-114"]
    assert world.source.list_logstore("web", size=-1).get_count() == 120
    assert too_many[2]["errorCode"] == "ParameterInvalid"


# Indexes


def test_an_index_is_created_read_changed_and_deleted(world: World) -> None:
    world.logstore(index=False)
    world.source.create_index("web", "app", full_text({"level": IndexKeyConfig(TOKENS)}))
    first = world.send("GET", "/logstores/app/index")[2]
    world.source.update_index("web", "app", full_text({"code": IndexKeyConfig(index_type="long")}))
    second = world.source.get_index_config("web", "app").get_index_config().to_json()
    world.source.delete_index("web", "app")

    assert first["line"]["token"] == TOKENS
    assert (first["ttl"], first["storage"], first["index_mode"]) == (30, "pg", "v2")
    assert abs(first["lastModifyTime"] - world.clock.now()) < 5
    assert list(first["keys"]) == ["level"]
    assert list(second["keys"]) == ["code"]
    assert refusal(lambda: world.source.get_index_config("web", "app"))[:2] == (
        400, "IndexConfigNotExist",
    )  # fmt: skip


def test_index_errors_have_the_codes_of_the_service(world: World) -> None:
    world.logstore(index=False)
    source, index = world.source, full_text()
    missing = refusal(lambda: source.get_index_config("web", "app"))
    update = refusal(lambda: source.update_index("web", "app", index))
    delete = refusal(lambda: source.delete_index("web", "app"))
    bad = world.send("POST", "/logstores/app/index", b'{"line": {"token": "x"}}')
    source.create_index("web", "app", index)

    assert missing == (400, "IndexConfigNotExist", "index config doesn't exist.")
    assert update == delete == (400, "ParameterInvalid", "log store index is not created")
    assert bad[2]["errorCode"] == "IndexInfoInvalid"
    assert refusal(lambda: source.create_index("web", "app", index)) == (
        400, "IndexAlreadyExist", "Logstore index is already created.",
    )  # fmt: skip


def test_lines_received_before_the_index_took_effect_are_never_counted(world: World) -> None:
    world.logstore(index=False)
    start = world.write(5)
    world.source.create_index("web", "app", full_text())
    world.clock.forward(59)
    world.write(7)
    world.clock.forward(2)
    world.write(11)
    world.clock.forward(10)
    end = int(world.clock.now()) + 1

    assert world.histogram(start, end).get_total_count() == 11
    assert len(world.pulled()) == 23


def test_a_deleted_index_does_not_come_back_for_old_lines(world: World) -> None:
    world.logstore()
    start = world.write(5)
    world.source.delete_index("web", "app")
    world.source.create_index("web", "app", full_text())
    world.clock.forward(70)

    assert world.histogram(start, start + 100).get_total_count() == 0
