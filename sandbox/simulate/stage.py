"""Where a cut-over is played: events in the order of their time, and nothing in between."""

from __future__ import annotations

import heapq
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from sandbox.simulate.clock import VirtualClock
from sandbox.simulate.host import Host
from sandbox.simulate.service import SIDES, Refusing, RoughDoor, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.simulate.plan import Plan, Restart
    from sandbox.simulate.proof import Proof
    from sandbox.simulate.stream import Stream

BEGIN = 1_795_348_800.0  # any moment will do
DRAINED_WITHIN = 3600.0  # seconds after the last write
SHORTEST = 0.2  # seconds between two rounds of an agent that has something left to do


class Stage:
    """The world of one cut-over; `play` lets the time pass until a story and its echo are over."""

    def __init__(self, plan: Plan, door: type[RoughDoor] = RoughDoor) -> None:
        self.plan = plan
        self.clock = VirtualClock(BEGIN)
        self.service = Service(self.clock)
        self.door = door(self.service.state, self.clock)
        self.hosts = [
            Host(plan, own, index, self.clock, self.door) for index, own in enumerate(plan.hosts)
        ]
        self.troubled_until = BEGIN
        self.proof: Proof | None = None  # from the moment on when it begins
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._writing = True
        self._written_since = BEGIN

    def play(self, story: Iterator[float]) -> None:
        """Run a story, then end the applications and let the agents ship what is left."""
        for host in self.hosts:
            host.agent.start(self.clock.now())
            self._wake(host, self.clock.now())
        self._tell(story)
        self._run(lambda: not self._writing)
        deadline = self.clock.now() + DRAINED_WITHIN
        self._run(lambda: self._drained() or self.clock.now() > deadline)
        for host in self.hosts:
            host.agent.stop(self.clock.now())

    def begin_writing(self) -> None:
        """Start the applications."""
        self._written_since = self.clock.now()
        for host in self.hosts:
            for stream in host.streams:
                self._after(stream.pause(0.0), partial(self._write, host, stream))

    def rough_time(self) -> None:
        """Begin the refusals and restarts of the plan, as parts of the time together from now."""
        now, plan = self.clock.now(), self.plan
        for refusal in plan.refusals:
            begin = now + refusal.part * plan.together
            lasts = refusal.lasts * plan.together
            project = "" if refusal.side == "both" else SIDES[refusal.side].project
            self.door.refusing.append(Refusing(project, refusal.status, begin, begin + lasts))
            self._trouble(begin + lasts)
        for host in self.hosts:
            for restart in host.plan.restarts:
                self._after(restart.part * plan.together, partial(self._end, host, restart))
                self._trouble(now + restart.part * plan.together + restart.down)

    def late_news(self) -> None:
        """From now on some hosts are told late what is in force."""
        for host in self.hosts:
            self.door.late_until[host.unique_id] = self.clock.now() + host.plan.late

    def _trouble(self, until: float) -> None:
        self.troubled_until = max(self.troubled_until, until)

    def _tell(self, story: Iterator[float]) -> None:
        pause = next(story, None)
        if pause is None:
            self._end_writing()
        else:
            self._after(pause, partial(self._tell, story))

    def _end_writing(self) -> None:
        self._writing = False
        for host in self.hosts:
            for stream in host.streams:
                stream.flush()
            self._wake(host, self.clock.now() + host.plan.lag)

    def _write(self, host: Host, stream: Stream) -> None:
        if not self._writing:
            return
        stream.write(self.clock.local(self.clock.now()))
        self._wake(host, self.clock.now() + host.plan.lag)
        if stream.holds:
            self._after(stream.habits.flush, partial(self._flush, host, stream))
        self._after(
            stream.pause(self.clock.now() - self._written_since), partial(self._write, host, stream)
        )

    def _flush(self, host: Host, stream: Stream) -> None:
        stream.flush()
        self._wake(host, self.clock.now() + host.plan.lag)

    def _wake(self, host: Host, at: float) -> None:
        """Have the agent make a round by then; an earlier one does as well."""
        if at < host.round_at:
            host.round_at = at
            self._at(at, partial(self._round, host, at))

    def _round(self, host: Host, at: float) -> None:
        if at != host.round_at:
            return  # an earlier one came in its place
        host.round_at = float("inf")
        host.agent.round(at)
        self._wake(host, max(host.agent.next_due(), at + SHORTEST))

    def _end(self, host: Host, restart: Restart) -> None:
        if not host.agent.running:
            return
        (host.agent.stop if restart.clean else host.agent.kill)(self.clock.now())
        self._after(restart.down, partial(self._begin, host))

    def _begin(self, host: Host) -> None:
        host.agent.start(self.clock.now())
        self._wake(host, self.clock.now())

    def _drained(self) -> bool:
        return all(
            host.agent.running
            and host.agent.behind() == 0
            and host.round_at > self.clock.now() + host.plan.lag
            for host in self.hosts
        )

    def _after(self, seconds: float, go: Callable[[], None]) -> None:
        self._at(self.clock.now() + seconds, go)

    def _at(self, when: float, go: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), go))

    def _run(self, over: Callable[[], bool]) -> None:
        while self._events and not over():
            self.clock.at, _, go = heapq.heappop(self._events)
            go()
