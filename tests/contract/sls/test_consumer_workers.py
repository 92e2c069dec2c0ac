"""The official consumer library, unmodified, on the SLS server: every line once, on two workers."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aliyun.log import LogItem, PutLogsRequest
from aliyun.log.consumer import (
    ConsumerProcessorBase,
    ConsumerWorker,
    CursorPosition,
    LogHubConfig,
)

from tests.contract.sls.world import ENDPOINT, SOURCE_KEY, World

PATIENCE = 25.0
LINES = 120


class Heard:
    """What the workers processed, by worker: each line with its shard."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lines: dict[str, list[tuple[int, str]]] = {"one": [], "two": []}

    def total(self) -> int:
        with self.lock:
            return sum(map(len, self.lines.values()))

    def add(self, worker: str, found: list[tuple[int, str]]) -> None:
        with self.lock:
            self.lines[worker] += found


class Reader(ConsumerProcessorBase):  # type: ignore[misc]
    """Notes lines under the name of its worker."""

    def __init__(self, worker: str, heard: Heard) -> None:
        super().__init__()
        self.worker, self.heard = worker, heard

    def process(self, log_groups: Any, check_point_tracker: Any) -> None:
        contents = [c for group in log_groups.LogGroups for log in group.Logs for c in log.Contents]
        texts = [str(content.Value) for content in contents if content.Key == "message"]
        self.heard.add(self.worker, [(self.shard_id, text) for text in texts])
        self.save_checkpoint(check_point_tracker, force=True)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with World() as made:
        made.logstore(index=False, shard_count=4)
        monkeypatch.setenv("HTTP_PROXY", made.server.proxy)
        yield made


def worker(name: str, heard: Heard) -> Any:
    options = LogHubConfig(
        ENDPOINT, SOURCE_KEY.id, SOURCE_KEY.secret, "web", "app", "readers", name,
        cursor_position=CursorPosition.BEGIN_CURSOR, heartbeat_interval=1,
        data_fetch_interval=0.1,
    )  # fmt: skip
    return ConsumerWorker(Reader, options, args=(name, heard))


def until(happened: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not happened():
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} s: {what}"
        pause.wait(0.05)


def write(world: World, first: int) -> None:
    for number in range(first, first + LINES):
        item = LogItem(int(world.clock.now()), contents=[("message", f"line {number}")])
        world.source.put_logs(PutLogsRequest("web", "app", logitems=[item]))


def shares(world: World) -> Counter[str]:
    group = world.server.state.project("web").logstores["app"].consumer_groups["readers"]
    return Counter(group.holders.values())


def consume(name: str, heard: Heard) -> None:
    """Let one worker process a whole writing, and go."""
    one = worker(name, heard)
    one.start()
    try:
        until(lambda: heard.total() >= LINES, f"all lines for {name}")
    finally:
        stop([one])


def stop(workers: list[Any]) -> None:
    for one in workers:
        one.shutdown()
    for one in workers:
        one.join(PATIENCE)
        one.heart_beat.join(PATIENCE)
        one.consumer_client.mclient._session.close()


def test_two_workers_share_the_shards_and_process_each_line_once(world: World) -> None:
    heard = Heard()
    write(world, 0)
    workers = [worker("one", heard)]
    try:
        workers[0].start()
        until(lambda: heard.total() == LINES, "the lines that were there")
        workers.append(worker("two", heard))
        workers[1].start()
        until(lambda: shares(world) == Counter(one=2, two=2), "two shards each")
        write(world, LINES)
        until(lambda: heard.total() >= 2 * LINES, "the lines that came then")
    finally:
        stop(workers)
    texts = Counter(text for lines in heard.lines.values() for _, text in lines)

    assert texts == Counter({f"line {number}": 1 for number in range(2 * LINES)})
    assert all(len({shard for shard, _ in lines}) >= 2 for lines in heard.lines.values())


def test_a_worker_that_comes_later_goes_on_at_the_checkpoints(world: World) -> None:
    first, second = Heard(), Heard()
    write(world, 0)
    consume("one", first)
    world.clock.forward(5)  # the group forgets the first worker
    write(world, LINES)
    consume("two", second)

    assert first.total() == LINES
    assert sorted(int(text[5:]) for _, text in second.lines["two"]) == list(range(LINES, 2 * LINES))
