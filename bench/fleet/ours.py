"""Prepare the fleet exactly as the product does: FabricHosts and the command of its step."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from bench.fleet.spec import Fleet, begin, tell
from bot.ssh import FabricHosts, SshTarget


def main() -> int:
    fleet = Fleet.read()
    hosts = _reach(fleet)
    commands = {name: fleet.command(name) for name in fleet.hosts}
    begin()
    for result in hosts.run(commands):
        state = "changed" if result.changed else "same"
        tell(result.host, state if result.ok else f"{result.said} failed")
    gc.freeze()  # a bot does not end after each run, and so looks nothing through for its end
    return 0


def _reach(fleet: Fleet) -> FabricHosts:
    key = Path(fleet.key)
    targets = {
        name: SshTarget(name, address, fleet.port, fleet.user, key)
        for name, address in fleet.hosts.items()
    }
    return FabricHosts(
        targets,
        Path(fleet.known_hosts),
        concurrency=fleet.concurrency,
        connect=fleet.patience,
        banner=fleet.patience,
        auth=fleet.patience,
        command=fleet.patience,
    )


if __name__ == "__main__":
    sys.exit(main())
