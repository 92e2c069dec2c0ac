"""The Hosts port for one move of one job: what hosts answer is kept, and much work is shared."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.crew import Crew, Owner, Reach, digest
from bot.errands import Answer, Errand
from bot.keeping import Keeping
from workflows.errors import ClaimLost
from workflows.model import HostResult
from workflows.ports import Command
from workflows.step import Grip
from workflows.steps.on_host.packing import pack

LOOK = 0.25  # seconds between two looks at batches that others have


@dataclass(frozen=True)
class DirectHosts:
    """ports.Hosts that keeps nothing, for whoever asks only once."""

    reach: Reach

    def run(self, commands: Mapping[str, Command], errand: str = "") -> tuple[HostResult, ...]:
        return self.reach.run(commands)

    def forget(self, errand: str) -> None:
        """Nothing was kept."""


@dataclass(frozen=True)
class SpreadHosts:
    """ports.Hosts for the job in `grip`, whose app is among the crew's fleets."""

    crew: Crew
    grip: Grip

    def run(self, commands: Mapping[str, Command], errand: str = "") -> tuple[HostResult, ...]:
        """As ports.Hosts.run. Raises ClaimLost, and StoreAway where Redis keeps no answer."""
        if not errand or not commands:
            return self._reach.run(commands)
        begun = self._begun(errand)
        self.crew.errands.begin(begun)
        self._alone_at_last(begun)
        asked = {host: digest(pack(command)) for host, command in commands.items()}
        known = self._answered(begun, asked)
        left = {host: command for host, command in commands.items() if host not in known}
        if len(left) > self.crew.size:
            known |= self._shared(begun, left, asked)
        elif left:
            known |= self._alone(begun, left, asked)
        return tuple(known[host] for host in commands)

    def _alone_at_last(self, errand: Errand) -> None:
        """Wait for whoever is still at hosts for what the job has left behind, a roll back say.

        They start nothing new once they know, and a second or a claim's length later nobody is.
        """
        while self.crew.errands.at_work(errand):
            self.grip.ours()
            threading.Event().wait(LOOK)

    def forget(self, errand: str) -> None:
        """As ports.Hosts.forget."""
        self.crew.errands.forget(self._begun(errand))

    @property
    def _reach(self) -> Reach:
        return self.crew.fleets[self.grip.job().app].reach

    def _begun(self, name: str) -> Errand:
        job = self.grip.job()
        errand = Errand(job.id, name, job.version, self.crew.errands.token(job))
        self.grip.ours()  # so that token is our own, and not of somebody who took over
        return errand

    def _answered(self, errand: Errand, asked: Mapping[str, str]) -> dict[str, HostResult]:
        known = self.crew.errands.kept(errand, asked)
        return {host: result for host, result in known.items() if result.ok}

    def _alone(
        self, errand: Errand, left: Mapping[str, Command], asked: Mapping[str, str]
    ) -> dict[str, HostResult]:
        errands = self.crew.errands

        def keep(results: Sequence[HostResult]) -> bool:
            answers = [Answer(asked[result.host], result) for result in results]
            return errands.keep(errand, answers)

        with Keeping(keep, errands.claim_seconds / 2, self.crew.every) as keeping:

            def ours() -> None:
                keeping.check()
                self.grip.ours()

            def heard(result: HostResult) -> None:
                keeping.heard(result)
                self.grip.ours()

            ours()
            results = self._reach.run(left, heard, ours)
        return {result.host: result for result in results}

    def _shared(
        self, errand: Errand, left: Mapping[str, Command], asked: Mapping[str, str]
    ) -> dict[str, HostResult]:
        errands = self.crew.errands
        parts = ({name: pack(left[name]) for name in part} for part in _parts(left, self.crew.size))
        call = errands.cut(errand, self.grip.job().app, parts)
        self._worked_off(errand, call, len(left))
        known = errands.kept(errand, {host: asked[host] for host in left})
        return {host: known.get(host) or _unread(host) for host in left}

    def _worked_off(self, errand: Errand, call: str, every: int) -> None:
        def told(heard: int) -> None:
            self.grip.say(f"{min(heard, every):,} of {every:,} hosts")

        owner = Owner(call, told, self.grip.ours)
        while True:
            self.grip.ours()
            standing = self.crew.help(errand, owner=owner)
            match standing.word:
                case "over":
                    return
                case "gone":
                    raise ClaimLost(f"sharing {errand}: the job went on without this worker")
                case "busy":
                    told(standing.heard)
                    threading.Event().wait(LOOK)


def _parts(hosts: Mapping[str, Command], size: int) -> Iterator[Sequence[str]]:
    """As few as may be, and even."""
    names, count = tuple(hosts), -(-len(hosts) // size)
    for number in range(count):
        yield names[len(names) * number // count : len(names) * (number + 1) // count]


def _unread(host: str) -> HostResult:
    said = (
        f"reading what {host} answered to another worker: it cannot be opened; "
        "give all workers the same snapshot keys"
    )
    return HostResult(host, ok=False, said=said)
