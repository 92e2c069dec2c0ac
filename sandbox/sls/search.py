"""Counting and selecting the lines that the index covers."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from sandbox.sls import query, wire
from sandbox.sls.logstore import Index, Logstore
from sandbox.sls.query import Condition
from sandbox.sls.tape import Group

MOST_BUCKETS = 60
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)


@dataclass(frozen=True)
class Wanted:
    """What is searched for: lines whose own time lies in [start, end)."""

    start: int
    end: int
    conditions: tuple[Condition, ...] = ()
    topic: str = ""
    shard: int | None = None


@dataclass(frozen=True)
class Field:
    """Where a search looks: covered groups, and those still within the search delay."""

    settled: list[tuple[Group, Index]]
    waiting: list[Group]

    def progress(self, start: int, end: int) -> str:
        """Incomplete while lines of [start, end) are not searchable yet."""
        late = any(group.fits(start, end) for group in self.waiting)
        return "Incomplete" if late else "Complete"


def survey(logstore: Logstore, wanted: Wanted, received_by: float) -> Field:
    """The groups to search; those received after `received_by` must wait. Needs the lock."""
    field = Field([], [])
    for group in logstore.groups():
        index = logstore.index_for(group.received)
        if index is None or not _asked(group, wanted):
            continue
        if group.received > received_by:
            field.waiting.append(group)
        else:
            field.settled.append((group, index))
    return field


def count(field: Field, wanted: Wanted) -> Counter[int]:
    """Hits for each second of the lines' own time."""
    hits: Counter[int] = Counter()
    for group, index in field.settled:
        conditions = left_to_check(group, index, wanted)
        if conditions is None:
            continue
        found = _scan(group, index, conditions) if conditions else group.seconds
        for second, lines in found.items():
            if wanted.start <= second < wanted.end:
                hits[second] += lines
    return hits


def select(
    field: Field, wanted: Wanted, hits: Counter[int], part: slice, *, reverse: bool
) -> list[dict[str, str]]:
    """The hits in `part` of all of them ordered by time, as GetLogs shows them."""
    seconds = sorted(hits, reverse=reverse)
    ends = list(accumulate(hits[second] for second in seconds))
    touched = [
        (second, end - hits[second])
        for second, end in zip(seconds, ends, strict=True)
        if end > part.start and end - hits[second] < part.stop
    ]
    if not touched:
        return []
    lines = _lines_at(field, wanted, {second for second, _ in touched}, reverse=reverse)
    skipped = touched[0][1]
    return lines[part.start - skipped : part.stop - skipped]


def buckets(start: int, end: int) -> list[tuple[int, int]]:
    """[start, end) cut at round times into at most about 60 parts; the first may be short."""
    whole_days = -(-(end - start) // (MOST_BUCKETS * 86400)) * 86400
    fitting = (step for step in _STEPS if (end - start) <= step * MOST_BUCKETS)
    step = next(fitting, whole_days)
    inner = range(start // step * step + step, end, step)
    return list(pairwise([start, *inner, end]))


def spread(hits: Counter[int], edges: list[tuple[int, int]]) -> list[int]:
    """How many of the hits fall into each of the adjoining `edges`."""
    starts = [start for start, _ in edges]
    counts = [0] * len(edges)
    for second, lines in hits.items():
        counts[bisect_right(starts, second) - 1] += lines
    return counts


def _asked(group: Group, wanted: Wanted) -> bool:
    here = wanted.shard is None or wanted.shard == group.shard
    titled = not wanted.topic or wanted.topic == group.topic
    return here and titled and group.fits(wanted.start, wanted.end)


def left_to_check(group: Group, index: Index, wanted: Wanted) -> list[Condition] | None:
    """The conditions left to check line by line; None when the group as a whole is out."""
    left = []
    for condition in wanted.conditions:
        if not condition.of_group:
            left.append(condition)
        elif not query.group_holds(condition, group, index.body):
            return None
    return left


def _scan(group: Group, index: Index, conditions: list[Condition]) -> Counter[int]:
    holds = query.line_test(conditions, index.body)
    return Counter(second for second, fields in decoded(group) if holds(fields))


def _lines_at(
    field: Field, wanted: Wanted, seconds: set[int], *, reverse: bool
) -> list[dict[str, str]]:
    found: list[tuple[int, float, dict[str, str]]] = []
    for group, index in field.settled:
        conditions = left_to_check(group, index, wanted)
        if conditions is None or not seconds & group.seconds.keys():
            continue
        holds = query.line_test(conditions, index.body)
        for second, fields in decoded(group):
            if second in seconds and holds(fields):
                found.append((second, group.received, _shown(group, second, fields)))
    found.sort(key=lambda hit: hit[:2])
    lines = [shown for _, _, shown in found]
    return lines[::-1] if reverse else lines


def decoded(group: Group) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line's own time and fields."""
    for log in wire.decode(group.raw).Logs:
        yield log.Time, {wire.text(c.Key): wire.text(c.Value) for c in log.Contents}


def _shown(group: Group, second: int, fields: Mapping[str, str]) -> dict[str, str]:
    system: dict[str, Any] = {
        "__time__": str(second),
        "__source__": group.source,
        "__topic__": group.topic,
    }
    tags = {f"__tag__:{key}": value for key, value in group.tags.items()}
    return system | tags | dict(fields)
