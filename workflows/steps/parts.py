"""Lines cut into parts that the service takes or refuses as a whole. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workflows.ports import Line

AT_ONCE = 1000  # lines of one write, so that it is taken or refused as a whole
CHARACTERS = 500_000  # the same; the service takes 3 MB at once


def in_parts(lines: Sequence[Line]) -> Iterator[tuple[Line, ...]]:
    """In order, cut so that the service takes each part in one go."""
    some: list[Line] = []
    size = 0
    for line in lines:
        more = sum(len(key) + len(value) for key, value in line.fields)
        if some and (size + more > CHARACTERS or len(some) == AT_ONCE):
            yield tuple(some)
            some, size = [], 0
        some.append(line)
        size += more
    if some:
        yield tuple(some)
