"""Whole lines on the route that stops the source first, and which of them an agent ever sent."""

from __future__ import annotations

import re
from collections import Counter

from tests.crash.test_gap_deaths import ADDRESSES, Key, Lined
from tests.crash.world import ALICE, APP, World
from tests.fake_sls import FakeSls
from workflows.model import STOP_FIRST, Event, EventKind, JobState
from workflows.ports import Lines

LOG = "/var/log/app-b/app.log"
LINE = b"x" * 99 + b"\n"  # as long as it is in the file; what is sent is shorter
AGAIN = re.compile(r"repeated ([\d,]+) line")


class Losing(Lined):
    """A host's agent begins with a config that is new to it ten lines back, of two a second."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.sent = Counter[Key]()
        advanced = {"force_multiconfig": False, "tail_size_kb": 1}
        detail = self.source.config_bodies["old-config"]["inputDetail"]
        self.source.config_bodies["old-config"]["inputDetail"] = {**detail, "advanced": advanced}
        for host in self.hosts.hosts.values():
            host.files[LOG] = LINE
            host.agent.clock = self.clock.now

    def start(self) -> World:
        for _ in range(10):  # the agents are at work when the job comes
            self.second()
        self.service.start(APP.name, ALICE, "C1", route=STOP_FIRST)
        return self

    def second(self) -> None:
        super().second()
        for host in self.hosts.hosts.values():
            host.files[LOG] += 2 * LINE
            host.written[LOG] = int(self.clock.now())

    def _send(self, sls: FakeSls, logstore: str, host: str, key: str) -> None:
        before = len(sls.held[logstore])
        super()._send(sls, logstore, host, key)
        for group in sls.held[logstore][before:]:
            self.sent.update(_keys(group))

    def of_target(self) -> Counter[Key]:
        return Counter(key for group in self.target.held["app-b"] for key in _keys(group))

    @property
    def never_sent(self) -> set[Key]:
        """Written while no agent collected, and too far back when one began: lost on this route."""
        return self.written.keys() - self.sent.keys()

    @property
    def collected(self) -> bool:
        """Whether each host's agent holds a config."""
        return {host for host, _ in self.places} == set(ADDRESSES)

    def events(self, kind: EventKind) -> list[Event]:
        return [event for event in self.store.told["J1"] if event.kind is kind]

    def surroundings(self) -> tuple[object, ...]:
        files, source, target = super().surroundings()
        kept = {
            name: {path: held for path, held in one.items() if path != LOG}
            for name, one in files.items()  # type: ignore[attr-defined]
        }
        return kept, source, target


def _keys(group: Lines) -> list[Key]:
    host = dict(group.tags)["__hostname__"]
    return [(host, line.time, line.fields[0][1]) for line in group.lines]


def wrong_forward(world: Losing) -> str:
    """What is not as it should be after a move; "" where all is."""
    missing = world.sent.keys() - world.held().keys() - world.of_target().keys()
    twice = {key for key, n in (world.of_target() - world.written).items() if n}
    if world.job.state is not JobState.SUCCEEDED:
        return f"{world.job.state}: {world.job.reason}"
    if missing or twice:
        return f"{len(missing)} lines are missing, {len(twice)} are doubled in the target"
    return ""


def wrong_back(world: Losing) -> str:
    """What is not as it should be after a roll back; "" where all is."""
    missing, more = world.sent.keys() - world.held().keys(), world.held() - world.written
    if world.job.state is not JobState.UNDONE:
        return f"{world.job.state}: {world.job.reason}"
    if missing:
        return f"{len(missing)} lines that an agent had sent are missing"
    told = [
        int(n.replace(",", ""))
        for e in world.events(EventKind.TAKEN_BACK)
        for n in AGAIN.findall(e.text)
    ]
    if told and more.total() != told[-1]:
        return f"{more.total()} lines too many, told {told}"
    return ""
