"""The migration, whole. `check` looks, `do` changes, `verify` proves, `undo` takes it back."""

from __future__ import annotations

from workflows.diagnosis import DIAGNOSE, explain
from workflows.history import HISTORY
from workflows.model import STOP_FIRST, JobKind
from workflows.routes import stopping_first
from workflows.step import Approval, Step, Workflow
from workflows.steps import (
    alone,
    config,
    cutover,
    destination,
    forecast,
    group,
    keep,
    proof,
    roster,
    source,
)
from workflows.steps.identity import PILOT, REST

# fmt: off

DUAL_ROWS: tuple[Step | Approval, ...] = (
    Step(
        name="source", title="Read what the source collects, and check it",
        check=source.look, do=source.nothing, verify=source.told,
        undo=source.nothing_to_undo, would=source.would, looks=True,
    ),
    Approval(
        name=keep.NAME, title="Keep the target's logstore as it is?",
        show=keep.plan, green=keep.green, needed=keep.needed, alone=True,
        if_declined=keep.IF_DECLINED,
    ),
    Step(
        name="hosts", title="Look at every host of the app",
        check=roster.look, do=roster.nothing, verify=roster.told,
        undo=roster.nothing_to_undo, would=roster.would, looks=True,
    ),
    Step(
        name="forecast", title="Forecast what each route would lose and repeat",
        check=forecast.look, do=forecast.nothing, verify=forecast.told,
        undo=forecast.nothing_to_undo, would=forecast.would, looks=True,
        patience=forecast.patience,
    ),
    Step(
        name="pilot", title="Add the target's account id and custom id on the first host",
        check=PILOT.look, do=PILOT.add, verify=PILOT.present,
        undo=PILOT.remove_ours, would=PILOT.would,
    ),
    Step(
        name="group", title="Create the machine group and wait for the first host's heartbeat",
        check=group.look, do=group.create, verify=group.pilot_beating, explain=explain,
        undo=group.delete_ours, would=group.would, patience=lambda waits: waits.heartbeat,
    ),
    Step(
        name="identity", title="Add both ids on the other hosts, in growing batches",
        check=REST.look, do=REST.add, verify=REST.present,
        undo=REST.remove_ours, would=REST.would,
    ),
    Step(
        name="heartbeats", title="Wait for every host's heartbeat",
        check=group.expected, do=group.nothing, verify=group.all_beating, explain=explain,
        undo=group.nothing_to_undo, would=group.would_wait, looks=True,
        patience=lambda waits: waits.heartbeat,
    ),
    Step(
        name="destination", title="Create logstore and index",
        check=destination.look, do=destination.create, verify=destination.counting,
        undo=destination.delete_if_empty, would=destination.would,
        patience=lambda waits: waits.appear + waits.index,
    ),
    Step(
        name="both", title="Collect into the target beside the source",
        check=config.look, do=config.collect_too, verify=config.held_by_all, explain=explain,
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
        show=cutover.plan, green=cutover.safe_to_stop,
    ),
    Step(
        name="stop", title="Detach the source's config",
        check=cutover.look, do=cutover.detach, verify=cutover.only_target,
        undo=cutover.attach_again, would=cutover.would,
        undo_costs="the source's agents read up to 1 MiB of each file again, so it repeats lines; "
                   "what it missed is filled in from the target, at most 7 days back",
        red_back_to="proof",
        patience=lambda waits: waits.delivery + waits.proof,
    ),
    Step(
        name="alone", title="Watch that the target alone receives every host's lines",
        check=alone.begin, do=alone.nothing, verify=alone.every_host_heard,
        undo=alone.nothing_to_undo, would=alone.would, looks=True, red_back_to="proof",
        patience=lambda waits: waits.alone + waits.proof,
    ),
    Approval(
        name="delete?", title="Delete the source's config?",
        show=cutover.last_words, green=cutover.applied_nowhere,
    ),
    Step(
        name="delete", title="Delete the source's config",
        check=cutover.snapshot, do=cutover.delete, verify=cutover.deleted,
        undo=cutover.recreate, would=cutover.would_delete,
        undo_costs="a config made again counts as younger: where two want one file, the older gets it",
    ),
)

LOGMIGRATE = Workflow(
    "logmigrate", DUAL_ROWS, also={JobKind.DIAGNOSE: DIAGNOSE, JobKind.HISTORY: HISTORY},
    routes={STOP_FIRST: stopping_first(DUAL_ROWS)},
)
