"""Topics and tags."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.hosts.topics import classic_topic, pipeline_topic
from tests.unit.agent_kit import LOG, Bench, delivered


@pytest.mark.parametrize(
    ("form", "topic", "tags"),
    [
        ("none", "", {}),
        ("default", "", {}),
        ("group_topic", "orders", {}),
        ("customized://prod", "prod", {}),
        (r"/var/log/(.*)/.*", "app-b", {}),
        (r"/var/(.*)/(.*)/.*", "log_app-b", {"__topic_1__": "log", "__topic_2__": "app-b"}),
        (r"/var/log/(?<service>.*)/.*", "app-b", {"service": "app-b"}),
        (r"/srv/(.*)", "", {}),
    ],
)
def test_a_topic_is_what_the_format_says(form: str, topic: str, tags: dict[str, str]) -> None:
    assert classic_topic({"topicFormat": form}, "orders").of(LOG) == (topic, tags)


def test_the_number_of_a_rotated_file_is_no_part_of_its_topic() -> None:
    topic = classic_topic({"topicFormat": r"/var/log/app-b/(.*)"}, "")

    assert topic.of(f"{LOG}.1")[0] == "app.log"
    assert topic.of(f"{LOG}.9")[0] == "app.log.9"


def test_an_apsara_config_has_the_path_without_suffix_as_its_default_topic() -> None:
    topic = classic_topic({"topicFormat": "default", "logType": "apsara_log"}, "")

    assert topic.of(LOG)[0] == "/var/log/app-b/app"
    assert topic.of("/x/app.log.1")[0] == "/x/app"


@pytest.mark.parametrize(
    ("about", "topic"),
    [
        ({}, ""),
        ({"TopicType": "custom", "TopicFormat": "prod"}, "prod"),
        ({"TopicType": "machine_group_topic", "TopicFormat": "orders"}, "orders"),
        ({"TopicType": "filepath", "TopicFormat": r"/var/log/(.*)/.*"}, "app-b"),
        ({"TopicType": "filepath"}, ""),
        ({"TopicType": "default"}, ""),
    ],
)
def test_a_pipelines_topic_is_what_its_global_part_says(about: dict[str, Any], topic: str) -> None:
    assert pipeline_topic(about, apsara=False).of(LOG)[0] == topic


def test_the_machine_groups_topic_comes_with_the_delivery(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\n")
    bench.deliver(replace(delivered(topicFormat="group_topic"), group_topic="orders"))

    assert bench.door.groups[0][3].topic == "orders"


def test_positions_are_shipped_where_asked_for(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write("one\ntwo\n")
    bench.deliver(delivered(advanced={"enable_log_position_meta": True}))

    assert [line["__file_offset__"] for line in bench.door.fields()] == ["0", "4"]
    assert bench.door.groups[0][3].tags["__inode__"] == str(bench.path().stat().st_ino)


def test_packs_of_one_file_are_numbered(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.deliver(delivered())
    for text in ("one\n", "two\n"):
        bench.write(text)
        bench.round(1)
    packs = [group.tags["__pack_id__"] for *_, group in bench.door.groups]

    assert [pack.split("-")[1] for pack in packs] == ["0", "1"]
    assert len({pack.split("-")[0] for pack in packs}) == 1
