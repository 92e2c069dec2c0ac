"""The help article's order, played by a person: the source's config ends, then the target's comes.

Nothing of the product takes part, and the target's config has no force flag.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from sandbox import source
from sandbox.hosts.journal import What
from sandbox.hosts.root import CUSTOM_IDS, USERS
from sandbox.world import SOURCE, TARGET, TARGET_ACCOUNT, World
from tests.e2e.hand_over_kit import SOURCE_KEY, TARGET_KEY, entries

PATIENCE = 30.0  # seconds for whatever is waited for


def prepare(world: World) -> None:
    """The target is there and hears every host, and collects nothing yet."""
    client, project = world.client("target"), TARGET["project"]
    source._post(client, project, "/logstores", source._logstore(TARGET["logstore"]))
    source._post(client, project, f"/logstores/{TARGET['logstore']}/index", source.INDEX)
    group = source._group(TARGET["machine_group"], TARGET["machine_group"])
    source._post(client, project, "/machinegroups", group)
    for host in world.fleet.hosts:
        (host.root / USERS).mkdir()
        (host.root / USERS / TARGET_ACCOUNT).touch()
        ids = (host.root / CUSTOM_IDS).read_text("utf-8").splitlines()
        (host.root / CUSTOM_IDS).write_text("\n".join([*ids, TARGET["machine_group"], ""]), "utf-8")
    _until(lambda: _heard(client) == world.shape.hosts, "every host's heartbeat")


def stop_first(world: World, lines: int) -> None:
    """The applications write at least so many lines while no config is there."""
    config, group = SOURCE["config"], SOURCE["machine_group"]
    body = _body(world.client("source"))
    world.client("source").remove_config_to_machine_group(SOURCE["project"], config, group)
    _until(lambda: _all(world, SOURCE_KEY, What.LEFT), "every agent to let go of the source")
    enough = _written(world) + lines
    _until(lambda: _written(world) >= enough, "the applications to write on")
    client, project = world.client("target"), TARGET["project"]
    output = {"projectName": project, "logstoreName": TARGET["logstore"]}
    named = {"configName": TARGET["config"], "outputDetail": output}
    source._post(client, project, "/configs", {**body, **named})
    binding = (project, TARGET["config"], TARGET["machine_group"])
    source._until_known(lambda: client.apply_config_to_machine_group(*binding))
    _until(lambda: _all(world, TARGET_KEY, What.TAKEN), "every agent to take the target's config")


def _body(client: Any) -> dict[str, Any]:
    path = f"/configs/{SOURCE['config']}"
    body, _ = client._send("GET", SOURCE["project"], None, path, {}, {})
    return {name: value for name, value in body.items() if not name.endswith("Time")}


def _heard(client: Any) -> int:
    return len(client.list_machines(TARGET["project"], TARGET["machine_group"]).get_machines())


def _written(world: World) -> int:
    return sum(app.written for app in world.fleet.apps.values())


def _all(world: World, key: str, what: What) -> bool:
    return all(entries(world, name, key, what) for name in world.shape.names)


def _until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waiting for {what}: {PATIENCE:.0f} s are over")
        pause.wait(0.05)
