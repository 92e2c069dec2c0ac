"""What is no longer as agreed, in the live message of a job that rests."""

from __future__ import annotations

from handlers.blocks import Block, sections
from handlers.text import date, lines_of
from workflows.drift.agreed import AT_REST
from workflows.drift.sight import sentence
from workflows.model import Drift, Job

MOST = 10  # findings


def drifted(job: Job) -> list[Block]:
    """The open findings with the time of the look that first saw them."""
    told = _open(job)
    if not told:
        return []
    seen = (f"⚠ {sentence(drift)}, seen {date(drift.since)}" for drift in told[:MOST])
    lines = [line for one in seen for line in lines_of(one)]
    more = [f"… {len(told) - MOST:,} more"] if len(told) > MOST else []
    return sections(["*No longer as agreed*", *lines, *more], most=2)


def counted(job: Job) -> str:
    """`, ⚠ 2 findings`, or nothing."""
    number = len(_open(job))
    return f", ⚠ {number:,} {'finding' if number == 1 else 'findings'}" if number else ""


def _open(job: Job) -> list[Drift]:
    """Of a job that goes on or is taken back nobody watches whether they still hold."""
    if job.going_back or job.state not in AT_REST:
        return []
    return [drift for drift in job.drift if not drift.quiet]
