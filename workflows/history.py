"""The lines of before the move: looked at, copied once people agree, and compared."""

from __future__ import annotations

from workflows.step import Approval, Step
from workflows.steps.history import by_service, compare, past, question, seam

__all__ = ["HISTORY"]

# fmt: off

HISTORY: tuple[Step | Approval, ...] = (
    Step(
        name="past", title="Look at the past of both sides",
        check=past.look, do=past.nothing, verify=past.told,
        undo=past.nothing_to_undo, would=past.would, looks=True,
    ),
    Approval(
        name="copy?", title="Copy the lines of before the move?",
        show=question.plan, green=question.green, if_declined=question.IF_DECLINED,
    ),
    Step(
        name="copy", title="Have the service copy what lies before the seam",
        check=by_service.look, do=by_service.copy, verify=by_service.copied,
        undo=by_service.delete, would=by_service.would, undo_costs=question.COSTS,
        patience=lambda _waits: by_service.DAYS,
    ),
    Step(
        name="seam", title="Copy the lines that the target lacks",
        check=seam.look, do=seam.copy, verify=seam.copied,
        undo=seam.leave, would=seam.would, undo_costs=question.COSTS,
        patience=lambda waits: waits.outage,
    ),
    Step(
        name="compare", title="Prove that both sides hold the same past",
        check=compare.begin, do=compare.anew, verify=compare.equal,
        undo=compare.nothing_to_undo, would=compare.would, looks=True,
        patience=lambda waits: waits.outage,
    ),
)
