"""What alice does in the channel: start, Retry while hosts flake, leave out who stays dead."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.store import RedisStore
from sandbox.channel import buttons
from sandbox.hosts.illness import Illness
from sandbox.product import Product
from sandbox.slack.control import ControlRefusedError
from sandbox.world import APP, SOURCE, World
from workflows.model import Job, JobState, RecordState

GIVEN_UP = 3  # stops in a row after which a host counts as dead
OLD = 6.0  # seconds after which a heartbeat is none any more; the world's `fresh` is 5
LOOK = 0.1  # seconds between two looks
AGAIN = 5.0  # seconds after which a press that came to nothing is made once more
OVER = {RecordState.DONE, RecordState.ALREADY}


@dataclass
class Alice:
    """Reads the job as the store has it, and acts in Slack alone."""

    world: World
    product: Product
    store: RedisStore
    deadline: float  # monotonic
    job: str = ""
    retries: int = 0
    left_out: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    looked: Callable[[Job], None] = lambda job: None

    def __post_init__(self) -> None:
        self.control = self.world.control
        self.began = time.monotonic()
        self._failed: Counter[str] = Counter()

    def starts(self) -> None:
        self.waits(lambda: self.control.state()["connections"], "the bot to connect")
        self._types("alice", f"start {APP}")
        self.job = self.store.holder(APP) or ""

    def gets_done(self, name: str) -> None:
        """See the job through to the end of that row."""
        self._lead(lambda job: job.record(name).state in OVER, f"{name} to be done")

    def rolls_back(self) -> None:
        self._types("bob", f"rollback {APP}")
        self._lead(lambda job: job.state is JobState.UNDONE, "all to be rolled back")

    def waits(self, true: Callable[[], object], what: str) -> None:
        while not true():
            if died := self.product.died():
                raise ChildProcessError(died)
            if time.monotonic() > self.deadline:
                raise TimeoutError("\n".join([f"waiting for {what}", *self.said]))
            threading.Event().wait(LOOK)

    def _lead(self, over: Callable[[Job], bool], what: str) -> None:
        def done() -> bool:
            job = self.store.load(self.job)
            self.looked(job)
            if job.state is JobState.STOPPED and not over(job):
                self._puts_right(job)
            return over(job)

        self.waits(done, what)

    def _puts_right(self, job: Job) -> None:
        self.note(f"stopped: {job.reason}")
        failing = {host.host for record in job.records for host in record.hosts if not host.ok}
        self._failed = Counter({name: self._failed[name] + 1 for name in failing})
        dead = sorted(name for name, times in self._failed.items() if times >= GIVEN_UP)
        if dead and job.state is not JobState.UNDOING:
            self._leaves_out(dead)
        self._presses_retry()

    def _leaves_out(self, names: list[str]) -> None:
        """Their agents end first: whoever still collects would be collected by nobody."""
        for name in names:
            self.world.fleet.afflict(name, Illness.AGENT_STOPPED)
        ips = {self.world.fleet.machines[name].ip for name in names}
        self.waits(lambda: not ips & self._heard_of(), f"{', '.join(names)} to fall silent")
        self._types("alice", f"without {APP} {','.join(names)}")
        self.left_out += names

    def _heard_of(self) -> set[str]:
        sls, found, now = self.world.client("source"), set(), time.time()
        for start in range(0, self.world.shape.hosts, 100):
            page = sls.list_machines(SOURCE["project"], SOURCE["machine_group"], start, 100)
            found |= {one.ip for one in page.get_machines() if now - one.heartbeat_time < OLD}
        return found

    def _presses_retry(self) -> None:
        """Once the channel has the button, and again where nothing came of it."""
        version, at = self.store.load(self.job).version, -AGAIN

        def gone_on() -> bool:
            nonlocal at
            if self.store.load(self.job).version != version:
                return True
            if time.monotonic() - at > AGAIN and self._presses("retry"):
                at = time.monotonic()
            return False

        self.waits(gone_on, "the job to go on")
        self.retries += 1

    def _presses(self, action: str) -> bool:
        root = self.control.messages()[-1]
        try:
            return action in buttons(root) and self.control.press("alice", root["ts"], action)["ok"]
        except ControlRefusedError:  # the message has changed meanwhile
            return False

    def _types(self, who: str, text: str) -> None:
        answer = self.control.command(who, f"/logmigrate {text}")
        self.note(f"{who} types {text}: {' '.join(answer['ephemerals'])}")

    def note(self, what: str) -> None:
        self.said.append(f"{time.monotonic() - self.began:6.1f} s  {what}")
