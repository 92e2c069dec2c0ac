"""A hand-over as an outsider counts it: from files, agents' journals and both logstores alone."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sandbox.count import FOLDER
from sandbox.hosts.journal import What
from sandbox.product import command
from sandbox.world import SOURCE, TARGET, World
from tests.e2e.stage import Stage
from workflows.proof.comparison import Comparison
from workflows.proof.route import Handed, Span, handed

Json = dict[str, Any]
SOURCE_KEY, TARGET_KEY = (f"##1.0##{side['project']}${side['config']}" for side in (SOURCE, TARGET))
BEGAN = (What.TAKEN, What.ROTATED)


class Line(NamedTuple):
    """A line of a logstore; `at` is its own time in seconds."""

    host: str
    at: int
    text: str


class Written(NamedTuple):
    """A line of a file, from its first byte up to and without the one after its end."""

    begin: int
    end: int
    text: str


@dataclass(frozen=True)
class Fate:
    """What became of a file's lines where the source ended first; `forecast` from three numbers."""

    host: str
    file: str
    forecast: tuple[int, int]  # lines lost, and lines read again
    lost: list[Written]
    again: list[Written]

    @property
    def bytes_lost(self) -> int:
        return sum(line.end - line.begin for line in self.lost)

    @property
    def bytes_again(self) -> int:
        return sum(line.end - line.begin for line in self.again)

    @property
    def is_as_forecast(self) -> bool:
        """To the line in which the tail begins."""
        lost, again = self.forecast
        return abs(len(self.lost) - lost) <= 1 and abs(len(self.again) - again) <= 1

    def __str__(self) -> str:
        lost, again = self.forecast
        return (
            f"{self.host} {self.file}: lost {len(self.lost)} lines, forecast {lost}; "
            f"repeated {len(self.again)} lines, forecast {again}"
        )


def events(stage: Stage, folder: Path) -> list[Json]:
    """The newest job's, from its report."""
    job = re.findall(r"job (\w{4})\b", "\n".join(stage.thread()))[0]
    at = folder / "report.json"
    line = [*command(), "report", job, "-c", str(folder / "config.toml"), "--json", str(at)]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return list(json.loads(at.read_text("utf-8"))["events"])


def figures(stage: Stage, folder: Path, step: str) -> Json:
    """Those of the row's newest event that has any."""
    rows = [one for one in events(stage, folder) if one.get("step") == step and one.get("facts")]
    return dict(rows[-1]["facts"])


def card(stage: Stage, folder: Path) -> Comparison:
    """What was compared for the newest card that asked whether to stop."""
    return Comparison.of(figures(stage, folder, "stop?")["comparison"])


def held(world: World, side: str) -> list[Line]:
    """Every line of the app's logstore on that side, by shard cursors."""
    where, client = SOURCE if side == "source" else TARGET, world.client(side)
    place = (where["project"], where["logstore"])
    return [
        Line(log["__tag__:__hostname__"], int(log["__time__"]), log["message"])
        for shard in client.list_shards(*place).get_shards_info()
        for page in client.pull_log(*place, shard["shardID"], 1, 2_000_000_000)
        for log in page.get_flatten_logs_json()
    ]


def inside(found: Comparison, lines: Iterable[Line]) -> list[Line]:
    """Those of the compared minutes."""
    return [line for line in lines if found.start <= line.at < found.end]


def by_host(source: Iterable[Line], target: Iterable[Line]) -> dict[str, tuple[int, int]]:
    """How many lines of each host are on either side."""
    counts = [Counter(line.host for line in lines) for lines in (source, target)]
    return {host: (counts[0][host], counts[1][host]) for host in sorted({*counts[0], *counts[1]})}


def doubled(lines: Iterable[Line]) -> dict[str, int]:
    """Lines that are there once more, by host; each has a number of its own."""
    again = Counter(lines)
    again.subtract(set(again))
    return dict(Counter(line.host for line in again.elements()))


def entries(world: World, host: str, key: str, *kinds: What) -> list[Json]:
    """What the host's agent did with the files of a config, in order, from its journal."""
    rows = world.fleet.truth(host).read_text("utf-8").splitlines()
    every: Iterator[Json] = map(json.loads, rows)
    return [one for one in every if one["config"] == key and one["what"] in kinds]


def files(world: World, host: str) -> Iterator[tuple[Path, list[Written]]]:
    """Every file of the application on that host, and its lines."""
    for path in sorted((world.fleet.root(host) / FOLDER).glob("app.log*")):
        found, at = [], 0
        for raw in path.read_bytes().splitlines(keepends=True):
            # What the configs' regex calls the message: all behind the fourth blank.
            text = raw.decode("utf-8").rstrip("\n").split(" ", 4)[4]
            found.append(Written(at, at + len(raw), text))
            at += len(raw)
        yield path, found


def overlaps(world: World) -> dict[str, int]:
    """Bytes from before the target's start that it has too, by host and file."""
    found = {}
    for host in world.shape.names:
        for path, _ in files(world, host):
            first = _first(world, host, path)
            if first and first["what"] == What.TAKEN:
                found[f"{host} {path.name}"] = first["size"] - first["offset"]
    return found


def fates(world: World, tail: int) -> Iterator[Fate]:
    """Of every file; `tail` in bytes."""
    source, target = ({line.text for line in held(world, side)} for side in ("source", "target"))
    for host in world.shape.names:
        for path, lines in files(world, host):
            first = _first(world, host, path)
            before = first["size"] if first and first["what"] == What.TAKEN else 0
            spans = _forecast(world, host, path, tail)
            yield Fate(
                host,
                path.name,
                (_lines(lines, spans.lost), _lines(lines, spans.again)),
                [line for line in lines if line.text not in source | target],
                [line for line in lines if line.text in source & target and line.begin < before],
            )


def _forecast(world: World, host: str, path: Path, tail: int) -> Handed:
    """A file that the target never took ended before; one whose name it knew it reads whole."""
    first, size = _first(world, host, path), path.stat().st_size
    read = _read_by_source(world, host, path)
    if first is None:
        return handed(size, read, 0)
    return handed(*(0, read, 0) if first["what"] == What.ROTATED else (first["size"], read, tail))


def _first(world: World, host: str, path: Path) -> Json | None:
    """How the target began with the file."""
    began = entries(world, host, TARGET_KEY, *BEGAN)
    return next((one for one in began if one["inode"] == path.stat().st_ino), None)


def _read_by_source(world: World, host: str, path: Path) -> int:
    """Bytes; one that it had put away it had read whole."""
    every = entries(world, host, SOURCE_KEY, *BEGAN, What.LEFT)
    mine = [one for one in every if one["inode"] == path.stat().st_ino]
    left = [one["offset"] for one in mine if one["what"] == What.LEFT]
    return int(left[-1]) if left else path.stat().st_size if mine else 0


def _lines(lines: Iterable[Written], span: Span) -> int:
    return sum(span[0] <= line.begin < span[1] for line in lines)
