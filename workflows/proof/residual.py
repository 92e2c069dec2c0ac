"""Lines that one side has more often than the other, told as what became of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import gmtime, strftime
from typing import NamedTuple

from workflows.model import quoted
from workflows.proof.masked import HIDDEN, field

LONGEST = 300  # signs of a sample


class Told(NamedTuple):
    """One line, whole; `host` by its name."""

    host: str
    file: str
    time: int
    nanos: int
    fields: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        at = strftime("%Y-%m-%d %H:%M:%SZ", gmtime(self.time))
        return f"{self.host} {self.file} {at}".replace("  ", " ")

    @property
    def shown(self) -> str:
        return ", ".join(field(name, value) for name, value in self.fields)


def told(
    source: Sequence[Told], target: Sequence[Told], there: frozenset[Told] = frozenset()
) -> Iterator[str]:
    """A sentence for each line that is left over in the source, then for those in the target.

    `there` are lines of the target's surplus that the source has too, if less often.
    """
    left = list(target)
    for line in source:
        yield _short(_of_source(line, left))
    for line in left:
        what = "doubled in the target" if line in there else "in the target only"
        yield _short(f"{line}: {what}: {line.shown}")


def _of_source(line: Told, left: list[Told]) -> str:
    """Takes its counterpart out of what is left, if it has one."""
    for other in left:
        if other.host == line.host and sorted(other.fields) == sorted(line.fields):
            left.remove(other)
            return f"{line}: misdated, {_moved(line, other)}: {line.shown}"
    for other in left:
        if other.host == line.host and other.time == line.time and (names := _changed(line, other)):
            left.remove(other)
            return f"{line}: altered, {_fields(names, line, other)}: {line.shown}"
    return f"{line}: lost: {line.shown}"


def _moved(line: Told, other: Told) -> str:
    if other.time == line.time:
        return f"by nanoseconds, {line.nanos} became {other.nanos}"
    return f"{other.time - line.time:+d} s in the target"


def _changed(line: Told, other: Told) -> list[str]:
    """Names of the fields that are not the same, if it is one or a single one of several."""
    was, now = dict(line.fields), dict(other.fields)
    names = sorted(name for name in {*was, *now} if was.get(name) != now.get(name))
    return names if len(names) == 1 else []


def _fields(names: list[str], line: Told, other: Told) -> str:
    was, now = dict(line.fields), dict(other.fields)
    return ", ".join(f"{_value(name, was)} became {_value(name, now)}" for name in names)


def _value(name: str, fields: dict[str, str]) -> str:
    return field(name, fields[name]) if name in fields else f"no {field(name, '').rstrip('=')}"


def _short(text: str) -> str:
    text = quoted(text.replace("\n", " "))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


__all__ = ["HIDDEN", "Told", "told"]
