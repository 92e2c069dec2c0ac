"""Why hosts are silent: examine each, ask where something may be put right, put it right."""

from __future__ import annotations

from workflows.step import Approval, Step
from workflows.steps import repair
from workflows.steps.repair import explain

__all__ = ["DIAGNOSE", "explain"]

# fmt: off

DIAGNOSE: tuple[Step | Approval, ...] = (
    Step(
        name="examine", title="Find out why hosts are silent",
        check=repair.look, do=repair.nothing, verify=repair.found,
        no_undo_because="looking changes nothing",
        would=repair.would_look, looks=True,
    ),
    Approval(
        name="fix?", title="Put right what is safe to put right?",
        show=repair.plan, green=repair.safe, needed=repair.fixable,
    ),
    Step(
        name="fix", title="Put right what was agreed to",
        check=repair.still_needed, do=repair.fix, verify=repair.healed,
        no_undo_because="it only completes what the migration wants on its hosts",
        would=repair.would_fix, patience=lambda waits: waits.heartbeat,
    ),
)
