"""The window that is copied and its seam, and both in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from workflows.model import Facts
from workflows.step import Context
from workflows.steps.behind import clock
from workflows.steps.filling import many
from workflows.steps.history.tail import Tail

BEHIND = "they lie behind the seam, and the service would double what the target has of them"


@dataclass(frozen=True)
class Past:
    """Times are seconds since the epoch, and those of the window by the source's receipt.

    The service copies [start, seam), of which the target has nothing; the copier [seam, until),
    of which it may have some. Of lines from `edge` on the move has proven that both have them.
    """

    start: int
    asked: int  # for so far back somebody asked; older lines are gone
    seam: int
    edge: int  # by the lines' own time
    until: int
    tail: Facts
    lines: int | None = None  # to copy, about; None where the source cannot count them
    old: int | None = None  # of these the copier's that are older than PutLogs takes
    size: int = 0  # bytes, about
    by_service: bool = False

    @classmethod
    def of(cls, facts: Facts) -> Past:
        """From the job's record."""
        return cls(**{key: value for key, value in facts.items() if key != "reading"})

    @property
    def facts(self) -> Facts:
        """As JSON, for the job's record."""
        return asdict(self)

    @property
    def first(self) -> int:
        """From here on the copier works."""
        return self.seam if self.by_service else self.start


def described(context: Context, past: Past) -> tuple[str, ...]:
    """What would be copied, from where to where, and by whom."""
    source, target = context.app.source, context.app.target
    about = "lines that the source's index does not count"
    if past.lines is not None:
        about = f"about {many(past.lines)}, {past.size / 1e6:,.1f} MB"
    way = f"From {source.project}/{source.logstore} into {target.project}/{target.logstore}"
    what = f"{about}, received since {clock(past.start)}"
    lines = [f"{way}: {what}", *_clipped(past), _the_seam(past), *_by_whom(past)]
    if past.lines is not None and (price := context.prices.of(past.size)):
        lines.append(f"To receive and index that costs about {price}")
    return tuple(lines)


def _the_seam(past: Past) -> str:
    brought = Tail.of(past.tail).lines
    if not brought:
        return f"The target's own agents brought no line of before; the seam is {clock(past.seam)}"
    return (
        f"The target's own agents brought {many(brought)} of before themselves; the source "
        f"received the first of them at {clock(past.seam)} or later: the seam"
    )


def _clipped(past: Past) -> list[str]:
    if past.start == past.asked:
        return []
    return [f"Asked for since {clock(past.asked)}; what is older the source does not keep any more"]


def _by_whom(past: Past) -> list[str]:
    rest = "The copier writes the lines behind the seam that the target lacks, each once"
    lines = ["The copier pulls and writes every line that the target lacks: no roles are set"]
    if past.by_service:
        lines = ["A job of the service, by both roles, copies what lies before the seam", rest]
    if past.old or past.old is None:
        old = "lines" if past.old is None else f"about {many(past.old)}"
        lines.append(
            f"PutLogs takes nothing older than 7 days: {old} of before stay in the source alone; "
            + (BEHIND if past.by_service else "with both roles set the service copies them")
        )
    return lines
