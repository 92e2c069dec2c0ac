"""What a look at the hosts shows of files and agents; on the stage no command has to be run for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.hosts.journal import What
from sandbox.simulate.disk import DEVICE
from sandbox.simulate.stream import FOLDER
from workflows.steps.files import FileSeen, HostFiles, Looked

if TYPE_CHECKING:
    from sandbox.simulate.host import Host
    from sandbox.simulate.stage import Stage


def looked(stage: Stage) -> Looked:
    """Every host as it is now."""
    now = stage.clock.now()
    return Looked(now, {host.plan.name: _seen(host, now) for host in stage.hosts})


def _seen(host: Host, now: float) -> HostFiles:
    files = [
        FileSeen(f"{FOLDER}/{name}", DEVICE, file.inode, len(file.data), int(file.modified))
        for name, file in host.disk.files(FOLDER)
    ]
    newest_first = tuple(sorted(files, key=lambda file: -file.modified))
    started = max((int(one.at) for one in host.agent.journal.of(What.STARTED)), default=0)
    return HostFiles(int(now), newest_first, started=started)
