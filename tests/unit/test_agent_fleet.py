"""A fleet on a real SLS server: the hand-over by hand, counted from the files and the logstores."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

import pytest
from aliyun.log import (
    FullRegFileConfigDetail,
    LogClient,
    MachineGroupDetail,
)

from sandbox.clock import Clock
from sandbox.hosts.app import Habits
from sandbox.hosts.fleet import Fleet
from sandbox.hosts.root import CUSTOM_IDS, DELIVERED, USERS
from sandbox.sls.accounts import Account, Key
from sandbox.sls.server import SlsServer
from tests.unit.agent_kit import A, B

REGION = "cn-hangzhou"
NAMES = ("h1", "h2", "h3")
PATIENCE = 30.0
SEQ = re.compile(r"seq=(\d+) host=(\w+)")


def wait_for(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not happen within {PATIENCE:.0f} s")
        threading.Event().wait(0.05)


class Side:
    """One account's project, logstore, group and config, through the official SDK."""

    def __init__(self, server: SlsServer, account: str, project: str, custom_id: str) -> None:
        self.project, self.custom_id = project, custom_id
        self.client = LogClient(f"http://{REGION}.log.aliyuncs.com", f"ak-{account}", "secret")
        self.client._session.proxies = {"http": server.proxy}  # type: ignore[attr-defined]

    def make(self) -> None:
        self.client.create_project(self.project, "")
        self.client.create_logstore(self.project, "store")
        group = MachineGroupDetail("hosts", "userdefined", [self.custom_id])  # type: ignore[arg-type]
        self.client.create_machine_group(self.project, group)

    def collect(self, *, forced: bool) -> None:
        detail = FullRegFileConfigDetail(
            "store",
            "app-b",
            "/var/log/app-b",
            "*.log",
            "sample",
            logBeginRegex=".*",
            regex=r"(\d+-\d+-\d+ \d+:\d+:\d+),(\d+) (\w+) (\S+) (.*)",
            key=["time", "ms", "level", "service", "message"],
            timeFormat="%Y-%m-%d %H:%M:%S",
            timeKey="time",
            topicFormat="none",
            advanced={"force_multiconfig": forced},
        )
        self.client.create_logtail_config(self.project, detail)
        self.client.apply_config_to_machine_group(self.project, "app-b", "hosts")

    def withdraw(self) -> None:
        self.client.remove_config_to_machine_group(self.project, "app-b", "hosts")

    def machines(self) -> set[str]:
        found = self.client.list_machines(self.project, "hosts").get_machines()
        return {machine.ip for machine in found}

    def lines(self) -> Counter[tuple[str, int]]:
        """(host, seq) of every line, read by cursor."""
        found: Counter[tuple[str, int]] = Counter()
        for shard in (0, 1):
            cursor = self.client.get_cursor(self.project, "store", shard, "begin").get_cursor()
            while True:
                pulled = self.client.pull_logs(self.project, "store", shard, cursor)
                for line in pulled.get_flatten_logs_json():
                    seq, host = SEQ.search(line["message"]).groups()  # type: ignore[union-attr]
                    found[host, int(seq)] += 1
                if pulled.get_next_cursor() == cursor:
                    break
                cursor = pulled.get_next_cursor()
        return found


class World:
    def __init__(self, folder: Path, habits: Habits) -> None:
        keys = (Account(one, REGION, (Key(f"ak-{one}", "secret"),)) for one in (A, B))
        clock = Clock(120.0)
        self.server = SlsServer(tuple(keys), clock).start()
        self.fleet = Fleet(
            folder,
            NAMES,
            account_id=B,
            region=REGION,
            clock=clock,
            door=self.server.door,
            habits=habits,
        )
        self.fleet.start()
        self.b = Side(self.server, B, "project-b", "app-b-hosts")
        self.a = Side(self.server, A, "project-a", "application_b")

    def stop(self) -> None:
        self.fleet.stop()
        self.server.stop()

    def collect_into_source(self) -> None:
        """Lead the world to where it was before any migration."""
        self.b.make()
        self._wait_until_ready(self.b)
        self.b.collect(forced=False)

    def prepare_target(self) -> None:
        """Make everything in the target but the config, and give every host its identity."""
        self.a.make()
        for host in self.fleet.hosts:
            (host.root / USERS).mkdir()
            (host.root / USERS / A).touch()
            with (host.root / CUSTOM_IDS).open("a") as ids:
                ids.write("\napplication_b\n")
        wait_for(lambda: len(self.a.machines()) == len(NAMES), "a heartbeat of every host")
        self._wait_until_ready(self.a)

    def starts(self) -> dict[str, dict[str, int]]:
        """By host, the truth's entry of the moment when its agent took the target's config."""
        told = [
            (host.name, json.loads(line))
            for host in self.fleet.hosts
            for line in host.truth.read_text().splitlines()
        ]
        return {
            name: entry
            for name, entry in told
            if entry["what"] == "taken" and "project-a$" in entry["config"]
        }

    def delivered(self) -> str:
        """All that is listed as delivered on any host."""
        return "".join((host.root / DELIVERED).read_text() for host in self.fleet.hosts)

    def alarmed(self) -> int:
        """On how many hosts several configs compete for a file."""
        all_alarms = [agent.alarms.recorded for agent in self.fleet.agents.values()]
        return sum(any("MULTI" in one.kind for one in alarms) for alarms in all_alarms)

    def files(self, host: str) -> list[Path]:
        """Return a host's log files from the oldest to the newest."""
        folder = self.fleet.root(host) / "var/log/app-b"
        return sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)

    def written(self, host: str) -> list[str]:
        """Return a host's lines in the order of writing."""
        return "".join(file.read_text() for file in self.files(host)).splitlines(keepends=True)

    def wait_for_the_start(self) -> None:
        wait_for(lambda: len(self.starts()) == len(NAMES), "the start of every host in the target")

    def wait_for_more_lines(self) -> None:
        apps = self.fleet.apps
        then = {name: app.written for name, app in apps.items()}
        wait_for(lambda: all(apps[n].written > then[n] + 30 for n in NAMES), "30 lines more")

    def bytes_before(self, host: str, inode: int) -> int:
        """How much of a host's log lies in files older than the one of `inode`."""
        sizes = [(file.stat().st_ino, file.stat().st_size) for file in self.files(host)]
        place = [one for one, _ in sizes].index(inode)
        return sum(size for _, size in sizes[:place])

    def finish(self) -> None:
        self.fleet.stop_writing()
        wait_for(self.fleet.caught_up, "the shipping of everything written")

    def _wait_until_ready(self, side: Side) -> None:
        logstore = self.server.state.projects[side.project].logstores["store"]
        wait_for(lambda: logstore.ready_at <= time.time(), f"readiness of {side.project}")


@pytest.fixture(params=[None, 20_000], ids=["no rotation", "rotation"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    habits = Habits(rate=60, burst_every=2.0, burst_seconds=0.5, rotate_bytes=request.param)
    world = World(tmp_path, habits)
    yield world
    world.stop()


def held_by(lines: Counter[tuple[str, int]], host: str) -> list[int]:
    """Return the sequence numbers of a host's lines, as often as they occur."""
    return sorted(seq for name, seq in lines.elements() if name == host)


def test_dual_collection_and_a_hand_over_lose_and_double_nothing(world: World) -> None:
    world.collect_into_source()
    world.prepare_target()
    world.a.collect(forced=True)
    world.wait_for_the_start()
    world.wait_for_more_lines()
    world.b.withdraw()
    wait_for(lambda: "project-b$" not in world.delivered(), "the end of the source's config")
    world.wait_for_more_lines()
    world.finish()
    in_a, in_b = world.a.lines(), world.b.lines()

    for host in NAMES:
        a, b, last = held_by(in_a, host), held_by(in_b, host), world.fleet.apps[host].written
        assert a == list(range(a[0], last + 1))
        assert b == list(range(b[0], b[-1] + 1))
        assert a[0] < b[-1] < last


def test_a_target_config_without_the_force_flag_gets_nothing_beside_the_sources(
    world: World,
) -> None:
    world.collect_into_source()
    world.prepare_target()
    b_since = world.server.state.projects["project-b"].configs["app-b"]["createTime"]
    wait_for(lambda: time.time() >= b_since + 1, "a later second for the target's config")
    world.a.collect(forced=False)
    wait_for(lambda: world.alarmed() == len(NAMES), "the alarm of every host")
    world.finish()
    in_b = world.b.lines()

    assert not world.a.lines()
    for host in NAMES:
        b = held_by(in_b, host)
        assert b == list(range(b[0], world.fleet.apps[host].written + 1))


def test_every_line_behind_the_size_in_the_journal_is_in_the_target(world: World) -> None:
    world.collect_into_source()
    world.prepare_target()
    world.a.collect(forced=True)
    world.wait_for_the_start()
    world.wait_for_more_lines()
    world.finish()
    in_a = world.a.lines()

    for host, entry in world.starts().items():
        older = world.bytes_before(host, entry["inode"])
        ends = accumulate(len(line.encode()) for line in world.written(host))
        since = {at for at, end in enumerate(ends, 1) if end > older + entry["size"]}
        assert len(since) >= 30
        assert since <= set(held_by(in_a, host))


def test_the_agents_have_not_caught_up_before_they_looked_once_more(tmp_path: Path) -> None:
    world = World(tmp_path, Habits(rate=60))
    world.collect_into_source()
    with world.fleet.agents["h1"]._lock:  # no round can end
        world.fleet.stop_writing()
        early = world.fleet.caught_up()
    wait_for(world.fleet.caught_up, "a look at all files after the last line")
    world.stop()

    assert not early
