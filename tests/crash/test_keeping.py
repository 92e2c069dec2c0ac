"""A logstore that the target has already: kept if a person agrees, and only as it was shown."""

from __future__ import annotations

from typing import Any

import pytest

from tests.crash.test_crashes import agreeing
from tests.crash.test_dangers import look_until_stopped, until
from tests.crash.test_steps_alone import alone
from tests.crash.world import ALICE, BOB, World
from workflows.errors import StepFailed
from workflows.model import EventKind, JobState, RecordState
from workflows.steps import destination


def with_their_logstore(**more: Any) -> World:
    world = World()
    world.target.logstore_bodies["app-b"] = {"logstoreName": "app-b", "ttl": 7, "shardCount": 2}
    world.target.indexes["app-b"] = {"line": {"token": [","]}, **more}
    return world.start()


def test_a_logstore_that_is_another_is_kept_only_if_a_person_agrees() -> None:
    world = until(with_their_logstore(), lambda w: w.asked() == "keep?")
    asked = world.store.told["J1"][-1]

    assert asked.lines == (
        "logstore app-b: ttl: 30 is wanted, there is 7",
        "logstore app-b of project shop-a stays as it is, and the app's lines go into it",
    )
    assert world.target.journal == []
    world.live(agreeing)
    assert world.job.state is JobState.SUCCEEDED
    assert world.target.logstore_bodies["app-b"]["ttl"] == 7
    assert "create logstore app-b" not in world.target.journal


def test_an_index_that_is_another_is_asked_about_too() -> None:
    world = until(with_their_logstore(max_text_len=64), lambda w: w.asked() == "keep?")

    lines = world.store.told["J1"][-1].lines
    assert [line for line in lines if line.startswith("index of app-b: max_text_len")]


def test_who_declines_is_told_the_other_way_and_a_retry_asks_anew_or_not_at_all() -> None:
    world = until(with_their_logstore(), lambda w: w.asked() == "keep?")
    world.service.decline("J1", "keep?", world.job.record("keep?").shown, BOB)
    assert world.job.hint.startswith("Make it equal by hand, then Retry asks anew; or Roll back")
    world.target.logstore_bodies["app-b"]["ttl"] = 30
    world.service.retry("J1", ALICE)
    world.live(agreeing)

    assert world.job.state is JobState.SUCCEEDED
    assert world.job.record("keep?").state is RecordState.ALREADY
    assert world.job.record("hosts").hosts != ()


def test_a_logstore_that_is_equal_is_asked_about_by_nobody() -> None:
    world = World()
    world.target.logstore_bodies["app-b"] = {"logstoreName": "app-b", "ttl": 30, "shardCount": 2}
    world.start().live(agreeing)

    asked = [event.step for event in world.store.told["J1"] if event.kind is EventKind.ASKED]
    assert asked == ["stop?", "delete?"]


@pytest.mark.parametrize("ttl", [7, 9])
def test_a_logstore_that_came_or_changed_after_the_question_is_not_taken(ttl: int) -> None:
    world = with_their_logstore() if ttl == 9 else World().start()
    until(world, lambda w: w.job.record("heartbeats").state is RecordState.ALREADY)
    world.target.logstore_bodies["app-b"] = {"logstoreName": "app-b", "ttl": ttl, "shardCount": 2}
    look_until_stopped(world)

    assert "not as it was when people were asked: logstore app-b: ttl: 30" in world.job.reason
    assert world.target.logstore_bodies["app-b"]["ttl"] == ttl


def test_a_logstore_that_was_there_and_is_gone_is_named() -> None:
    world = with_their_logstore()
    before = {"logstore": {"ttl": 7}, "index": None, "create_logstore": None, "create_index": {}}
    world.target.logstore_bodies.clear()

    with pytest.raises(StepFailed, match="logstore app-b of project shop-a was there and is gone"):
        destination.create(alone(world), before)


def test_a_logstore_with_a_key_of_its_own_that_goes_is_not_made_again_without_one() -> None:
    world = World()
    key = {"cmk_key_id": "k-1", "arn": "acs:ram::1:role/r", "region_id": "cn-hangzhou"}
    body = {**world.source.logstore_bodies["old-logs"]}
    body["encrypt_conf"] = {"enable": True, "encrypt_type": "default", "user_cmk_info": key}
    world.source.logstore_bodies["old-logs"] = body
    by_hand = {"logstoreName": "app-b", "ttl": 30, "shardCount": 2, "encrypt_conf": {}}
    world.target.logstore_bodies["app-b"] = by_hand
    until(world.start(), lambda w: w.job.record("heartbeats").state is RecordState.ALREADY)
    world.target.logstore_bodies.clear()
    look_until_stopped(world)

    assert "KMS key k-1" in world.job.reason
    assert world.target.logstore_bodies == {}
