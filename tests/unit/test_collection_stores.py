"""The target's logstore, index and machine group, made of the source's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.shapes import SHAPES
from tests.shapes.stores import OWN_KEY
from tests.unit.collection_kit import NAMES, STORE, Body, config, found, refusal
from workflows.collection.carry_store import left_behind
from workflows.collection.compare import differences
from workflows.collection.derive import FULL_TEXT, wanted
from workflows.collection.found import Wanted


def stored(**more: Any) -> Wanted:
    there = more.pop("there", False)
    shards = more.pop("shards", 3)
    return wanted(found(logstore=STORE | more, shards=shards), NAMES, logstore_is_there=there)


def test_a_logstore_keeps_its_settings_and_loses_what_the_service_sets() -> None:
    made = stored(mode="query", hot_ttl=30, resourceQuota={}, productType="x", enableModify=None)

    assert made.logstore == {
        "logstoreName": "store-a", "ttl": 90, "shardCount": 3, "mode": "query", "hot_ttl": 30,
    }  # fmt: skip


def test_what_is_read_and_never_sent_or_not_known_is_left_behind() -> None:
    made = stored(hot_ttl=-1, futureTier={"cold": 1})

    assert made.logstore.keys() == {"logstoreName", "ttl", "shardCount"}
    assert left_behind(STORE | {"futureTier": 1}) == ("futureTier",)


@pytest.mark.parametrize(("shards", "made"), [(40, 10), (7, 7), (0, 3)])
def test_shards_are_as_many_as_take_lines_and_no_more_than_a_new_logstore_may_have(
    shards: int, made: int
) -> None:
    assert stored(shards=shards).logstore["shardCount"] == made


def test_a_key_of_the_service_is_carried_and_one_of_the_source_s_account_is_not() -> None:
    ours = {"enable": True, "encrypt_type": "default"}
    theirs = ours | {"user_cmk_info": OWN_KEY}

    assert stored(encrypt_conf=ours).logstore["encrypt_conf"] == ours
    assert "encrypt_conf" not in stored(encrypt_conf=theirs | {"enable": False}).logstore
    assert refusal(found(logstore=STORE | {"encrypt_conf": theirs})) == (
        "logstore app", "encrypt_conf.user_cmk_info",
        "it is encrypted with the source account's KMS key f5136b95",
        "Create logstore store-a in the target by hand, with a key of its own; then Retry.",
    )  # fmt: skip
    assert refusal(found(logstore=STORE | {"processorId": "p1"}))[1:3] == (
        "processorId", "what it receives goes through the source account's processor p1",
    )  # fmt: skip


def test_a_logstore_that_a_person_made_keeps_its_key_and_shows_it_as_a_difference() -> None:
    theirs = {"enable": True, "encrypt_type": "default", "user_cmk_info": OWN_KEY}
    made = stored(encrypt_conf=theirs, there=True).logstore
    there = made | {"encrypt_conf": theirs | {"user_cmk_info": OWN_KEY | {"cmk_key_id": "a"}}}

    assert "encrypt_conf" not in made
    assert [one.path for one in differences(made, there)] == ["encrypt_conf"]


def test_an_index_is_carried_raw_and_a_missing_one_becomes_full_text() -> None:
    keys = {"level": {"type": "text", "token": [","], "futureOption": 1}}
    made = wanted(found(index={"keys": keys, "ttl": 7, "index_mode": "v2", "new": 1}), NAMES).index

    assert made == {"keys": keys, "new": 1}
    assert wanted(found(), NAMES).index == FULL_TEXT


def groups(**topics: str) -> Body:
    return {name: {"groupAttribute": {"groupTopic": topic}} for name, topic in topics.items()}


def test_the_group_has_the_custom_id_and_the_topic_of_the_source_s_groups() -> None:
    assert wanted(found(config(SHAPES["spl"])), NAMES).group == {
        "groupName": "hosts-a", "groupType": "", "machineIdentifyType": "userdefined",
        "machineList": ["cart-b"], "groupAttribute": {"groupTopic": "t", "externalName": ""},
    }  # fmt: skip


def test_two_topics_matter_only_where_a_config_writes_its_group_s() -> None:
    at = {"groups": groups(g1="web", g2="batch", g3="elsewhere")}
    reads, writes = (
        replace(config(SHAPES[claim]), groups=("g1", "g2"))
        for claim in ("spl", "the topic of the machine group")
    )
    topic = wanted(found(reads, **at), NAMES).group["groupAttribute"]["groupTopic"]
    thing, path, text, _ = refusal(found(writes, **at))

    assert topic == ""
    assert (thing, path) == ("machine group g1", "groupAttribute.groupTopic")
    assert "g1 has 'web', g2 has 'batch'; in" in text
