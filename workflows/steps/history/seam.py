"""The lines that no job of the service copies: those behind the seam, or all."""

from __future__ import annotations

from dataclasses import replace

from workflows.errors import NotYet
from workflows.model import Evidence, Facts
from workflows.step import Context
from workflows.steps.behind import clock
from workflows.steps.filling import many
from workflows.steps.history.copier import Copier
from workflows.steps.history.job import Copy
from workflows.steps.history.past import MOST, known
from workflows.steps.history.tail import Tail, share

ONLY_ROLES = ": with both roles set the service copies them"


def look(context: Context) -> Facts:
    """`before`: nothing is copied yet."""
    tail = Tail.of(context.known["copy"]["tail"])
    return {"copy": Copy(parts=1 + tail.lines // MOST).facts}


def copy(context: Context, before: Facts) -> None:
    """A share of the work; NotYet until all is done, so that other jobs have a turn."""
    past, tail = known(context), Tail.of(context.known["copy"]["tail"])
    copier = Copier(context, past, tail, Copy.of(before["copy"]))
    context.say(copier.told)
    copier.go(share(context))
    if (job := copier.job).part + 1 < job.parts:
        context.keep({"copy": replace(job, part=job.part + 1, at={}, more=None).facts})
        raise NotYet(copier.told)
    context.keep({"copy": copier.job.facts, "whole": True})


def copied(context: Context, before: Facts) -> Evidence:
    """Counted, and told what the service takes no more."""
    if not before.get("whole"):
        raise NotYet("nothing is copied yet")
    job = Copy.of(before["copy"])
    past, written = known(context), job.written
    text = (
        f"{many(written.lines)} received from {clock(past.first)} on are written; "
        f"{many(job.held)} were there from the target's own agents"
    )
    if written.old:
        text += (
            f"; {many(written.old)} of {clock(written.first)} to {clock(written.last)} are too old "
            "to be written and stay in the source" + ONLY_ROLES * (not past.by_service)
        )
    return Evidence(text, facts={"written": written.facts, "held": job.held})


def leave(context: Context, before: Facts) -> str:
    """A line that is written cannot be taken out of a logstore."""
    job = Copy.of(before["copy"])
    return f"{many(job.written.lines)} were written and stay in the target"


def would(context: Context, before: Facts) -> str:
    return "copy the lines that the target lacks"
