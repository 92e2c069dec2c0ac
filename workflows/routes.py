"""What a migration goes through that stops the source first; the rows it shares are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from workflows.step import Approval, Step
from workflows.steps import config, cutover, forecast, handed_over, proof, stop_first

GREEN = "bound"  # the last row at which the source collects and nothing was begun

# fmt: off

LOSING: tuple[Step | Approval, ...] = (
    Step(
        name=GREEN, title="Look once more at what would be lost",
        check=forecast.look, do=forecast.nothing, verify=forecast.told,
        undo=forecast.nothing_to_undo, would=forecast.would, looks=True,
        patience=forecast.patience,
    ),
    Approval(
        name="lose?", title="Stop the source first, and lose up to what is forecast?",
        show=stop_first.plan, green=stop_first.within_bound,
        if_declined="Roll back, and start again without --stop-first: both collect for a while, "
                    "and nothing is lost.",
    ),
    Step(
        name="unbind", title="Stop collecting into the source",
        check=cutover.look, do=stop_first.detach, verify=stop_first.let_go,
        undo=stop_first.attach_again, would=stop_first.would, uncovered=True, red_back_to=GREEN,
        undo_costs="what nobody collected stays lost, and the source's agents read up to 1 MiB of "
                   "each file again, so it repeats lines; what the target received is filled in",
        patience=lambda waits: waits.delivery,
    ),
    Step(
        name="both", title="Collect into the target",
        check=config.look, do=config.collect_too, verify=config.held_by_all,
        undo=stop_first.withdraw, would=config.would, uncovered=True, red_back_to=GREEN,
        patience=lambda waits: waits.delivery,
    ),
    Step(
        name="proof", title="Hear every host in the target, and measure the gap",
        check=handed_over.begin, do=handed_over.nothing, verify=handed_over.measured,
        undo=proof.nothing_to_undo, would=handed_over.would, red_back_to=GREEN,
        patience=lambda waits: waits.delivery + waits.proof,
    ),
)

# fmt: on

INSTEAD = ("both", "proof", "stop?", "stop")


def stopping_first(dual: Sequence[Step | Approval]) -> tuple[Step | Approval, ...]:
    """Of the rows where both collect, those that hold here too, and what comes instead."""
    names = [row.name for row in dual]
    at, after = names.index(INSTEAD[0]), names.index(INSTEAD[-1]) + 1
    return (*dual[:at], *LOSING, *map(_behind, dual[after:]))


def _behind(row: Step | Approval) -> Step | Approval:
    if isinstance(row, Step) and row.name == "alone":
        return replace(row, check=handed_over.begin_alone, red_back_to=GREEN)
    return row
