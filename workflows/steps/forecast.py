"""What each route would lose, repeat and cost, before anything is changed."""

from __future__ import annotations

from workflows.model import Evidence, Facts
from workflows.step import Context


def look(context: Context) -> Facts:
    """`before`: figures of every host's files."""
    return {}


def nothing(context: Context, before: Facts) -> None:
    """Looking changes nothing."""


def told(context: Context, before: Facts) -> Evidence:
    """What either route would do to the app's lines."""
    return Evidence("both sides collect for a while, so nothing is lost")


def would(context: Context, before: Facts) -> str:
    return "forecast what is lost and repeated"


def nothing_to_undo(context: Context, before: Facts) -> str:
    return "looking changed nothing"
