"""Logstores of the SLS server: splitting, modes, encryption, and how long lines are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.sls.settings import DAY
from tests.contract.sls.world import World

RANGE = "maxSplitShard must be within range [1, 256]"


@pytest.fixture
def world() -> Iterator[World]:
    with World() as made:
        yield made


def sent(world: World, method: str, **body: Any) -> tuple[int, str, str]:
    path = "/logstores" if method == "POST" else "/logstores/app"
    whole = {"logstoreName": "app", "ttl": 7, "shardCount": 2} | body
    status, _, answer = world.send(method, path, json.dumps(whole).encode())
    said = answer or {}
    return status, said.get("errorCode", ""), said.get("errorMessage", "")


@pytest.mark.parametrize("most", [1, 256])
def test_automatic_splitting_takes_1_to_256_shards(world: World, most: int) -> None:
    assert sent(world, "POST", autoSplit=True, maxSplitShard=most) == (200, "", "")


@pytest.mark.parametrize(
    "body",
    [{"autoSplit": True}, {"autoSplit": True, "maxSplitShard": 0}, {"maxSplitShard": 257},
     {"autoSplit": True, "maxSplitShard": 1000}],
)  # fmt: skip
def test_other_numbers_of_shards_are_refused_in_the_service_s_words(
    world: World, body: dict[str, Any]
) -> None:
    assert sent(world, "POST", **body) == (400, "LogStoreInfoInvalid", RANGE)


def test_an_update_that_turns_splitting_on_needs_its_bound_too(world: World) -> None:
    sent(world, "POST")
    refused = sent(world, "PUT", autoSplit=True)

    assert refused == (400, "LogStoreInfoInvalid", RANGE)
    assert world.source.get_logstore("web", "app").auto_split is False


def test_a_standard_logstore_stays_standard_and_a_lite_one_may_become_it(world: World) -> None:
    sent(world, "POST")
    refused = sent(world, "PUT", mode="lite")
    world.source.delete_logstore("web", "app")
    sent(world, "POST", mode="lite")
    changed = sent(world, "PUT", mode="standard")

    assert refused[:2] == (400, "NotSupported")
    assert changed[0] == 200


def test_an_update_without_a_mode_leaves_it(world: World) -> None:
    sent(world, "POST", mode="query")
    done = sent(world, "PUT", ttl=9)

    assert (done[0], world.send("GET", "/logstores/app")[2]["mode"]) == (200, "query")


def test_an_unknown_encryption_is_refused_in_the_service_s_words(world: World) -> None:
    text = "The encrypt_conf is invalid, [encrypt_type] key is missing or not supported"
    unknown = sent(world, "POST", encrypt_conf={"enable": True, "encrypt_type": "typex"})
    missing = sent(world, "POST", encrypt_conf={"enable": True})

    assert unknown == missing == (400, "LogStoreInfoInvalid", text)
    assert sent(world, "POST", encrypt_conf={"enable": False}) == (200, "", "")


def test_a_list_is_filtered_by_mode_and_telemetry_type(world: World) -> None:
    for name, more in (("one", {"mode": "query"}), ("two", {"telemetryType": "Metrics"})):
        sent(world, "POST", logstoreName=name, **more)
    found = [
        world.send("GET", "/logstores", params=params)[2].get("logstores")
        for params in ({"mode": "query"}, {"telemetryType": "Metrics"}, {"mode": "xxxxx"})
    ]

    assert found == [["one"], ["two"], None]


@pytest.mark.parametrize(
    ("ttl", "days", "left"), [(1, 2, 0), (3, 2, 2), (3649, 3651, 0), (3650, 3651, 2)]
)
def test_lines_are_kept_for_ttl_days_after_they_were_received(
    world: World, ttl: int, days: int, left: int
) -> None:
    world.logstore(index=False, ttl=ttl)
    world.write(2)
    world.clock.forward(days * DAY)
    logstore = world.server.state.project("web").ready_logstore("app", world.clock.now())

    assert (len(logstore.groups()), logstore.kept) == (left and 1, left)
