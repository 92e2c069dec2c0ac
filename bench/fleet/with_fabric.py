"""The same work by fabric as its documentation has it, but with strict host keys."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from fabric import Connection
from paramiko import RejectPolicy

from bench.fleet.spec import Fleet, begin, tell


def main() -> int:
    fleet = Fleet.read()
    begin()
    with ThreadPoolExecutor(fleet.concurrency) as threads:
        for name, said in threads.map(partial(_on, fleet), fleet.hosts):
            tell(name, said)
    return 0


def _on(fleet: Fleet, name: str) -> tuple[str, str]:
    connection = Connection(
        fleet.hosts[name],
        user=fleet.user,
        port=fleet.port,
        connect_kwargs={"key_filename": fleet.key, "allow_agent": False, "look_for_keys": False},
    )
    connection.client.load_system_host_keys(fleet.known_hosts)
    connection.client.set_missing_host_key_policy(RejectPolicy())
    with connection:
        said = connection.run(fleet.script(name), hide=True, in_stream=False)
    return name, str(said.stdout)


if __name__ == "__main__":
    sys.exit(main())
