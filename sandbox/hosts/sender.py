"""The shipping half of an agent: lines become groups, and a refused group is tried again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sandbox.hosts.journal import Entry, What
from sandbox.hosts.shipment import RETRY_AFTER, Shipment, Verdict, verdict
from sandbox.sls.door import LogGroup

if TYPE_CHECKING:
    from sandbox.hosts.config import Config
    from sandbox.hosts.files import Found
    from sandbox.hosts.reader import Chunk, Reader
    from sandbox.hosts.setting import Setting
    from sandbox.sls.door import Door

ROUND_BYTES = 4 * 1024 * 1024  # so that one busy file does not hold up a round for long

Key = tuple[str, int, int]


class Sender:
    """Ships what a reader has next; the reader's offset moves only past what was settled."""

    def __init__(self, setting: Setting, door: Door) -> None:
        self._in = setting
        self._door = door
        self._pending: dict[Key, Shipment] = {}

    def drain(
        self, config: Config, reader: Reader, found: Found, accounts: frozenset[str], now: float
    ) -> bool:
        """Ship the file's whole lines; True once none is left, False while one still waits."""
        enough = reader.offset + ROUND_BYTES
        while reader.offset < enough:
            shipment = self._next(config, reader, found, now)
            if shipment is None:
                return True
            if not self._settle(config, reader, shipment, accounts, now):
                return False
        return False

    def holds(self, key: str, reader: Reader) -> bool:
        """Say whether lines of this reader wait to be tried again."""
        return (key, reader.dev, reader.inode) in self._pending

    def drop(self, key: str, reader: Reader, now: float) -> None:
        """Give up what waits for a config that left."""
        if self.holds(key, reader):
            self._give_up(key, reader, self._pending[key, reader.dev, reader.inode], now)

    def _next(self, config: Config, reader: Reader, found: Found, now: float) -> Shipment | None:
        waiting = self._pending.get((config.key, reader.dev, reader.inode))
        if waiting:
            return waiting
        chunk = reader.chunk(found)
        return Shipment(self._group(config, reader, chunk, now), chunk.end, now) if chunk else None

    def _group(self, config: Config, reader: Reader, chunk: Chunk, now: float) -> LogGroup:
        outcomes = [config.rule.read(line, now) for line in chunk.lines]
        for kind, count in Counter(one.alarm for one in outcomes if one.alarm).items():
            text = f"{count} lines of {reader.path} before byte {chunk.end}"
            self._in.alarms.ring(now, kind, config.key, text)
        return LogGroup(
            topic=reader.path if config.topic_is_path else "",
            source=self._in.machine.ip,
            tags={"__path__": reader.path, "__hostname__": self._in.machine.name},
            logs=[one.log for one in outcomes if one.log],
        )

    def _settle(
        self,
        config: Config,
        reader: Reader,
        shipment: Shipment,
        accounts: frozenset[str],
        now: float,
    ) -> bool:
        """Try a shipment if it is time; True once its lines are stored or given up."""
        if now < shipment.not_before:
            return False
        if not shipment.group.logs:
            self._done(config.key, reader, shipment)
            return True
        status = self._door.put(accounts, config.project, config.logstore, shipment.group)
        tried = shipment.tried()
        waited = (now - shipment.read_at) / self._in.clock.real(1.0)
        match verdict(status, tried.tries, waited, self._in.machine.release):
            case Verdict.SENT:
                self._done(config.key, reader, tried)
                return True
            case Verdict.DISCARD:
                self._refused(config.key, status, tried, now)
                self._give_up(config.key, reader, tried, now)
                return True
            case Verdict.AT_ONCE:
                return self._settle(config, reader, tried, accounts, now)
        self._refused(config.key, status, tried, now)
        later = tried.waiting(now + self._in.clock.real(RETRY_AFTER))
        self._pending[config.key, reader.dev, reader.inode] = later
        return False

    def _done(self, key: str, reader: Reader, shipment: Shipment) -> None:
        self._pending.pop((key, reader.dev, reader.inode), None)
        reader.offset = shipment.end

    def _give_up(self, key: str, reader: Reader, shipment: Shipment, now: float) -> None:
        text = f"{len(shipment.group.logs)} lines of {reader.path} are lost"
        self._in.alarms.ring(now, "DISCARD_DATA_ALARM", key, text)
        file = (reader.path, reader.dev, reader.inode)
        entry = Entry(now, What.DISCARDED, key, *file, offset=reader.offset, until=shipment.end)
        self._in.journal.note(entry)
        self._done(key, reader, shipment)

    def _refused(self, key: str, status: int, shipment: Shipment, now: float) -> None:
        text = f"the service answered {status} to try {shipment.tries}"
        self._in.alarms.ring(now, "SEND_DATA_FAIL_ALARM", key, text)
