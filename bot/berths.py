"""How many hosts one process asks at a time, over all of its jobs and batches."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from bot.crew import Reach
from workflows.model import HostResult
from workflows.ports import Command

LEAST = 5  # a fifth of the berths is enough to begin: the others may be kept by hosts that are dead


class Berths:
    """A fixed number of berths, given out in the order in which they were asked for."""

    def __init__(self, every: int) -> None:
        self.every = every
        self._free = every
        self._line: deque[object] = deque()
        self._changed = threading.Condition()

    def roomy(self) -> bool:
        """Whether half of them are free, and nobody waits."""
        return self._free * 2 >= self.every and not self._line

    def take(self, wanted: int) -> int:
        """Wait until a few are free; as many of those wanted as there are."""
        me, least = object(), min(wanted, -(-self.every // LEAST))
        with self._changed:
            self._line.append(me)
            self._changed.wait_for(lambda: self._line[0] is me and self._free >= least)
            self._line.popleft()
            taken = min(wanted, self._free)
            self._free -= taken
            self._changed.notify_all()
        return taken

    def leave(self, count: int) -> None:
        with self._changed:
            self._free += count
            self._changed.notify_all()


@dataclass(frozen=True)
class BoundedHosts:
    """A Reach within the berths of its process; `reach` makes one that asks so many at a time."""

    reach: Callable[[int], Reach]
    berths: Berths

    def run(
        self,
        commands: Mapping[str, Command],
        heard: Callable[[HostResult], None] = lambda _: None,
        ours: Callable[[], None] = lambda: None,
    ) -> tuple[HostResult, ...]:
        """As the reach's run; berths are left as soon as fewer hosts are left than that."""
        if not commands:
            return ()
        left = len(commands)
        with self._held(left) as (held, leave_but):

            def hear(result: HostResult) -> None:
                nonlocal left
                left -= 1
                leave_but(left)
                heard(result)

            return self.reach(held).run(commands, hear, ours)

    @contextmanager
    def _held(self, hosts: int) -> Iterator[tuple[int, Callable[[int], None]]]:
        held = self.berths.take(min(hosts, self.berths.every))

        def leave_but(needed: int) -> None:
            nonlocal held
            spare = max(0, held - needed)
            held -= spare
            if spare:
                self.berths.leave(spare)

        try:
            yield held, leave_but
        finally:
            leave_but(0)
