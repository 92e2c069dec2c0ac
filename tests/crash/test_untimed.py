"""Lines without a time of their own: each agent stamps them when it reads them."""

from __future__ import annotations

from typing import Any

from tests.crash.test_crashes import agreeing
from tests.crash.test_gap_deaths import ADDRESSES, Lined, begun
from tests.crash.world import APP, OLD_CONFIG
from tests.fake_sls import FakeSls
from workflows.model import JobState
from workflows.ports import Line, Lines

DETAIL: dict[str, Any] = {**OLD_CONFIG["inputDetail"], "timeFormat": ""}  # type: ignore[dict-item]


class Untimed(Lined):
    """The target's agent reads a second later than the source's, as a busy sender makes it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.source.config_bodies["old-config"] = {**OLD_CONFIG, "inputDetail": DETAIL}

    def second(self) -> None:
        self.clock.tick(1)
        now = int(self.clock.now())
        for number, host in enumerate(APP.hosts, 11):
            self.files[host.name] += [(now, f"{now} a"), (now, f"{now} b")]
            self._ship(host.name, self._agent(host.name, number))

    def _send(self, sls: FakeSls, logstore: str, host: str, key: str) -> None:
        lines = self.files[host]
        start = self.places.get((host, key), max(0, len(lines) - self.tail))
        end = len(lines) - 2 * (sls is self.target)
        self.places[host, key] = max(start, end)
        now = int(self.clock.now())
        made = tuple(Line(now, (("content", text),)) for _, text in lines[start:end])
        tags = (("__hostname__", host),)
        sls.arrive(logstore, Lines(made, source=ADDRESSES[host], tags=tags, received=now))

    def texts(self, sls: FakeSls, logstore: str) -> list[tuple[str, str]]:
        return [
            (dict(group.tags)["__hostname__"], line.fields[0][1])
            for group in sls.held[logstore]
            for line in group.lines
        ]


def test_they_are_compared_by_their_content_and_moved() -> None:
    world = Untimed()
    world.start().live(agreeing)

    assert world.job.state is JobState.SUCCEEDED
    assert "compared by their content" in world.job.record("source").note
    assert world.job.record("proof").note.startswith("equal: ")


def test_a_roll_back_leaves_none_out_of_the_source_and_repeats_no_more_than_the_tails() -> None:
    world = begun(Untimed, "moved")
    assert isinstance(world, Untimed)
    world.live(agreeing)
    held = world.texts(world.source, "old-logs")
    written = {(host, text) for host, lines in world.files.items() for _, text in lines}

    assert world.job.state is JobState.UNDONE
    assert written - set(held) == set()
    assert len(held) - len(set(held)) <= 2 * world.tail * len(APP.hosts)
    assert "is in it twice" in world.told()
