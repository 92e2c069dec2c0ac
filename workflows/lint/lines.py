"""Sampled lines, by the config that collected them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflows.collection import facts_of
from workflows.collection.found import Config
from workflows.lint.meeting import Place, holds

if TYPE_CHECKING:
    from workflows.ports import Lines

MOST, LONGEST = 100, 20_000
UNPARSED = "__raw_log__"
RAW = "__raw__"
_PATHS = ("__path__", "__tag__:__path__")


@dataclass(frozen=True)
class Sampled:
    """One line's fields; `path` of the file that it was in, "" where that is not known."""

    fields: dict[str, str]
    path: str = ""


def all_lines(samples: Sequence[Lines]) -> tuple[Sampled, ...]:
    """At most MOST of them; a longer text is cut."""
    return tuple(line for line, _ in zip(_lines(samples), range(MOST), strict=False))


def _lines(samples: Sequence[Lines]) -> Iterator[Sampled]:
    for group in samples:
        tags = dict(group.tags)
        path = next((tags[name] for name in _PATHS if name in tags), "")
        for line in group.lines:
            yield Sampled({key: value[:LONGEST] for key, value in line.fields}, path)


def lines_of(config: Config, lines: Sequence[Sampled], *, alone: bool) -> tuple[Sampled, ...]:
    """Those that the config collected: all where it is alone, else by the file's path."""
    if alone:
        return tuple(lines)
    places = [Place(*path) for path in facts_of.paths(config.body)]
    return tuple(line for line in lines if any(holds(one, line.path) for one in places))
