"""Heartbeats, and how a config comes to a host."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.hosts.due import Due
from sandbox.hosts.root import DELIVERED
from sandbox.simulate.clock import VirtualClock
from sandbox.simulate.service import REGION, SOURCE, TARGET, Service
from sandbox.sls.door import Beat, Door
from tests.unit.agent_kit import NOON, B, Bench, delivered


def keys_on_host(bench: Bench) -> set[str]:
    return set(json.loads((bench.root / DELIVERED).read_text())["metrics"])


def test_a_heartbeat_says_who_and_what(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.start()
    [beat] = bench.door.beats

    assert (beat.ip, beat.region, beat.version) == ("10.0.0.11", "cn-hangzhou", "1.8.8")
    assert (beat.ids, beat.accounts) == (("app-b-hosts",), frozenset({B}))
    assert beat.unique_id == bench.machine.unique_id


def test_heartbeats_come_at_least_once_a_minute(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.start()
    counts = []
    for _ in range(10):
        before = len(bench.door.beats)
        for _ in range(60):
            bench.round(1)
        counts.append(len(bench.door.beats) - before)

    assert min(counts) >= 1
    assert max(counts) <= 5


def test_a_new_config_arrives_within_three_minutes_and_not_always_after_the_same_time(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.start()
    waits = []
    for number in range(30):
        bench.door.configs = (delivered(f"config-{number}"),)
        began = bench.now
        while f"##1.0##project-b$config-{number}" not in keys_on_host(bench):
            bench.round(1)
        waits.append(bench.now - began)

    assert max(waits) <= 180
    assert max(waits) - min(waits) > 30


def test_a_delivered_config_is_listed_on_the_host_by_its_full_name(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.start()
    before = keys_on_host(bench)
    bench.deliver(delivered(), delivered("app-a", project="project-a"))

    assert before == set()
    assert keys_on_host(bench) == {"##1.0##project-b$app-b", "##1.0##project-a$app-a"}


def test_a_withdrawn_config_disappears_from_the_host(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.deliver(delivered())
    bench.deliver()

    assert keys_on_host(bench) == set()


def test_hosts_do_not_fetch_in_step() -> None:
    first, second = (Due(random.Random(seed), 30.0, 150.0) for seed in ("0:h1", "0:h2"))
    first.comes(0.0)
    second.comes(0.0)
    moments = [
        [moment for moment in range(1000) if due.comes(float(moment))] for due in (first, second)
    ]

    assert moments[0] != moments[1]


def test_a_log_path_cannot_lead_out_of_the_hosts_folder(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    (tmp_path / "secret.log").write_text("secret\n")
    bench.deliver(delivered(logPath="/../../..", maxDepth=0))
    bench.write("mine\n", "/top.log")
    bench.round(1)

    assert bench.door.lines() == ["mine"]


@pytest.mark.parametrize(
    ("changed", "heard"),
    [
        ({}, [1, 1]),
        ({"accounts": frozenset({SOURCE.account.id})}, [1, 0]),
        ({"accounts": frozenset()}, [0, 0]),
        ({"ids": (TARGET.custom_id,)}, [0, 1]),
        ({"ids": (SOURCE.custom_id + "\r", TARGET.custom_id)}, [0, 1]),
        ({"ids": ()}, [0, 0]),
        ({"region": "cn-beijing"}, [0, 0]),
    ],
)
def test_every_project_compares_a_heartbeat_for_itself(
    changed: dict[str, Any], heard: list[int]
) -> None:
    service = Service(VirtualClock(NOON))
    ids, accounts = (SOURCE.custom_id, TARGET.custom_id), {SOURCE.account.id, TARGET.account.id}
    beat = Beat("10.0.0.11", "one", ids, frozenset(accounts), "1.8.8", "Linux", REGION)
    for side in (SOURCE, TARGET):
        service.make_group(side)
    Door(service.state).beat(replace(beat, **changed))

    assert [service.machines(side) for side in (SOURCE, TARGET)] == heard
