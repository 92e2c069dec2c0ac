"""Batches of host work: each worker takes what is due, for whichever job it is."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.errands import Answer, Batch, Errand, Errands, Packed, Standing
from bot.keeping import EVERY, Keeping
from workflows.apps import Host
from workflows.errors import ClaimLost, JobError, StoreAway
from workflows.model import HostResult
from workflows.ports import Command
from workflows.steps.on_host.packing import unpack

BATCH = 200  # hosts; more are shared with other workers
HANDS = 3  # batches at a time: while one waits for its last hosts, the next begins

log = structlog.get_logger()


class Reach(Protocol):
    """What really reaches hosts, see bot/ssh.py; `ours` is asked before each script is sent."""

    def run(
        self,
        commands: Mapping[str, Command],
        heard: Callable[[HostResult], None] = ...,
        ours: Callable[[], None] = ...,
    ) -> tuple[HostResult, ...]: ...


@dataclass(frozen=True)
class Fleet:
    """The hosts of one app as this worker's settings have them."""

    reach: Reach
    host: Callable[[str], Host | None]


@dataclass(frozen=True)
class Owner:
    """What the job's own worker adds to the work on its batches."""

    call: str = ""  # that cut them
    told: Callable[[int], None] = lambda heard: None  # hosts heard in all batches
    ours: Callable[[], None] = lambda: None  # raises ClaimLost


@dataclass
class Crew:
    """This process's part in the host work of all jobs."""

    errands: Errands
    fleets: Mapping[str, Fleet]  # by app
    size: int = BATCH  # hosts in a batch
    every: float = EVERY  # seconds between two writes of what hosts answered
    ending: Callable[[], bool] = lambda: False
    roomy: Callable[[], bool] = lambda: True  # whether this process could ask more hosts

    def __post_init__(self) -> None:
        self._hands = threading.Semaphore(HANDS)

    def look(self, batch_id: str) -> None:
        """Work on that errand's batches until none is free. Never raises: what broke stays due."""
        errand, met = Errand.of(batch_id)
        with structlog.contextvars.bound_contextvars(job=errand.job, errand=errand.name):
            try:
                while not self.ending() and self.help(errand, met).word == "taken":
                    pass
            except StoreAway as error:  # the claim runs out, and the batch is due again
                log.warning("looking at a batch", error=str(error))
            except Exception:
                log.exception("looking at a batch")

    def help(self, errand: Errand, met: str = "", owner: Owner = Owner()) -> Standing:
        """Take one batch, if one is free and there is room for it, and work it off."""
        hand = self._hands.acquire(blocking=False)
        try:
            asked = time.monotonic()
            look = not (hand and self.roomy())
            standing = self.errands.take(errand, met, owner.call, look=look)
            if standing.batch is not None:
                self._work(standing.batch, owner, asked)
            return standing
        finally:
            if hand:
                self._hands.release()

    def _work(self, batch: Batch, owner: Owner, since: float) -> None:
        commands = {host: digest(packed) for host, packed in batch.commands.items()}
        known = self.errands.kept(batch.errand, commands)
        left = [host for host in commands if host not in known or not known[host].ok]
        heard = len(commands) - len(left)
        log.info("working on a batch", batch=batch.number, hosts=len(left))

        def keep(results: Sequence[HostResult]) -> bool:
            nonlocal heard
            answers = [Answer(commands[result.host], result) for result in results]
            every = self.errands.keep_batch(batch, heard + len(results), answers)
            if every is not None:
                heard += len(results)
                owner.told(every)
            return every is not None

        try:
            with Keeping(keep, self.errands.claim_seconds / 2, self.every, since) as keeping:

                def ours() -> None:
                    owner.ours()
                    keeping.check()

                ours()
                self._ask(batch, left, keeping, ours)
        except ClaimLost as lost:
            log.info("leaving a batch", batch=batch.number, why=str(lost))
            self.errands.leave_batch(batch)
        else:
            self.errands.end_batch(batch)

    def _ask(
        self, batch: Batch, left: Sequence[str], keeping: Keeping, ours: Callable[[], None]
    ) -> None:
        commands: dict[str, Command] = {}
        for name in left:
            command = self._command(batch, name)
            if isinstance(command, HostResult):
                keeping.heard(command)
            else:
                commands[name] = command
        if commands:
            run_all(self.fleets[batch.app].reach, commands, keeping.heard, ours)

    def _command(self, batch: Batch, name: str) -> Command | HostResult:
        """What to run there, or the answer in place of the host's own."""
        fleet = self.fleets.get(batch.app)
        if fleet is None:
            return _lacking(name, f"app {batch.app}")
        host = fleet.host(name)
        if host is None:
            return _lacking(name, f"host {name} of app {batch.app}")
        try:
            return unpack(batch.commands[name], host)
        except (JobError, ValueError, TypeError, KeyError) as error:
            said = f"reading what to do on {name}: {error}; do all workers run one version?"
            return HostResult(name, ok=False, said=said)


def run_all(
    reach: Reach,
    commands: Mapping[str, Command],
    heard: Callable[[HostResult], None],
    ours: Callable[[], None],
) -> None:
    """Each host is heard, also where an error that nobody foresaw ends the run."""
    left = dict.fromkeys(commands)

    def hear(result: HostResult) -> None:
        heard(result)
        left.pop(result.host, None)

    try:
        reach.run(commands, hear, ours)
    except (ClaimLost, StoreAway):
        raise
    except Exception:
        ref = uuid.uuid4().hex[:6]
        log.exception("asking hosts", ref=ref)
        said = f"an error that was not foreseen, {ref} in the worker's log"
        for name in left:
            heard(HostResult(name, ok=False, said=said))


def digest(packed: Packed) -> str:
    """The same for the same command, in every process."""
    return hashlib.sha256(json.dumps(packed, sort_keys=True).encode()).hexdigest()[:16]


def _lacking(name: str, what: str) -> HostResult:
    said = f"looking for {name}: the settings of one worker have no {what}; give all the same"
    return HostResult(name, ok=False, said=said)
