"""The same work by asyncssh, with host keys and key read once; runs in its own environment."""

from __future__ import annotations

import asyncio
import gc
import sys

import asyncssh

from bench.fleet.spec import KEX, Fleet, begin, tell


async def main() -> int:
    fleet = Fleet.read()
    options = asyncssh.SSHClientConnectionOptions(
        username=fleet.user,
        client_keys=[asyncssh.read_private_key(fleet.key)],
        known_hosts=asyncssh.read_known_hosts(fleet.known_hosts),
        agent_path=None,
        config=None,
        kex_algs=[KEX],
        encryption_algs=["aes128-gcm@openssh.com"],
        compression_algs=["none"],
    )
    begin()
    slots = asyncio.Semaphore(fleet.concurrency)
    await asyncio.gather(*(_on(fleet, options, slots, name) for name in fleet.hosts))
    gc.freeze()  # as ours: nothing is looked through for the end of the process
    return 0


async def _on(
    fleet: Fleet,
    options: asyncssh.SSHClientConnectionOptions,
    slots: asyncio.Semaphore,
    name: str,
) -> None:
    async with (
        slots,
        asyncssh.connect(fleet.hosts[name], fleet.port, options=options) as connection,
    ):
        said = await connection.run(fleet.script(name), check=True)
    tell(name, str(said.stdout))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
