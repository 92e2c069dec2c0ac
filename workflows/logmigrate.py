"""The migration, whole. `check` looks, `do` changes, `verify` proves, `undo` takes it back."""

from __future__ import annotations

from workflows.step import Approval, Step, Workflow
from workflows.steps import config, cutover, destination, group, identity, proof

# fmt: off

LOGMIGRATE = Workflow("logmigrate", steps=(
    Step(
        name="identity", title="Add the target's account id and custom id on every host",
        check=identity.look, do=identity.add, verify=identity.present,
        undo=identity.remove_ours, would=identity.would,
    ),
    Step(
        name="group", title="Create the machine group and wait for every host's heartbeat",
        check=group.look, do=group.create, verify=group.beating,
        undo=group.delete_ours, would=group.would, patience=lambda waits: waits.heartbeat,
    ),
    Step(
        name="destination", title="Create logstore and index",
        check=destination.look, do=destination.create, verify=destination.counting,
        undo=destination.delete_if_empty, would=destination.would,
        patience=lambda waits: waits.appear + waits.index,
    ),
    Step(
        name="both", title="Collect into the target beside the source",
        check=config.look, do=config.collect_too, verify=config.held_by_all,
        undo=config.withdraw, would=config.would, patience=lambda waits: waits.delivery,
    ),
    Step(
        name="proof", title="Prove that both sides hold the same lines",
        check=proof.begin, do=proof.nothing, verify=proof.both_equal,
        undo=proof.nothing_to_undo, would=proof.would,
        patience=lambda waits: waits.soak + waits.proof,
    ),
    Approval(
        name="stop?", title="Stop collecting into the source?",
        show=cutover.plan, green=proof.still_equal,
    ),
    Step(
        name="stop", title="Detach the source's config",
        check=cutover.look, do=cutover.detach, verify=cutover.only_target,
        undo=cutover.attach_again, would=cutover.would,
        undo_costs="the source's agents lose their read position: attached again, they start at the "
                   "end of each file minus 1 MiB, so the source may repeat or miss lines",
        patience=lambda waits: waits.delivery + waits.proof,
    ),
    Approval(
        name="delete?", title="Delete the source's config?",
        show=cutover.last_words, green=cutover.applied_nowhere,
    ),
    Step(
        name="delete", title="Delete the source's config",
        check=cutover.snapshot, do=cutover.delete, verify=cutover.deleted,
        undo=cutover.recreate, would=cutover.would_delete,
        undo_costs="a config made again from its snapshot is younger than the target's, and every "
                   "agent starts anew with it",
    ),
))
