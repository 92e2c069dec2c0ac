"""A model of Logtail / LoongCollector on one host: it really reads files and ships their lines.

What it does follows the documentation and the open source of the agent; each rule names its
source where it stands. Durations are documented seconds that the clock scales. Not modelled:
containers, wildcards in paths, records of several lines, plugins, filters, the CPU limit.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

from sandbox.hosts.alarms import PAUSE, Alarms
from sandbox.hosts.collector import Collector
from sandbox.hosts.config import Config, read_config
from sandbox.hosts.due import Due
from sandbox.hosts.identity import Identity, read_identity
from sandbox.hosts.journal import Entry, Journal, What
from sandbox.hosts.refusal import NotCollectable
from sandbox.hosts.root import AGENT_LOG, DELIVERED, Machine, replace_text
from sandbox.hosts.sender import Sender
from sandbox.hosts.setting import Setting
from sandbox.sls.door import Beat

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from sandbox.clock import Clock
    from sandbox.sls.door import Delivered, Door

# Seconds. Help pages: identity files act "within 1 minute"; a new config is delivered in "at most
# 3 minutes", of which the last round needs a little. The period of heartbeats is not published.
IDENTITY = (30.0, 60.0)
HEARTBEAT = (30.0, 60.0)
FETCH = (30.0, 150.0)
CHECKPOINT = 900.0  # check_point_dump_interval


class Agent:
    """One host's agent. `round` makes one pass and may be called from any thread."""

    def __init__(
        self,
        machine: Machine,
        root: Path,
        *,
        own_account: str,
        door: Door,
        clock: Clock,
        rng: random.Random,
        truth: Path,
    ) -> None:
        self.journal = Journal(truth)
        self.alarms = Alarms(root / AGENT_LOG, clock.real(PAUSE))
        self.running = False
        self._own_account = own_account
        self._door = door
        self._rng = rng
        self._in = Setting(machine, root, clock, self.journal, self.alarms)
        self._lock = threading.Lock()

    def start(self, now: float) -> None:
        """Begin a life: read the checkpoint, and fetch at once in the first round."""
        with self._lock:
            self._identity = Identity(frozenset(), ())
            self._delivered: dict[str, Delivered] | None = None
            self._collector = Collector(self._in, Sender(self._in, self._door))
            self._collector.recall()
            self._set_duties(now)
            self.running = True
            self.journal.note(Entry(now, What.STARTED))

    def round(self, now: float) -> None:
        """Do what is due, then read and ship. Nothing happens while the agent is stopped."""
        with self._lock:
            if not self.running:
                return
            if self._identity_due.comes(now):
                self._identity = read_identity(self._in.root, self._own_account)
            self._talk(now)
            self._collector.round(self._identity.accounts, now)
            if self._dump_due.comes(now):
                self._collector.dump()

    def stop(self, now: float) -> None:
        """End cleanly: every place goes to the checkpoint. Source: help page, graceful stop."""
        self._end(What.STOPPED, now)

    def kill(self, now: float) -> None:
        """End as by kill -9: what was shipped since the last dump will be shipped again."""
        self._end(What.KILLED, now)

    def behind(self) -> int:
        """Return the bytes that lie in taken files and are not shipped; 0 when all is shipped."""
        with self._lock:
            return self._collector.behind()

    def _end(self, what: What, now: float) -> None:
        with self._lock:
            if not self.running:
                return
            self.running = False
            if what is What.STOPPED:
                self._collector.dump()
            for place in self._collector.places():
                file = (place.path, place.dev, place.inode)
                entry = Entry(now, What.REACHED, place.config, *file, offset=place.offset)
                self.journal.note(entry)
            self.journal.note(Entry(now, what))

    def _set_duties(self, now: float) -> None:
        real = self._in.clock.real
        self._identity_due = Due(self._rng, real(IDENTITY[0]), real(IDENTITY[1]))
        self._beat_due = Due(self._rng, real(HEARTBEAT[0]), real(HEARTBEAT[1]))
        self._fetch_due = Due(self._rng, real(FETCH[0]), real(FETCH[1]))
        self._dump_due = Due(self._rng, real(CHECKPOINT), real(CHECKPOINT))
        self._dump_due.put_off(now)

    def _talk(self, now: float) -> None:
        """Beat when due; of the answers only one in a while is taken as the configs to run."""
        beat, fetch = self._beat_due.comes(now), self._fetch_due.comes(now)
        if not beat and not fetch:
            return
        answer = self._door.beat(self._beat())
        if fetch:
            self._obey({delivered.key: delivered for delivered in answer}, now)

    def _beat(self) -> Beat:
        machine = self._in.machine
        return Beat(
            ip=machine.ip,
            unique_id=machine.unique_id,
            ids=self._identity.ids,
            accounts=self._identity.accounts,
            version=machine.version,
            os=machine.os,
            region=machine.region,
        )

    def _obey(self, delivered: dict[str, Delivered], now: float) -> None:
        """Run these configs if they are not the ones that run already."""
        if delivered == self._delivered:
            return
        self._delivered = delivered
        self._write_delivered(delivered)
        readings = [self._understand(one, now) for one in delivered.values()]
        self._collector.adopt({config.key: config for config in readings if config}, now)

    def _understand(self, delivered: Delivered, now: float) -> Config | None:
        try:
            return read_config(delivered)
        except NotCollectable as refusal:
            self.alarms.ring(now, "USER_CONFIG_ALARM", delivered.key, str(refusal))
            return None

    def _write_delivered(self, delivered: dict[str, Delivered]) -> None:
        """List what was delivered, under `##1.0##<project>$<config>`. Source: help page 71414."""
        metrics = {key: _listed(one) for key, one in delivered.items()}
        text = json.dumps({"metrics": metrics}, indent=2) + "\n"
        replace_text(self._in.root / DELIVERED, text)


def _listed(delivered: Delivered) -> dict[str, object]:
    detail = delivered.body.get("inputDetail") or {}
    return {
        "aliuid": delivered.account,
        "project_name": delivered.project,
        "category": (delivered.body.get("outputDetail") or {}).get("logstoreName", ""),
        "create_time": delivered.create_time,
        "log_path": detail.get("logPath", ""),
        "file_pattern": detail.get("filePattern", ""),
        "enable": True,
    }
