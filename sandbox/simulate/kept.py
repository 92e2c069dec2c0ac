"""The lines of a logstore, each put together again as it stood in its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sandbox.simulate.service import SOURCE, TARGET
from sandbox.sls import wire

if TYPE_CHECKING:
    from sandbox.simulate.service import Side
    from sandbox.simulate.stage import Stage


class Kept(NamedTuple):
    """One line, its own time, and when it was received; seconds since the epoch."""

    text: bytes
    time: int
    received: float


class Both(NamedTuple):
    """Both logstores, as they are once the agents have stopped."""

    source: list[Kept]
    target: list[Kept]


def both(stage: Stage) -> Both:
    """Read every line of both."""
    return Both(_kept(stage, SOURCE), _kept(stage, TARGET))


def _kept(stage: Stage, side: Side) -> list[Kept]:
    return [
        Kept(b" ".join([content.Value for content in log.Contents]), log.Time, group.received)
        for shard in stage.service.shards(side)
        for group in shard
        for log in wire.decode(group.raw).Logs
    ]
