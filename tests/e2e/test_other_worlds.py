"""The main job where the world is stricter, older, newer, or other than public sources say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.sls import Policy, Unsettled
from sandbox.world import ACCOUNTS, REGION, SOURCE, TARGET, Shape
from tests.contract.ram_files import filled
from tests.e2e.stage import FAST, PATIENT, staged

pytestmark = PATIENT
FILES = {"source": ("source.json", "source-rollback.json"), "target": ("target.json",)}
OTHERWISE = Unsettled(
    config_exists=404,
    remove_unapplied=404,
    stale_machines=True,
    id_separator=",",
    custom_id_hides_ip=True,
    all_group_attributes=False,
)
WORLDS = {
    "agents of four versions": Shape(
        hosts=4, version={"h1": "1.8.8", "h2": "2.0.7", "h3": "3.0.5", "h4": "3.3.5"}
    ),
    "all that is unsettled is otherwise": Shape(hosts=1, unsettled=OTHERWISE),
}


@pytest.mark.parametrize("world", WORLDS)
def test_the_move_loses_and_doubles_nothing_there_either(world: str, tmp_path: Path) -> None:
    shape = replace(WORLDS[world], speed=FAST.speed, habits=FAST.habits)
    with staged(tmp_path, shape) as stage:
        stage.moves()
        stage.world.quiet()
        tally = stage.world.tally()

    assert tally.clean, tally
    assert tally.started == shape.hosts


def test_the_policies_of_the_documentation_suffice_for_the_move_and_its_undoing(
    tmp_path: Path,
) -> None:
    policies = {side: tuple(map(_policy, names)) for side, names in FILES.items()}
    with staged(tmp_path, replace(FAST, hosts=1, policies=policies)) as stage:
        stage.moves()
        stage.types("bob", "rollback app-b")
        stage.waits_for_root("↩ Rolled back")
        refused = [call for call in stage.world.sls.journal.since() if call.status in {401, 403}]

    assert refused == []


def _policy(document: str) -> Policy:
    """Of docs/ram/, for the two projects of this world."""
    names = {"region": REGION}
    for side, own in (("source", SOURCE), ("target", TARGET)):
        names |= {f"{side} {what}": own[what] for what in ("project", "logstore")}
        names[f"{side} account"] = ACCOUNTS[side]
    return Policy.of(filled(document, names))
