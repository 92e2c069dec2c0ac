"""
Written, lost and doubled, counted from the files and from both logstores.

Shares no code with the product. A line's place in the story is told from its `host=` and `seq=`;
two lines are the same if all their text is. The start on a host is the moment its agent took the
target's config for the file, from the agent's journal.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEQ = re.compile(r"seq=(\d+) host=(\S+)")
FOLDER = "var/log/app-b"  # under a host's root
FIELDS = ("time", "ms", "level", "service", "message")


@dataclass(frozen=True)
class Tally:
    """Lines. `written`, `lost` and `doubled` as docs/architecture.md defines these words."""

    written: int
    in_target: int
    lost: int
    doubled: int
    overlap: int  # from before the start, and in the target too; not a double
    in_source: int
    hosts: int
    started: int  # of these, whose agent took the target's config
    strange: int  # lines in the target that are in no file

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled or made up, and every host had something to count."""
        bad = self.lost or self.doubled or self.strange or self.started < self.hosts
        return bool(self.written) and not bad and self.in_target == self.written


def tally(
    roots: Mapping[str, Path], truths: Mapping[str, Path], key: str,
    source: Counter[str], target: Counter[str],
) -> Tally:  # fmt: skip
    """Count; `key` is the name under which agents know the target's config."""
    files = {host: file_lines(root / FOLDER) for host, root in roots.items()}
    starts = {host: start_of(truths[host], key, roots[host]) for host in roots}
    written, before = set[str](), set[str]()
    for host, lines in files.items():
        first = starts[host]
        for line in lines:
            (written if first is not None and seq(line) > first else before).add(line)
    held = written | before
    return Tally(
        written=len(written),
        in_target=sum(1 for line in written if line in target),
        lost=sum(1 for line in written if line not in target)
        + sum(1 for line in before if line not in target and line not in source),
        doubled=sum(n - 1 for n in target.values()) + sum(n - 1 for n in source.values()),
        overlap=sum(1 for line in before if line in target),
        in_source=source.total(),
        hosts=len(roots),
        started=sum(1 for start in starts.values() if start is not None),
        strange=sum(1 for line in target if line not in held),
    )


def file_lines(folder: Path) -> list[str]:
    """Every line of every file of the application, rotated ones too; an unended one is a line."""
    lines: list[str] = []
    for path in sorted(folder.glob("app.log*")):
        if raw := path.read_bytes():
            # Not splitlines(): an agent knows no line end but this one.
            lines += raw.decode("utf-8").removesuffix("\n").split("\n")
    return lines


def seq(line: str) -> int:
    found = SEQ.search(line)
    if not found:
        raise ValueError(f"a line without seq= and host=: {line[:200]!r}")
    return int(found[1])


def start_of(truth: Path, key: str, root: Path) -> int | None:
    """Number of the last line that was in a file when its agent first took `key` for it."""
    taken = [e for e in _entries(truth) if e["what"] == "taken" and e["config"] == key]
    if not taken:
        return None
    at = min(entry["at"] for entry in taken)
    return max(_last_seq(entry, root) for entry in taken if entry["at"] == at)


def _entries(truth: Path) -> Iterator[dict[str, Any]]:
    if truth.exists():
        yield from map(json.loads, truth.read_text(encoding="utf-8").splitlines())


def _last_seq(entry: dict[str, Any], root: Path) -> int:
    for path in (root / FOLDER).glob("app.log*"):
        if path.stat().st_ino == entry["inode"]:
            before = path.read_bytes()[: entry["size"]]
            lines = before[: before.rfind(b"\n") + 1].decode("utf-8").splitlines()
            return seq(lines[-1]) if lines else 0
    raise ValueError(f"the file with inode {entry['inode']} is gone from {root}")


def pulled(sls: Any, project: str, logstore: str) -> Counter[str]:
    """Every line of a logstore by shard cursors, put together again as it stood in its file."""
    lines: Counter[str] = Counter()
    for shard in sls.list_shards(project, logstore).get_shards_info():
        for response in sls.pull_log(project, logstore, shard["shardID"], 1, 2_000_000_000):
            for log in response.get_flatten_logs_json():
                lines[_whole(log)] += 1
    return lines


def _whole(log: dict[str, str]) -> str:
    if "time" not in log:
        return str(log.get("content", log))
    time, ms, level, service, message = (log[name] for name in FIELDS)
    return f"{time},{ms} {level} {service} {message}"
