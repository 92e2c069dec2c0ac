"""Lines written into the target as they were, and those that the service takes no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workflows.errors import Denied, StepFailed
from workflows.model import Facts
from workflows.ports import Line, Lines
from workflows.step import Context
from workflows.steps.behind import AHEAD
from workflows.steps.filling import EXPIRING, WEEK
from workflows.steps.gap import STAMPS
from workflows.steps.parts import in_parts


@dataclass(frozen=True)
class Written:
    """Lines that were put, and those that were too old for it; `first` and `last` of these."""

    lines: int = 0
    old: int = 0
    first: int = 0  # own time
    last: int = 0
    floor: int = 0  # nothing older than this is tried any more

    @property
    def facts(self) -> Facts:
        return dict(vars(self))

    def too_old(self, lines: Sequence[Line]) -> Written:
        """The same with lines that stay behind."""
        if not lines:
            return self
        times = [line.time for line in lines]
        first = min(self.first or times[0], *times)
        last = max(self.last, *times)
        return replace(self, old=self.old + len(lines), first=first, last=last)


def put(context: Context, lines: Lines, so_far: Written) -> Written:
    """Write them, in parts that the service takes or refuses as a whole."""
    tags = tuple(tag for tag in lines.tags if tag[0] not in STAMPS)
    bare = replace(lines, tags=tags, received=0)
    for part in in_parts(lines.lines):
        so_far = _part(context, bare, part, so_far)
    return so_far


def _part(context: Context, bare: Lines, part: tuple[Line, ...], so_far: Written) -> Written:
    old = [line for line in part if line.time < so_far.floor]
    so_far = so_far.too_old(old)
    young = tuple(line for line in part if line.time >= so_far.floor)
    if not young:
        return so_far
    context.ours()
    try:
        context.target.put(context.app.target.logstore, replace(bare, lines=young))
    except Denied:
        raise
    except StepFailed:
        oldest = int(context.clock.now()) - WEEK
        if min(line.time for line in young) >= oldest + AHEAD:
            raise
        return _part(context, bare, young, replace(so_far, floor=_floor(young, oldest)))
    return replace(so_far, lines=so_far.lines + len(young))


def _floor(refused: tuple[Line, ...], oldest: int) -> int:
    """The service's clock may be ahead of ours: at least one line less is tried again."""
    return max(oldest + EXPIRING, min(line.time for line in refused) + 1)
