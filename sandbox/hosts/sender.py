"""The shipping half of an agent: lines become groups, and a refused group is tried again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sandbox.hosts.access_keys import AccessKeys
from sandbox.hosts.journal import Entry, What
from sandbox.hosts.line import OFFSET
from sandbox.hosts.refused import Refusal, code_of, sort_of
from sandbox.hosts.shipment import RETRY_AFTER, Shipment, Verdict, verdict
from sandbox.hosts.tags import Tags
from sandbox.sls.door import LogGroup

if TYPE_CHECKING:
    from sandbox.hosts.chunks import Chunk
    from sandbox.hosts.config import Config
    from sandbox.hosts.files import Found
    from sandbox.hosts.network import Way
    from sandbox.hosts.reader import Reader
    from sandbox.hosts.setting import Setting
    from sandbox.hosts.startup import Startup

ROUND_BYTES = 4 * 1024 * 1024  # so that one busy file does not hold up a round for long


class Sender:
    """Ships what a reader has next; the reader's offset moves only past what was settled."""

    def __init__(self, setting: Setting, door: Way, startup: Startup | None = None) -> None:
        self._in = setting
        self._door = door
        self.tags = Tags(setting.machine)
        self._keys = AccessKeys(setting.clock)
        self._adjusts_time = bool(startup and startup.adjusts_time)
        self._ahead = setting.machine.skew  # of the service's clock, as far as not corrected
        self.bytes = 0  # read and settled, whether stored or given up
        self._pending: dict[Reader, Shipment] = {}
        self._left: dict[Reader, Config] = {}  # whose lines wait although the config is gone

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

    def holds(self, reader: Reader) -> bool:
        """Say whether lines of this reader wait to be tried again."""
        return reader in self._pending

    def next_try(self) -> float:
        """Return when the first of the waiting shipments may be tried again, infinite if none."""
        return min((one.not_before for one in self._pending.values()), default=float("inf"))

    def leave(self, config: Config, reader: Reader) -> int:
        """Go on trying what waits for a config that left; returns the byte after it.

        Source: SenderQueueManager.cpp ClearUnusedQueues, which removes no queue that is not empty.
        """
        if not self.holds(reader):
            return reader.offset
        self._left[reader] = config
        return self._pending[reader].end

    def retry(self, config: Config, reader: Reader, accounts: frozenset[str], now: float) -> bool:
        """Try again what was read already, file or no file; True once nothing waits."""
        waiting = self._pending.get(reader)
        return waiting is None or self._settle(config, reader, waiting, accounts, now)

    def send_left(self, accounts: frozenset[str], now: float) -> None:
        """Try again what configs that left have left behind."""
        for reader, config in list(self._left.items()):
            if self.retry(config, reader, accounts, now):
                del self._left[reader]

    def left_bytes(self) -> int:
        """Return how much that is."""
        return sum(self._pending[reader].end - reader.offset for reader in self._left)

    def end(self, now: float) -> None:
        """Lose it with the agent's life: no place holds it, and buffer files are not modelled."""
        for reader, config in self._left.items():
            self._give_up(config.key, reader, self._pending[reader], "the agent ended", now)
        self._left.clear()

    def _next(self, config: Config, reader: Reader, found: Found, now: float) -> Shipment | None:
        waiting = self._pending.get(reader)
        if waiting:
            return waiting
        patience = self._in.clock.real(config.flush_after)
        chunk = reader.chunk(found, config.records, now, patience)
        return Shipment(self._group(config, reader, chunk, now), chunk.end, now) if chunk else None

    def _group(self, config: Config, reader: Reader, chunk: Chunk, now: float) -> LogGroup:
        more = [{OFFSET: str(at)} if config.position_meta else None for at in chunk.starts]
        pairs = zip(chunk.lines, more, strict=True)
        outcomes = [config.rule.read(line, now, extra) for line, extra in pairs]
        alarms = Counter(one.alarm for one in outcomes if one.alarm)
        alarms["SPLIT_LOG_FAIL_ALARM"] = chunk.unmatched + chunk.cut
        for kind, count in (+alarms).items():
            text = f"{count} lines of {reader.path} before byte {chunk.end}"
            self._in.alarms.ring(now, kind, config.key, text)
        return LogGroup(
            topic=config.topic.of(reader.path)[0],
            source=self._in.machine.ip,
            tags=self.tags.of(config, reader),
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
            self._done(reader, shipment)
            return True
        answer = self._put(config, shipment, accounts, now)
        tried = shipment.tried()
        match self._judge(config, answer, tried, now):
            case Verdict.SENT:
                self._done(reader, tried)
                return True
            case Verdict.DISCARD:
                why = f"{code_of(answer)} to try {tried.tries}"
                self._give_up(config.key, reader, tried, why, now)
                return True
            case Verdict.AT_ONCE:
                return self._settle(config, reader, tried, accounts, now)
        self._refused(config.key, answer, tried, now)
        self._pending[reader] = tried.waiting(now + self._in.clock.real(RETRY_AFTER))
        return False

    def _put(self, config: Config, shipment: Shipment, accounts: frozenset[str], now: float) -> int:
        """Send with the host's own time, which the service compares with its own."""
        place = (accounts, config.project, config.logstore, shipment.group)
        return self._door.put(*place, at=now + self._ahead if self._ahead else None)

    def _judge(self, config: Config, answer: int, tried: Shipment, now: float) -> Verdict:
        waited = (now - tried.read_at) / self._in.clock.real(1.0)
        said = verdict(
            answer,
            tried.tries,
            waited,
            self._in.machine.release,
            self._keys.age(config.account, now),
            adjusts_time=self._adjusts_time,
        )
        match sort_of(code_of(answer)):
            case Refusal.UNAUTHORIZED if said is Verdict.AT_ONCE:
                self._keys.refresh(config.account, now)
            case Refusal.EXPIRED if self._adjusts_time:
                self._ahead = 0.0
        return said

    def _done(self, reader: Reader, shipment: Shipment) -> None:
        self._pending.pop(reader, None)
        self.bytes += shipment.end - reader.offset
        reader.offset = shipment.end

    def _give_up(self, key: str, reader: Reader, shipment: Shipment, why: str, now: float) -> None:
        """Lose the lines. Source: Sender.cpp, SEND_DATA_FAIL_ALARM is about nothing else."""
        text = f"{len(shipment.group.logs)} lines of {reader.path} are lost: {why}"
        self._in.alarms.ring(now, "SEND_DATA_FAIL_ALARM", key, text)
        file = (reader.path, reader.dev, reader.inode)
        entry = Entry(now, What.DISCARDED, key, *file, offset=reader.offset, until=shipment.end)
        self._in.journal.note(entry)
        self._done(reader, shipment)

    def _refused(self, key: str, answer: int, shipment: Shipment, now: float) -> None:
        """Say so in the log; only a quota is an alarm before lines are lost. Source: OnFail."""
        code = code_of(answer)
        text = f"the service answered {int(answer)} {code} to try {shipment.tries}"
        if sort_of(code) is Refusal.QUOTA:
            self._in.alarms.ring(now, "SEND_QUOTA_EXCEED_ALARM", key, text)
        else:
            self._in.alarms.warn(now, key, text)
