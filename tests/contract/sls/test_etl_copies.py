"""What ETL jobs copy: which lines, how often, and where they go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.sls import Delays, Etl, Limits
from sandbox.sls.consumer import ConsumerGroup
from sandbox.sls.door import LogGroup
from tests.contract.sls.copying import Copying, sink, writer
from tests.contract.sls.world import SOURCE


@pytest.fixture
def world() -> Iterator[Copying]:
    with Copying() as made:
        yield made


def put_line(world: Copying, text: str, second: int, **more: Any) -> None:
    """A line from an agent, with the time that its application gave it."""
    group = LogGroup(logs=[(second, {"message": text})], **({"topic": "", "source": ""} | more))
    assert world.server.door.put(frozenset({SOURCE.id}), "web", "app", group) == 200


def test_lines_keep_time_topic_source_and_tags_and_are_received_anew(world: Copying) -> None:
    long_ago = int(world.clock.now()) - 3600
    tags = {"__path__": "/var/log/app.log", "__hostname__": "h1"}
    put_line(world, "grüße", long_ago, topic="shop", source="10.0.0.9", tags=tags)
    world.clock.forward(100)
    world.running()
    (line,) = world.copied()
    shards = world.target.list_shards("shop", "copy").get_shards_info()
    kept = [
        world.server.state.projects["shop"].logstores["copy"].tapes[s["shardID"]] for s in shards
    ]
    (received,) = [group.received for tape in kept for group in tape.groups()]

    assert (line["message"], line["__topic__"], line["__source__"]) == ("grüße", "shop", "10.0.0.9")
    assert int(line["__time__"]) == long_ago
    assert {key: line[f"__tag__:{key}"] for key in tags} == tags
    assert received == pytest.approx(world.clock.now(), abs=5)


def test_new_lines_follow_while_the_job_runs(world: Copying) -> None:
    world.running()
    for count in (1, 2, 3):
        world.arrive(count)

    assert len(world.copied()) == 6
    assert world.status() == "RUNNING"


def test_a_line_comes_to_the_runner_some_seconds_after_its_receipt(world: Copying) -> None:
    world.running()
    world.write(1)
    assert world.copied() == []

    world.clock.forward(3)
    assert len(world.copied()) == 1


def test_a_job_runs_though_nobody_looks() -> None:
    at_once = Delays(logstore_ready=0, job_start=0, job_lag=0)
    with Copying(delays=at_once) as world:
        world.write(3)
        world.make()
        copy = world.server.state.projects["shop"].logstores["copy"]
        deadline = time.monotonic() + 10
        while copy.kept < 3 and time.monotonic() < deadline:
            threading.Event().wait(0.02)

        assert copy.kept == 3


def test_the_window_is_by_receipt_and_ends_the_job_when_it_is_over(world: Copying) -> None:
    put_line(world, "before", int(world.clock.now()))
    world.clock.forward(10)
    start = int(world.clock.now())
    put_line(world, "an hour old, and received within", start - 3600)
    world.clock.forward(10)
    stop = int(world.clock.now()) + 1
    world.make(fromTime=start, toTime=stop)
    world.clock.forward(20)
    put_line(world, "after", start)
    world.clock.forward(10)

    assert world.status() == "SUCCEEDED"
    assert world.messages() == ["an hour old, and received within"]


def test_a_window_that_ends_later_keeps_the_job_running_until_then(world: Copying) -> None:
    world.running(toTime=int(world.clock.now()) + 60)
    world.arrive(1)
    assert (world.status(), len(world.copied())) == ("RUNNING", 1)

    world.clock.forward(45)
    assert world.status() == "SUCCEEDED"


def test_a_stopped_job_goes_on_where_it_was(world: Copying) -> None:
    world.arrive(2)
    world.running()
    world.copied()
    world.source.stop_etl("web", "copy")
    world.clock.forward(10)
    put_line(world, "meanwhile", int(world.clock.now()))
    world.clock.forward(10)
    assert world.messages() == ["line 0", "line 1"]

    world.source.start_etl("web", "copy")
    world.clock.forward(20)
    assert world.messages() == ["line 0", "line 1", "meanwhile"]


def test_a_job_run_anew_begins_from_scratch_and_doubles_its_lines(world: Copying) -> None:
    world.arrive(2)
    world.running()
    assert len(world.copied()) == 2
    assert world.restart()[0] == 200
    world.clock.forward(20)

    assert world.messages() == ["line 0", "line 0", "line 1", "line 1"]
    assert len(world.groups()) == 1


def test_a_runner_that_dies_before_its_checkpoint_doubles_one_batch() -> None:
    with Copying(etl=Etl(dies_at=frozenset({2}))) as world:
        world.running()
        for text in ("first", "second", "third"):
            put_line(world, text, int(world.clock.now()))
            world.clock.forward(4)
            world.messages()

        assert world.messages() == ["first", "second", "second", "third"]
        assert world.status() == "RUNNING"


def test_deaths_by_chance_are_the_same_for_the_same_seed() -> None:
    drawn = [Etl(death_chance=0.3, seed=seed) for seed in (1, 1, 2)]
    first, again, other = ([n for n in range(100) if etl.dies("copy", n)] for etl in drawn)

    assert first == again != other
    assert 15 < len(first) < 45
    assert not any(Etl().dies("copy", n) for n in range(100))
    with pytest.raises(ValueError, match="below 1"):
        Etl(death_chance=1)


def test_lines_of_shards_split_on_the_way_are_copied_once(world: Copying) -> None:
    world.running()
    world.arrive(2)
    world.source.split_shard("web", "app", 0, "40000000000000000000000000000000")
    for _ in range(4):
        world.arrive(1)

    assert world.messages() == sorted(["line 0", "line 1", *["line 0"] * 4])


def test_the_script_chooses_the_sink(world: Copying) -> None:
    world.target.create_logstore("shop", "second")
    world.clock.forward(40)
    world.take_on(writer(logstore="*"))
    second = world.server.state.projects["shop"].logstores["second"]
    sinks = [sink(), sink(name="b", logstore="second")]
    world.arrive(1)
    world.running(script='e_output("b")', sinks=sinks)
    assert (world.status(), world.copied(), second.kept) == ("RUNNING", [], 1)

    world.running("first", script="", sinks=sinks)
    assert (len(world.copied()), second.kept) == (1, 1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"logstore": "other"}, "Unauthorized"),
        ({"sinks": [sink(project="nowhere")]}, "ProjectNotExist"),
        ({"sinks": [sink(endpoint="cn-beijing.log.aliyuncs.com")]}, "ProjectNotExist"),
        ({"sinks": [sink(endpoint="cn-beijing-intranet.log.aliyuncs.com")]}, "InvalidHost"),
        ({"sinks": [sink(logstore="other")]}, "Unauthorized"),
    ],
)
def test_a_source_or_sink_that_is_not_there_fails_the_job(
    world: Copying, change: dict[str, Any], why: str
) -> None:
    world.running(**change)

    assert world.status() == "FAILED"
    assert why in world.why()


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_logstore_deleted_on_the_way_fails_the_job(world: Copying, side: str) -> None:
    world.running()
    assert world.status() == "RUNNING"
    if side == "source":
        world.source.delete_logstore("web", "app")
    else:
        world.target.delete_logstore("shop", "copy")

    assert world.status() == "FAILED"
    assert "LogStoreNotExist" in world.why()


def test_a_job_uses_one_of_the_consumer_groups_that_a_logstore_may_have(world: Copying) -> None:
    most = Limits().consumer_groups
    taken = {f"g{n}": ConsumerGroup(f"g{n}", order=False, timeout=60) for n in range(most - 1)}
    world.groups().update(taken)
    world.running("one")
    world.running("two")

    assert (world.status("one"), world.status("two")) == ("RUNNING", "FAILED")
    assert "consumer groups" in world.why("two")


@pytest.mark.parametrize(("takes", "status"), [(True, "RUNNING"), (False, "FAILED")])
def test_lines_too_old_for_a_put_are_copied_or_not_as_chosen(takes: bool, status: str) -> None:
    with Copying(etl=Etl(old_lines=takes), limits=Limits(put_oldest=100)) as world:
        put_line(world, "old", int(world.clock.now()) - 90)
        world.clock.forward(20)
        world.running()

        assert (world.status(), len(world.copied())) == (status, int(takes))


@pytest.mark.parametrize("chance", [0, 0.5])
def test_many_lines_all_come_though_the_runner_may_die(chance: float) -> None:
    with Copying(etl=Etl(death_chance=chance, seed=3)) as world:
        for number in range(900):
            put_line(world, f"{number}", int(world.clock.now()))
        world.clock.forward(4)
        world.running()
        deadline = time.monotonic() + 20
        while len(set(found := world.messages())) < 900 and time.monotonic() < deadline:
            pass

        assert set(found) == {f"{number}" for number in range(900)}
        assert (len(found) > 900) == (chance > 0)
