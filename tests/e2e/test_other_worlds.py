"""The main job where the world is stricter, older, newer, or other than public sources say."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.sls import Policy, Unsettled
from sandbox.world import ACCOUNTS, REGION, SOURCE, TARGET, Shape
from tests.e2e.stage import FAST, PATIENT, staged

pytestmark = PATIENT
OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
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


def test_the_permissions_that_the_documentation_lists_suffice_for_the_move_and_its_undoing(
    tmp_path: Path,
) -> None:
    policies = {side: (_policy(side, actions),) for side, actions in _listed().items()}
    with staged(tmp_path, replace(FAST, hosts=1, policies=policies)) as stage:
        stage.moves()
        stage.types("bob", "rollback app-b")
        stage.waits_for_root("↩ Rolled back")
        refused = [call for call in stage.world.sls.journal.since() if call.status in {401, 403}]

    assert set(policies) == {"source", "target"}
    assert refused == []


def _listed() -> dict[str, set[str]]:
    """The actions by account, out of the table of docs/operating.md."""
    text = OPERATING.read_text(encoding="utf-8")
    found = defaultdict[str, set[str]](set)
    for side, cells in re.findall(r"^\| (source|target) \| (.+)$", text, re.MULTILINE):
        found[side] |= set(re.findall(r"`(log:\w+)`", cells))
    found["target"] |= set(re.findall(r"`(log:\w+)`", _looking(text)))
    return found


def _looking(text: str) -> str:
    """The row of the source that the target's row "as in the source" refers to."""
    return next(row for row in text.splitlines() if row.startswith("| source | looking"))


def _policy(side: str, actions: set[str]) -> Policy:
    """Those actions in the one project only; what has no permissions by resource wants `*`."""
    project = (SOURCE if side == "source" else TARGET)["project"]
    own = f"acs:log:{REGION}:{ACCOUNTS[side]}:project/{project}"
    whole = actions & {"log:DeleteConfig"}
    rows = [(sorted(actions - whole), [own, f"{own}/*"]), (sorted(whole), ["*"])]
    return Policy.of({"Version": "1", "Statement": [_allow(*row) for row in rows if row[0]]})


def _allow(actions: list[str], resources: list[str]) -> dict[str, object]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}
