"""However many runs a process has, it asks no more hosts at a time than it may."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from bot.berths import Berths, BoundedHosts
from tests.unit.test_pulse import until
from workflows.apps import Host
from workflows.model import HostResult
from workflows.ports import Command
from workflows.steps.on_host.commands import Look


@dataclass
class Wide:
    """Asks as many at a time as it was made for, and counts them over all runs."""

    now: int = 0
    most: int = 0
    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    hung: threading.Event = field(default_factory=threading.Event)

    def at(self, most: int) -> Run:
        return Run(self, most)

    def one(self, host: str) -> HostResult:
        with self.lock:
            self.now, self.asked = self.now + 1, self.asked + 1
            self.most = max(self.most, self.now)
        self.hung.wait(20.0 if host.startswith("dead") else 0.002)
        with self.lock:
            self.now -= 1
        return HostResult(host, ok=True)


@dataclass
class Run:
    """One reach, as bot.berths has it made."""

    wide: Wide
    most: int

    def run(
        self,
        commands: Mapping[str, Command],
        heard: Callable[[HostResult], None] = lambda _: None,
        ours: Callable[[], None] = lambda: None,
    ) -> tuple[HostResult, ...]:
        with ThreadPoolExecutor(self.most) as pool:
            results = []
            for result in pool.map(self.wide.one, commands):
                heard(result)
                results.append(result)
        return tuple(results)


def looks(*hosts: str) -> dict[str, Command]:
    return {host: Look(Host(host), "1", "b") for host in hosts}


def many(count: int) -> dict[str, Command]:
    return looks(*(f"h{number}" for number in range(count)))


def test_all_runs_together_ask_no_more_hosts_at_a_time_than_there_are_berths() -> None:
    wide = Wide()
    hosts = BoundedHosts(wide.at, Berths(10))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: hosts.run(many(30)), range(6)))

    assert wide.asked == 180
    assert 5 <= wide.most <= 10


def test_a_run_that_waits_for_its_last_hosts_leaves_room_for_the_next() -> None:
    wide, berths = Wide(), Berths(10)
    hosts = BoundedHosts(wide.at, berths)
    slow = threading.Thread(target=hosts.run, args=(looks("h1", "h2", "h3", "dead"),))
    slow.start()
    until(berths.roomy)

    results = hosts.run(many(30))
    wide.hung.set()
    slow.join(20.0)

    assert len(results) == 30
    assert wide.most <= 10


def test_a_run_that_breaks_off_gives_its_berths_back() -> None:
    def broken(result: HostResult) -> None:
        raise ZeroDivisionError

    berths = Berths(10)
    with pytest.raises(ZeroDivisionError):
        BoundedHosts(Wide().at, berths).run(many(30), broken)

    assert berths.take(10) == 10


def test_a_process_whose_berths_are_taken_has_no_room() -> None:
    berths = Berths(10)
    before = berths.roomy()
    berths.take(6)

    assert before
    assert not berths.roomy()
