"""The reading half of an agent: places in files, kept per config, shipped in order."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sandbox.hosts import checkpoint, matching
from sandbox.hosts.checkpoint import Place
from sandbox.hosts.choices import Choices, is_out_of_sight
from sandbox.hosts.files import Found, Look, look
from sandbox.hosts.journal import Entry, What
from sandbox.hosts.reader import Moved, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.hosts.config import Config
    from sandbox.hosts.sender import Sender
    from sandbox.hosts.setting import Setting

ACTIVE_WITHIN = 120.0  # seconds; existed_file_active_timeout, EventDispatcher.cpp
ROTATED_FOR = 600.0  # seconds; logreader_filerotate_remove_interval, EventHandler.cpp

Queue = list[Reader]  # the readers of one name, oldest file first


class Collector:
    """Holds a queue of readers per (config key, host path) and moves them on round by round."""

    def __init__(
        self,
        setting: Setting,
        sender: Sender,
        acceptance: matching.Acceptance = matching.Acceptance(),  # noqa: B008 - frozen
    ) -> None:
        self._in = setting
        self._choices = Choices(setting, acceptance)
        self._sender = sender
        self._configs: dict[str, Config] = {}
        self._queues: dict[tuple[str, str], Queue] = {}
        self._idle: dict[tuple[str, int, int], float] = {}  # files not to be begun: modified when
        self._registering: set[str] = set()
        self._saved: list[Place] = []
        self._seen = Look()

    def recall(self) -> None:
        """Read the checkpoint of the agent's last life; its places wait for their configs."""
        self._saved = list(checkpoint.load(self._in.disk))

    def adopt(self, configs: dict[str, Config], now: float) -> None:
        """Work by these configs from now on: places that no config holds any more are deleted.

        Source: FileServer.cpp Pause and Resume (dump, then validate), EventDispatcher.cpp
        validateCheckpoint.
        """
        self._registering |= configs.keys() - self._configs.keys()
        before, self._configs = self._configs, configs
        self._choices.renew(configs.values())
        for key, path in list(self._queues):
            if key not in {config.key for config in self._choices.of(path, now).taken}:
                self._forget(before[key], path, now)
        self._idle = {seen: at for seen, at in self._idle.items() if seen[0] in configs}
        self._resume(now)
        self.dump()

    def round(self, accounts: frozenset[str], now: float) -> None:
        """Take files that are new to a config, then read and ship what was written."""
        seen = look(self._in.disk, self._configs.values(), now)
        for found in seen.files.values():
            with suppress(Moved):  # renamed while we look: seen anew in the next round
                self._take(found, now)
        self._registering.clear()
        self._seen = seen
        self._sender.send_left(accounts, now)
        for (key, _), queue in self._queues.items():
            with suppress(Moved):
                self._move_on(self._configs[key], queue, seen.files, accounts, now)

    def dump(self) -> None:
        """Write the checkpoint."""
        checkpoint.dump(self._in.disk, self.places())

    def places(self) -> Iterator[Place]:
        """Return how far each config has come in each file: shipped, not only read."""
        for (key, _), queue in self._queues.items():
            yield from (reader.place(key) for reader in queue)
        yield from self._saved  # no config was heard of yet, so they may all still be wanted

    def behind(self) -> int:
        """Return the bytes of held files that are not shipped yet, an unended line included."""
        held = 0
        for (key, _), queue in self._queues.items():
            for reader in queue:
                found = reader.find({})
                if found and not is_out_of_sight(self._configs[key], reader, found):
                    held += max(0, found.size - reader.offset)
        return held + self._sender.left_bytes()

    def next_due(self) -> float:
        """Return when something waits to be tried again or flushed, infinite if nothing does."""
        readers = (reader for queue in self._queues.values() for reader in queue)
        waits = (reader.waits_until for reader in readers)
        return min(self._sender.next_try(), min(waits, default=float("inf")))

    def _resume(self, now: float) -> None:
        """Give saved places back to their readers; one without its config or file is deleted."""
        places, self._saved = self._saved, []
        for place in places:
            reader = Reader(self._in.disk, place)
            found = reader.find({})
            config = self._configs.get(place.config)
            if not config or config.tail_all:  # tailExisted: LogFileReader.cpp InitReader
                continue
            if found and reader.sample_fits(found):
                self._join(place.config, reader, now)
                self._note(What.RESUMED, place.config, reader, now, found.size)

    def _take(self, found: Found, now: float) -> None:
        for config in self._choices.of(found.path, now).taken:
            self._attend(config, found, now)

    def _attend(self, config: Config, found: Found, now: float) -> None:
        """See to it that a chosen file has its reader, and that a shrunk one is noticed."""
        queue = self._queues.get((config.key, found.path), [])
        holder = self._holder(config, found, queue)
        if holder is None:
            self._begin(config, found, queue, now)
        elif not self._sender.holds(holder) and holder.meet_truncation(found):
            self._note(What.TRUNCATED, config.key, holder, now, found.size)

    def _holder(self, config: Config, found: Found, queue: Queue) -> Reader | None:
        """Return who reads the file already, perhaps under the name it had before."""
        if queue and queue[-1].is_of(found):
            return queue[-1]
        queues = (queue for (key, _), queue in self._queues.items() if key == config.key)
        return next((reader for queue in queues for reader in queue if reader.is_of(found)), None)

    def _begin(self, config: Config, found: Found, queue: Queue, now: float) -> None:
        """Open a file that this config has not read: from 0 after a rotation, else at its tail.

        Source: EventHandler.cpp CreateLogFileReaderPtr (a name that has readers already begins
        anew at 0), Handle (so does a file whose creation was seen), LogFileReader.cpp
        CheckForFirstOpen.
        """
        reader = Reader(self._in.disk, Place(config.key, found.path, found.dev, found.inode, 0))
        if self._idle.get((config.key, found.dev, found.inode)) == found.modified:
            return  # read to its end long ago, or never to be begun, and as it was
        if queue:
            self._note(What.ROTATED, config.key, reader, now, found.size)
        elif self._is_idle(config, found, now):
            return
        else:
            if config.key in self._registering or not self._seen.saw_no(found):
                reader.start_at_tail(found, config.tail_bytes, config.records)
            self._note(What.TAKEN, config.key, reader, now, found.size)
        self._join(config.key, reader, now)

    def _join(self, key: str, reader: Reader, now: float) -> None:
        """Put a reader at the end of its name's queue; the one before it reads a renamed file."""
        queue = self._queues.setdefault((key, reader.path), [])
        if queue:
            queue[-1].rotated_at = now
        queue.append(reader)

    def _is_idle(self, config: Config, found: Found, now: float) -> bool:
        """Say whether a file was old when its config came, or read to its end, and is as it was.

        A file is told by its inode: rotation gives old files new names. Source:
        EventDispatcher.cpp, AddExistedFileEvents (tailExisted takes old files too); help page:
        "historical" files.
        """
        if config.tail_all:
            return False
        seen = (config.key, found.dev, found.inode)
        age = now - found.modified
        if config.key in self._registering and age >= self._in.clock.real(ACTIVE_WITHIN):
            self._idle[seen] = found.modified
        return self._idle.get(seen) == found.modified

    def _move_on(
        self,
        config: Config,
        queue: Queue,
        files: dict[str, Found],
        accounts: frozenset[str],
        now: float,
    ) -> None:
        """Read a name's files oldest first; a newer one waits for the older one's end."""
        for reader in list(queue):
            found = reader.find(files)
            if found is None:
                if not self._sender.retry(config, reader, accounts, now):
                    return
                self._lose(config, queue, reader, now)
            elif not self._drain(config, reader, found, accounts, now):
                return
            elif self._is_over(reader, now):
                queue.remove(reader)
                self._idle[config.key, found.dev, found.inode] = found.modified

    def _drain(
        self,
        config: Config,
        reader: Reader,
        found: Found,
        accounts: frozenset[str],
        now: float,
    ) -> bool:
        """Read and ship a file to its end; True once it is reached."""
        if is_out_of_sight(config, reader, found):
            return True
        before = reader.offset
        if not self._sender.drain(config, reader, found, accounts, now):
            return False
        reader.passed = reader.rotated_at is not None
        if reader.passed and reader.offset > before:
            reader.rotated_at = now
        return True

    def _is_over(self, reader: Reader, now: float) -> bool:
        at = reader.rotated_at
        return at is not None and now - at >= self._in.clock.real(ROTATED_FOR)

    def _lose(self, config: Config, queue: Queue, reader: Reader, now: float) -> None:
        """Let go of a removed file. The name stays known, so a new file under it begins at 0."""
        reader.gone = True
        if reader is queue[-1]:
            return
        queue.remove(reader)
        self._note(What.LOST, config.key, reader, now, 0)

    def _forget(self, config: Config, path: str, now: float) -> None:
        for reader in self._queues.pop((config.key, path)):
            end = self._sender.leave(config, reader)
            self._note(What.LEFT, config.key, reader, now, 0, end)

    def _note(
        self,
        what: What,
        key: str,
        reader: Reader,
        now: float,
        size: int,
        offset: int | None = None,
    ) -> None:
        file = (reader.path, reader.dev, reader.inode)
        at = reader.offset if offset is None else offset
        self._in.journal.note(Entry(now, what, key, *file, size=size, offset=at))
