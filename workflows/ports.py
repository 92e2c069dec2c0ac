"""The world as the workflow sees it. bot/ has the real ones, tests/fakes.py the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from workflows.collection.forms import Form
from workflows.collection.found import Reader
from workflows.model import Claim, Event, Facts, HostResult, Job
from workflows.proof.cells import Cells, Place


class Store(Protocol):
    """Jobs, their events, their claims and what is due. Every call may raise StoreAway."""

    def create(self, job: Job, event: Event) -> None:
        """Save a new job, due now; a MOVE also locks its app. Raises Locked, writes nothing then."""

    def load(self, job_id: str) -> Job:
        """Raises UnknownJob."""

    def claim(self, job_id: str) -> Claim | None:
        """Take the job for one claim length; None if somebody has it or it is gone."""

    def renew(self, claim: Claim) -> bool:
        """Prolong the claim by one length; False if it is no longer ours."""

    def commit(self, claim: Claim, job: Job, *events: Event) -> Claim:
        """Save job and events if claim and version still hold (else ClaimLost or Conflict).

        A job that ends gives up its app's lock in the same write.
        """

    def release(self, claim: Claim, seconds: float | None) -> bool:
        """Give the claim back; due again in `seconds`, at once if others changed it, None: never.

        True if others did: a person's click that came meanwhile should not wait for a hint.
        """

    def amend(self, job: Job, *events: Event) -> Job:
        """Save what a person asked for if the version still holds (else Conflict), due now.

        Needs no claim and takes none away: the worker that holds one finds out at its commit.
        """

    def note(self, job: Job, *events: Event) -> Job:
        """Save what was seen while nobody moves the job; it is neither due by that nor locked.

        Raises Conflict where its version does not hold any more or somebody has it.
        """

    def due(self, limit: int = 100) -> tuple[str, ...]:
        """Ids to look at now; each is put off by one hint length so that it is not hinted twice."""

    def jobs(self, limit: int = 100) -> tuple[Job, ...]:
        """The newest jobs first."""

    def holder(self, app: str) -> str | None:
        """Id of the job that holds the app's lock."""

    def link(self, job_id: str) -> str:
        """Where the job's message stands, or "" while it has none."""


class Queue(Protocol):
    def hint(self, job_id: str) -> None:
        """Say "look at this one" to some worker. May be lost or doubled; never raises."""


class Notifier(Protocol):
    def show(self, job_id: str) -> None:
        """The job has changed: draw it soon. Never raises; the next one heals a lost one."""


class Command(Protocol):
    """A shell command as a value: `script` is what /bin/sh runs, printed nowhere."""

    @property
    def script(self) -> str: ...


class Hosts(Protocol):
    def run(self, commands: Mapping[str, Command], errand: str = "") -> tuple[HostResult, ...]:
        """Run one command per host name, all hosts side by side; one result per host, in order.

        Never raises for a host: one that refuses, times out or exits non-zero has ok=False and a
        sentence in `said`. `said` is the standard output where ok.

        With an `errand`, a name within the job's step, each host's result is kept as it comes, and
        a run under the same name asks only the hosts that have not answered well yet: so a worker
        that dies leaves no more than the rest to do. Raises ClaimLost where the job went on without
        this worker.
        """

    def forget(self, errand: str) -> None:
        """The errand is over: what was kept of it does not count any more."""


@dataclass(frozen=True)
class Machine:
    """One line of ListMachines; only machines with a heartbeat are listed."""

    ip: str
    unique_id: str
    heartbeat: float  # seconds since the epoch


@dataclass(frozen=True)
class Project:
    owner: str  # main account id
    region: str


@dataclass(frozen=True)
class Line:
    """One log line: its own time in seconds since the epoch, and its fields in their order."""

    time: int
    fields: tuple[tuple[str, str], ...]
    nanos: int | None = None  # where the line has finer time


@dataclass(frozen=True)
class Lines:
    """Lines that were written together and share topic, source and tags (`__hostname__`, …)."""

    lines: tuple[Line, ...]
    topic: str = ""
    source: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    received: int = 0  # by the service, seconds since the epoch; 0 where it does not say


@dataclass(frozen=True)
class Scanned:
    """A part of one shard, summed up; `after` is the cursor to go on from.

    Marks are of the lines as they lie on the wire: two agents of one kind write the same bytes.
    `exact` scans take the fields in their sorted order, for sides that do not.
    """

    shard: int
    after: str
    cells: Cells
    received: int = 0  # by the service, the newest group in it; seconds since the epoch
    late: tuple[Place, ...] = ()  # with lines received long after their own time
    begun: Mapping[tuple[str, str], int] = field(default_factory=dict)  # host, file: first receipt
    newest: Mapping[str, int] = field(
        default_factory=dict
    )  # by host, where groups tell: last receipt


@dataclass(frozen=True)
class Page:
    """A part of one shard, as it was received; it lies between two cursors."""

    shard: int
    begin: str
    after: str  # to go on from
    lines: tuple[Lines, ...]


@dataclass(frozen=True)
class Copying:
    """A job in the source's account that copies lines into the target, as the service tells it."""

    name: str
    status: str  # STARTING RUNNING STOPPING STOPPED SUCCEEDED FAILED
    body: Facts


class Sls(Protocol):
    """One project of one account. Bodies are the service's raw JSON.

    Getters answer None for "does not exist". Raises Unavailable (5xx, no answer), Denied (401 and
    403, naming the action), StepFailed (everything else).
    """

    def project(self) -> Project: ...
    def logstore(self, name: str) -> Facts | None: ...
    def create_logstore(self, body: Facts) -> None:
        """An answer of AlreadyExist is not an error: the caller reads back and compares."""

    def delete_logstore(self, name: str) -> None:
        """Gone before is fine."""

    def index(self, logstore: str) -> Facts | None: ...
    def create_index(self, logstore: str, body: Facts) -> None: ...
    def delete_index(self, logstore: str) -> None: ...
    def config(self, name: str, form: Form = Form.CLASSIC) -> Facts | None:
        """None too where there is one of that name in the other form."""

    def create_config(self, body: Facts) -> None:
        """Of the form that its shape tells (`form_of`)."""

    def delete_config(self, name: str, form: Form = Form.CLASSIC) -> None: ...
    def configs(self, logstore: str = "") -> tuple[tuple[str, Form], ...]:
        """Names of the configs that feed the logstore, or of all; both lists, by form and name."""

    def machine_groups(self) -> tuple[str, ...]:
        """Names of all in the project."""

    def logstores(self) -> tuple[str, ...]:
        """Names of all in the project."""

    def shards(self, logstore: str) -> int:
        """How many of its shards take lines."""

    def readers(self, logstore: str, kind: str = "") -> tuple[Reader, ...]:
        """What reads the logstore, of one of `KINDS` or of all; each kind may be Denied by itself."""

    def machine_group(self, name: str) -> Facts | None: ...
    def create_machine_group(self, body: Facts) -> None: ...
    def delete_machine_group(self, name: str) -> None: ...
    def machines(self, group: str) -> tuple[Machine, ...]: ...
    def apply(self, config: str, group: str) -> None: ...
    def remove(self, config: str, group: str) -> None:
        """Not applied before is fine."""

    def groups_of(self, config: str) -> tuple[str, ...]:
        """Machine groups the config is applied to; () if there is no such config."""

    def configs_of(self, group: str) -> tuple[str, ...]:
        """Configs applied to the group; () if there is no such group."""

    def pull(self, logstore: str, start: int, end: int) -> Iterator[Lines]:
        """Whatever the service received in [start, end), shard by shard; needs no index."""

    def pages(
        self, logstore: str, start: int, end: int, after: Mapping[int, str] | None = None
    ) -> Iterator[Page]:
        """As `pull`, with cursors to go on from; `after` has those, by shard."""

    def between(self, logstore: str, shard: int, begin: str, after: str) -> Iterator[Lines]:
        """What lies between two cursors of a shard, and nothing else, whatever came since."""

    def put(self, logstore: str, lines: Lines) -> None:
        """Write them as they are. Raises StepFailed for lines that are too old to be taken.

        Tried once: after Unavailable it is open whether they, or the first of them, are written.
        """

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
        """As `pull`, but summed up page by page; `after` has cursors to go on from, by shard.

        `minute` is the span of a place, in seconds. Holds one page at a time.
        """

    def ask(self, logstore: str, start: int, end: int, query: str) -> tuple[Mapping[str, str], ...]:
        """What `<search> | <SQL>` says of lines by their own time. NotYet while it is partial."""

    def copying(self, name: str) -> Copying | None: ...
    def create_copying(self, body: Facts) -> None:
        """It starts at once. AlreadyExist is not an error."""

    def start_copying(self, name: str) -> None: ...
    def stop_copying(self, name: str) -> None: ...
    def delete_copying(self, name: str) -> None:
        """Gone before is fine."""

    def holds_lines(self, logstore: str) -> bool:
        """Whether any line is in it, searchable yet or not."""

    def count(self, logstore: str, start: int, end: int) -> int:
        """Lines with start <= __time__ < end. Raises NotYet while the service's answer is partial."""


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since the epoch."""
