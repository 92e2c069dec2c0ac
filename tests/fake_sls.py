"""One project of the log service in memory, trusted through the contract test that it shares."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.fake_scan import Tape
from workflows.collection.forms import Form, form_of
from workflows.collection.found import Reader
from workflows.errors import NotYet, StepFailed
from workflows.model import Facts
from workflows.ports import Copying, Lines, Machine, Page, Project, Scanned

if TYPE_CHECKING:
    from tests.fakes import FakeClock

DAY, AHEAD = 86_400, 900  # seconds
LOGSTORE_MISSING = "LogStoreNotExist"
GROUPS = 2  # in one page


@dataclass
class FakeSls:
    """One project. `journal` has every call that changed something, in order.

    `lines` are only counted, by the second of their own time, and `by_address` says whose they are;
    `held` are whole, as pulled and put. What is put is counted too.
    """

    owner: str
    clock: FakeClock
    region: str = "cn-hangzhou"

    def __post_init__(self) -> None:
        self.logstore_bodies: dict[str, Facts] = {}
        self.indexes: dict[str, Facts] = {}
        self.config_bodies: dict[str, Facts] = {}  # of both forms
        self.groups: dict[str, Facts] = {}
        self.bound: set[tuple[str, str]] = set()
        self.beats: dict[str, tuple[Machine, ...]] = {}
        self.lines: dict[str, Counter[int]] = defaultdict(Counter)
        self.by_address: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
        self.held: dict[str, list[Lines]] = defaultdict(list)
        self.answers: Callable[[str, int, int, str], tuple[Mapping[str, str], ...]] | None = None
        self.copies: dict[str, Copying] = {}
        self.reading: dict[str, tuple[Reader, ...]] = {}  # by logstore
        self.journal: list[str] = []

    def project(self) -> Project:
        return Project(self.owner, self.region)

    def logstore(self, name: str) -> Facts | None:
        return self.logstore_bodies.get(name)

    def logstores(self) -> tuple[str, ...]:
        return tuple(sorted(self.logstore_bodies))

    def create_logstore(self, body: Facts) -> None:
        self._make(self.logstore_bodies, body["logstoreName"], body, "logstore")

    def delete_logstore(self, name: str) -> None:
        self._drop(self.logstore_bodies, name, "logstore")
        for shelf in (self.indexes, self.lines, self.by_address, self.held):
            shelf.pop(name, None)  # type: ignore[attr-defined]

    def index(self, logstore: str) -> Facts | None:
        return self.indexes.get(logstore)

    def create_index(self, logstore: str, body: Facts) -> None:
        self._need(self.logstore_bodies, logstore, LOGSTORE_MISSING)
        self._make(self.indexes, logstore, body, "index")

    def delete_index(self, logstore: str) -> None:
        self._drop(self.indexes, logstore, "index")

    def config(self, name: str, form: Form = Form.CLASSIC) -> Facts | None:
        found = self.config_bodies.get(name)
        return None if found is None or form_of(found) is not form else found

    def create_config(self, body: Facts) -> None:
        self._make(self.config_bodies, body["configName"], body, "config")

    def delete_config(self, name: str, form: Form = Form.CLASSIC) -> None:
        if self.config(name, form) is None:
            return
        self.bound = {(config, group) for config, group in self.bound if config != name}
        self._drop(self.config_bodies, name, "config")

    def configs(self, logstore: str = "") -> tuple[tuple[str, Form], ...]:
        found = [
            (name, form_of(body))
            for name, body in self.config_bodies.items()
            if logstore in {"", _fed_by(body)}
        ]
        return tuple(sorted(found, key=lambda one: (one[1], one[0])))

    def machine_group(self, name: str) -> Facts | None:
        return self.groups.get(name)

    def machine_groups(self) -> tuple[str, ...]:
        return tuple(sorted(self.groups))

    def create_machine_group(self, body: Facts) -> None:
        self._make(self.groups, body["groupName"], body, "group")

    def delete_machine_group(self, name: str) -> None:
        self.bound = {(config, group) for config, group in self.bound if group != name}
        self._drop(self.groups, name, "group")

    def machines(self, group: str) -> tuple[Machine, ...]:
        self._need(self.groups, group, "MachineGroupNotExist")
        return self.beats.get(group, ())

    def apply(self, config: str, group: str) -> None:
        self._need(self.config_bodies, config, "ConfigNotExist")
        self._need(self.groups, group, "MachineGroupNotExist")
        if (config, group) not in self.bound:
            self.journal.append(f"apply {config} {group}")
        self.bound.add((config, group))

    def remove(self, config: str, group: str) -> None:
        if (config, group) in self.bound:
            self.journal.append(f"remove {config} {group}")
        self.bound.discard((config, group))

    def groups_of(self, config: str) -> tuple[str, ...]:
        return tuple(sorted(group for bound, group in self.bound if bound == config))

    def configs_of(self, group: str) -> tuple[str, ...]:
        return tuple(sorted(config for config, bound in self.bound if bound == group))

    def shards(self, logstore: str) -> int:
        self._need(self.logstore_bodies, logstore, LOGSTORE_MISSING)
        return int(self.logstore_bodies[logstore].get("shardCount", 2))

    def readers(self, logstore: str, kind: str = "") -> tuple[Reader, ...]:
        found = self.reading.get(logstore, ())
        return tuple(reader for reader in found if kind in {"", reader.kind})

    def holds_lines(self, logstore: str) -> bool:
        self._need(self.logstore_bodies, logstore, LOGSTORE_MISSING)
        return self.lines[logstore].total() > 0

    def count(self, logstore: str, start: int, end: int) -> int:
        self._need(self.logstore_bodies, logstore, LOGSTORE_MISSING)
        self._need(self.indexes, logstore, "IndexConfigNotExist")
        if start <= self.clock.now() < end and end - start < DAY:
            raise NotYet("the count is not complete")
        return sum(n for second, n in self.lines[logstore].items() if start <= second < end)

    def pull(self, logstore: str, start: int, end: int) -> Iterator[Lines]:
        self._need(self.logstore_bodies, logstore, LOGSTORE_MISSING)
        yield from [one for one in self.held[logstore] if start <= one.received < end]

    def pages(
        self, logstore: str, start: int, end: int, after: Mapping[int, str] | None = None
    ) -> Iterator[Page]:
        """One shard; a cursor is the number of the next group."""
        self._need(self.logstore_bodies, logstore, LOGSTORE_MISSING)
        first = int((after or {}).get(0, "0"))
        there = list(enumerate(self.held[logstore]))[first:]
        inside = [pair for pair in there if start <= pair[1].received < end]
        for at in range(0, len(inside), GROUPS):
            part = inside[at : at + GROUPS]
            ends = str(part[0][0]), str(part[-1][0] + 1)
            yield Page(0, *ends, tuple(one for _, one in part))

    def between(self, logstore: str, shard: int, begin: str, after: str) -> Iterator[Lines]:
        yield from self.held[logstore][int(begin) : int(after)]

    def ship(self, logstore: str, second: int, address: str, number: int) -> None:
        """So many lines of one agent, which are only counted."""
        self.lines[logstore][second] += number
        self.by_address[logstore][second, address] += number

    def scan(
        self,
        logstore: str,
        start: int,
        end: int,
        *,
        minute: int = 60,
        after: Mapping[int, str] | None = None,
        exact: bool = False,
    ) -> Iterator[Scanned]:
        """Always exact: there is no wire."""
        self._need(self.logstore_bodies, logstore, LOGSTORE_MISSING)
        tape = Tape(self.lines[logstore], self.by_address[logstore], self.held[logstore])
        yield from tape.pages(max(start, int((after or {}).get(0, "0"))), end, minute)

    def ask(self, logstore: str, start: int, end: int, query: str) -> tuple[Mapping[str, str], ...]:
        """As `answers` says; there is no SQL here."""
        self._need(self.logstore_bodies, logstore, LOGSTORE_MISSING)
        self._need(self.indexes, logstore, "IndexConfigNotExist")
        if self.answers is None:
            raise StepFailed("the fake has no SQL", "Give it `answers`.")
        return self.answers(logstore, start, end, query)

    def copying(self, name: str) -> Copying | None:
        return self.copies.get(name)

    def create_copying(self, body: Facts) -> None:
        if body["name"] not in self.copies:
            self.copies[body["name"]] = Copying(body["name"], "RUNNING", body)
            self.journal.append(f"create copying {body['name']}")

    def start_copying(self, name: str) -> None:
        self._turn(name, "RUNNING", "start")

    def stop_copying(self, name: str) -> None:
        self._turn(name, "STOPPED", "stop")

    def _turn(self, name: str, status: str, what: str) -> None:
        if name not in self.copies:
            raise NotYet(f"JobNotExist: {name}")
        self.copies[name] = replace(self.copies[name], status=status)
        self.journal.append(f"{what} copying {name}")

    def delete_copying(self, name: str) -> None:
        if self.copies.pop(name, None) is not None:
            self.journal.append(f"delete copying {name}")

    def put(self, logstore: str, lines: Lines) -> None:
        self._need(self.logstore_bodies, logstore, LOGSTORE_MISSING)
        if not lines.lines:
            return
        now = self.clock.now()
        times = [line.time for line in lines.lines]
        if min(times) < now - 7 * DAY or max(times) > now + AHEAD:
            text = f"writing lines into logstore {logstore}: PostBodyInvalid: out of range"
            raise StepFailed(text, "Lines older than 7 days cannot be written any more.")
        self.arrive(logstore, replace(lines, received=int(now)))
        self.journal.append(f"put {len(lines.lines)} lines {logstore}")

    def arrive(self, logstore: str, lines: Lines) -> None:
        """Lines come from an agent, received when they say."""
        self.held[logstore].append(lines)
        self.lines[logstore].update(line.time for line in lines.lines)

    def _make(self, shelf: dict[str, Facts], name: str, body: Facts, what: str) -> None:
        if name in shelf:
            return
        now = int(self.clock.now())
        shelf[name] = {**body, "createTime": now, "lastModifyTime": now}
        self.journal.append(f"create {what} {name}")

    def _drop(self, shelf: dict[str, Facts], name: str, what: str) -> None:
        if shelf.pop(name, None) is not None:
            self.journal.append(f"delete {what} {name}")

    def _need(self, shelf: dict[str, Facts], name: str, code: str) -> None:
        if name not in shelf:
            raise NotYet(f"{code}: {name}")

    def snapshot(self) -> Any:
        """Everything but what the service stamps by itself."""
        stamps = {"createTime", "lastModifyTime"}

        def bare(shelf: dict[str, Facts]) -> Any:
            return {n: {k: v for k, v in b.items() if k not in stamps} for n, b in shelf.items()}

        shelves = (self.logstore_bodies, self.indexes, self.config_bodies, self.groups)
        return [bare(shelf) for shelf in shelves], sorted(self.bound)


def _fed_by(body: Facts) -> str:
    """The logstore that a config of either form writes into."""
    if form_of(body) is Form.PIPELINE:
        return str(body["flushers"][0].get("Logstore", ""))
    return str(body.get("outputDetail", {}).get("logstoreName", ""))
