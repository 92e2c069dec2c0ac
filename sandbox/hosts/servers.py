"""All SSH servers of a fleet in one event loop, in one thread."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from sandbox.hosts.ssh import Fault, Flake, SshHost

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine, Iterable, Mapping

    from sandbox.hosts.shells import Shell

PATIENCE = 60.0  # seconds for all servers to open or close; far more than it takes


class SshServers:
    """Opens, breaks, mends and closes servers by name, from any thread."""

    def __init__(self, hosts: Mapping[str, SshHost]) -> None:
        self._hosts = dict(hosts)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ssh", daemon=True)

    def start(self) -> None:
        """Open every server; each has its port when this returns."""
        self._thread.start()
        self._do(_all(host.begin() for host in self._hosts.values()))

    def stop(self) -> None:
        """Close every server and the loop."""
        if self._thread.ident is None:
            self._loop.close()
            return
        self._do(_all(host.end() for host in self._hosts.values()))
        self._do(_let_tasks_end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def break_(self, name: str, fault: Fault) -> None:
        """Make one host refuse in this way from now on; what is connected to it is cut."""
        self.refuse(name, fault)

    def mend(self, name: str) -> None:
        """Make one host answer again, on the port it had."""
        self.refuse(name, None)

    def refuse(self, name: str, fault: Fault | None) -> None:
        """Do one or the other, or before the start remember to."""
        if self._thread.ident is None:
            self._host(name).fault = fault
        else:
            self._do(self._host(name).refuse(fault))

    def reset(self) -> None:
        """Mend every host that refuses."""
        for name in [name for name, host in self._hosts.items() if host.fault]:
            self.mend(name)

    def set_shell(self, name: str, shell: Shell) -> None:
        """Have one host take commands in this way."""
        self._host(name).shell = shell

    def set_flake(self, name: str, flake: Flake) -> None:
        """Have one host hang up on a share of its connections."""
        self._host(name).flake = flake

    def _host(self, name: str) -> SshHost:
        if name not in self._hosts:
            raise KeyError(f"no host {name!r} here; there are {', '.join(self._hosts)}")
        return self._hosts[name]

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)


async def _all(works: Iterable[Awaitable[None]]) -> None:
    for work in works:
        await work


async def _let_tasks_end() -> None:
    """Cancel what still runs, so that closing the loop finds nothing pending."""
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
