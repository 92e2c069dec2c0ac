"""After the source has ended: every host's lines still come, now into the target alone."""

from __future__ import annotations

from workflows.model import Evidence, Facts
from workflows.step import Context
from workflows.steps.cutover import only_target_receives


def begin(context: Context) -> Facts:
    """`before`: since when."""
    return {"at": context.clock.now()}


def nothing(context: Context, before: Facts) -> None:
    """Looking changes nothing."""


def every_host_heard(context: Context, before: Facts) -> Evidence:
    """The newest minutes have lines in the target, and none in the source."""
    return only_target_receives(context)


def would(context: Context, before: Facts) -> str:
    return "watch that every host's lines go on coming"


def nothing_to_undo(context: Context, before: Facts) -> str:
    return "watching changed nothing"
