"""A model of Logtail / LoongCollector on one host: it really reads files and ships their lines.

What it does follows the documentation and the open source of the agent; each rule names its
source where it stands. Durations are documented seconds that the clock scales. Not modelled:
containers, plugins, SPL.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from sandbox.hosts.address import agent_ip
from sandbox.hosts.alarms import Alarms
from sandbox.hosts.collector import Collector
from sandbox.hosts.delivered import Delivery
from sandbox.hosts.due import Due
from sandbox.hosts.heartbeat import heartbeat
from sandbox.hosts.identity import Identity, read_identity
from sandbox.hosts.journal import Entry, Journal, What
from sandbox.hosts.refusal import NotCollectable
from sandbox.hosts.root import APP_INFO, Machine, app_info, json_text
from sandbox.hosts.sender import Sender
from sandbox.hosts.setting import Setting
from sandbox.hosts.startup import CannotStart, read_startup
from sandbox.hosts.strain import LOOK_EVERY, Cost, Watch
from sandbox.hosts.understand import read_config
from sandbox.hosts.versions import traits
from sandbox.sls.errors import SlsError

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from sandbox.clock import Clock
    from sandbox.hosts.config import Config
    from sandbox.hosts.disk import Disk
    from sandbox.hosts.network import Way
    from sandbox.sls.door import Delivered

# Seconds. Help pages: identity files act "within 1 minute"; a new config is delivered in "at most
# 3 minutes", of which the last round needs a little. The period of heartbeats is not published.
IDENTITY = (30.0, 60.0)
HEARTBEAT = (30.0, 60.0)
FETCH = (30.0, 150.0)
CHECKPOINT = 900.0  # check_point_dump_interval
REVIVED_AFTER = 10.0  # fork_interval, core/logtail.cpp


class Agent:
    """One host's agent. `round` makes one pass and may be called from any thread."""

    def __init__(
        self,
        machine: Machine,
        disk: Disk,
        *,
        own_account: str,
        door: Way,
        clock: Clock,
        rng: random.Random,
        truth: Path | None,
        cost: Cost | None = None,
        overload_kills: bool = False,
        memory: float = 30.0,
    ) -> None:
        """Make one that is not started; `memory` is what it uses, in MB."""
        self.journal = Journal(truth)
        self._row = traits(machine.release)
        self.alarms = Alarms(disk, clock, self._row.log)
        self.running = False
        self._own_account = own_account
        self._door = door
        self._rng = rng
        self._in = Setting(machine, disk, clock, self.journal, self.alarms)
        self._lock = threading.Lock()
        self._cost = cost or Cost()
        self._overload_kills = overload_kills
        self._memory = memory
        self._revive_at: float | None = None

    def start(self, now: float) -> None:
        """Begin a life: read settings and checkpoint, and fetch at once in the first round."""
        with self._lock:
            self._start(now)

    def round(self, now: float) -> None:
        """Do what is due, then read and ship. Nothing happens while the agent is stopped."""
        with self._lock:
            if self._revive_at is not None and now >= self._revive_at:
                self._start(now)
            if not self.running:
                return
            if self._identity_due.comes(now):
                self._identity = self._read_identity()
                self._sender.tags.custom_ids = self._identity.ids
            self._talk(now)
            self._collector.round(self._identity.accounts, now)
            if self._dump_due.comes(now):
                self._collector.dump()
            if self._look_due.comes(now):
                self._look_at_itself(now)

    def stop(self, now: float) -> None:
        """End cleanly: every place goes to the checkpoint. Source: help page, graceful stop."""
        self._end(What.STOPPED, now)

    def kill(self, now: float, *, revived: bool = False) -> None:
        """End as by kill -9: what was shipped since the last dump will be shipped again.

        `revived`: only the worker was killed, and its daemon begins another.
        """
        self._end(What.KILLED, now, now + self._in.clock.real(REVIVED_AFTER) if revived else None)

    @property
    def lives(self) -> bool:
        """Say whether it runs or will come back by itself."""
        return self.running or self._revive_at is not None

    def behind(self) -> int:
        """Return the bytes that lie in taken files and are not shipped; 0 when all is shipped."""
        with self._lock:
            return self._collector.behind()

    def next_due(self) -> float:
        """Return when a round is next due even if no file changes until then."""
        if not self.running:
            return float("inf") if self._revive_at is None else self._revive_at
        dues = (
            self._identity_due,
            self._beat_due,
            self._fetch_due,
            self._dump_due,
            self._look_due,
        )
        return min(self._collector.next_due(), *(due.next for due in dues))

    def _start(self, now: float) -> None:
        self._revive_at = None
        machine, disk = self._in.machine, self._in.disk
        try:
            self._startup = read_startup(disk, self._row, machine.env)
        except CannotStart as refusal:
            self.alarms.warn(now, machine.name, f"not started: {refusal}")
            return
        self._ip = agent_ip(disk, machine, self._startup.working_ip)
        info = app_info(machine, self._ip, now, self._in.clock.local(now))
        disk.replace(APP_INFO, json_text(info))
        self._identity = Identity(frozenset(), ())
        self._delivered: dict[str, Delivered] | None = None
        self._sender = Sender(self._in, self._door, self._startup)
        self._collector = Collector(self._in, self._sender, self._startup.acceptance)
        self._collector.recall()
        self._watch = Watch(self._cost, self._memory, self._startup, self._row, now)
        self._set_duties(now)
        self.running = True
        self.journal.note(Entry(now, What.STARTED))

    def _end(self, what: What, now: float, revive_at: float | None = None) -> None:
        with self._lock:
            self._revive_at = revive_at if self.running else None
            self._end_life(what, now)

    def _end_life(self, what: What, now: float) -> None:
        if not self.running:
            return
        self.running = False
        if what is What.STOPPED:
            self._collector.dump()
        self._sender.end(now)
        for place in self._collector.places():
            file = (place.path, place.dev, place.inode)
            entry = Entry(now, What.REACHED, place.config, *file, offset=place.offset)
            self.journal.note(entry)
        self.journal.note(Entry(now, what))

    def _look_at_itself(self, now: float) -> None:
        """Restart after too much CPU for too long, or under another ip. Source: Monitor.cpp.

        LogtailMonitor::Suicide asks for a clean end, which saves the places, and cuts it off after
        60 s; `overload_kills` is for a host where that is what happens.
        """
        overload = self._watch.look(self._sender.bytes, len(self._delivered or ()), now)
        if overload:
            self.alarms.log(now, "core/monitor/Monitor.cpp:178", overload)
            self._restart(overload, now)
        elif self._ip != agent_ip(self._in.disk, self._in.machine, self._startup.working_ip):
            self._restart(f"the host's ip is no longer {self._ip}", now)

    def _restart(self, why: str, now: float) -> None:
        self.alarms.ring(now, "LOGTAIL_CRASH_ALARM", self._in.machine.name, why)
        self.journal.note(Entry(now, What.OVERLOADED))
        self._end_life(What.KILLED if self._overload_kills else What.STOPPED, now)
        self._revive_at = now + self._in.clock.real(REVIVED_AFTER)

    def _set_duties(self, now: float) -> None:
        real = self._in.clock.real
        self._identity_due = Due(self._rng, real(IDENTITY[0]), real(IDENTITY[1]))
        self._beat_due = Due(self._rng, real(HEARTBEAT[0]), real(HEARTBEAT[1]))
        self._fetch_due = Due(self._rng, real(FETCH[0]), real(FETCH[1]))
        self._dump_due = Due(self._rng, real(CHECKPOINT), real(CHECKPOINT))
        self._dump_due.put_off(now)
        self._look_due = Due(self._rng, real(LOOK_EVERY), real(LOOK_EVERY))
        self._look_due.put_off(now)

    def _read_identity(self) -> Identity:
        machine = self._in.machine
        return read_identity(self._in.disk, self._own_account, machine.env, self._row)

    def _talk(self, now: float) -> None:
        """Beat when due; of the answers only one in a while is taken as the configs to run."""
        beat, fetch = self._beat_due.comes(now), self._fetch_due.comes(now)
        if not beat and not fetch:
            return
        answer = self._beat_to_all(now)
        if fetch and answer is not None:
            self._obey({delivered.key: delivered for delivered in answer}, now)

    def _beat_to_all(self, now: float) -> list[Delivered] | None:
        """Beat in every region the agent was started with; None where nobody answers.

        Source: help page on heartbeat errors: without an ip the agent cannot work, and a region
        that its config servers do not name hears nothing of it.
        """
        if not self._ip or not self._startup.regions:
            return None
        says = partial(heartbeat, self._in.machine, self._ip, self._identity)
        try:
            answers = [self._door.beat(says(one, now)) for one in self._startup.regions]
        except SlsError as refusal:
            self.alarms.warn(now, "heartbeat", f"the service answered {refusal.code}")
            return None
        return [delivered for answer in answers for delivered in answer]

    def _obey(self, delivered: dict[str, Delivered], now: float) -> None:
        """Run these configs if they are not the ones that run already."""
        if delivered == self._delivered:
            return
        self._delivered = delivered
        self._list_delivered(delivered)
        readings = [self._understand(one, now) for one in delivered.values()]
        self._collector.adopt({config.key: config for config in readings if config}, now)

    def _understand(self, delivered: Delivered, now: float) -> Config | None:
        try:
            return read_config(delivered, self._in.machine.release)
        except NotCollectable as refusal:
            self.alarms.ring(now, "USER_CONFIG_ALARM", delivered.key, str(refusal))
            return None

    def _list_delivered(self, delivered: dict[str, Delivered]) -> None:
        place = self._in.machine.delivered_in or self._row.delivered
        Delivery(self._in.disk, place).write(delivered)
